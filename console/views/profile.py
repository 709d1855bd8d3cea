"""Profile: whom should leads resemble, and what would another profile change?"""

from __future__ import annotations

import base64
from typing import Any, cast

import streamlit as st

from console.address import choice
from console.api import (
    Answered,
    Api,
    PortalAccess,
    Profiles,
    Progress,
    Unmatched,
    Upload,
)
from console.client import ApiError
from console.notices import refused
from console.tables import counted, csv_of, safe, table, when
from console.views import questions
from console.views.changes import draw_change
from console.views.progress import bar

UPLOAD_MAX = 900_000  # characters, as the API takes them
VERSION_COLUMNS = {
    "version": "Version",
    "state": "State",
    "clients": "Ideal clients",
    "source": "From",
    "made_by": "By",
    "made": "When",
}
CLIENT_COLUMNS = {
    "client_id": "Id",
    "name": "Name",
    "industry": "Industry",
    "company_size": "Company size",
    "revenue_range": "Revenue",
    "location": "Region",
    "technologies": "Technology",
    "budget_range": "Budget",
}
CRITERION_COLUMNS = {
    "field": "Field",
    "value": "Value",
    "lift": "Times as often won",
    "low": "at least",
    "won": "Won",
    "leads": "Leads",
}
EXAMPLE = tuple(
    dict(
        zip(
            (
                "Industry",
                "Company size",
                "Revenue range",
                "Geographic location",
                "Technology stack",
                "Budget range",
            ),
            row,
            strict=True,
        )
    )
    for row in (
        ("Logistics and Supply Chain", "201-500", "$10M-$50M", "Germany", "AWS; SAP", "$10K-$50K"),
        ("Machinery", "51-200", "$1M-$10M", "United States", "HubSpot; Shopify", "$10K-$50K"),
        ("Computer Software", "11-50", "$1M-$10M", "United Kingdom", "Google Cloud", "Under $10K"),
    )
)
ONE = st.column_config.NumberColumn(format="%.1f")
RESCORING = ("population", "backfill")


def draw(client: Api, portal: PortalAccess) -> None:
    """The profile in use, a way to a better one, and what that would change."""
    st.title("Ideal client profile")
    found = client.list_profiles()
    answers = questions.newest(client)
    may_edit = "edit_profile" in portal["permissions"]
    _look_at(st.session_state.pop("profile_look_at", 0))
    _rescoring(client)
    if found["active"]:
        active = next(v for v in found["versions"] if v["version"] == found["active"])
        st.markdown(
            f"**Profile {active['version']} is in use:** "
            f"{counted(active['clients'], 'ideal client')} from {safe(active['source'])}."
        )
    else:
        todo = "preview and activate one" if found["versions"] else "upload your ideal clients"
        st.info(f"No profile is in use: {todo} below.")
    if may_edit:
        _upload(client, found["columns"], wanted=not found["versions"])
    if found["versions"]:
        _versions(client, found, answers["profile_preview"], may_edit)
    _suggestions(client, answers["suggest"], may_edit)


def _rescoring(client: Api) -> None:
    """The bar of leads being scored again, until they are."""
    if not _runs(client):
        return

    @st.fragment(run_every=1.0)
    def watched() -> None:
        runs = _runs(client)
        if not runs:
            st.rerun(scope="app")
        for run in runs:
            bar(run)

    watched()


def _runs(client: Api) -> list[Progress]:
    running = client.read_overview()["running"]
    return [run for run in running if run["kind"] in RESCORING]


def _upload(client: Api, columns: list[str], *, wanted: bool) -> None:
    st.download_button(
        "Download an example file",
        csv_of(EXAMPLE, {column: column for column in columns}),
        file_name="ideal-clients-example.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    # in a form the button waits for a file that is still on its way; outside, the last one is taken
    opened = st.expander("Upload a CSV or Excel file", expanded=wanted)
    with opened, st.form("upload", border=False):
        st.caption(
            f"Columns: {', '.join(columns)}; Name, Id, Tags and Description are optional. A file "
            "over 650 kB goes in with `flask profiles import` on the server."
        )
        file = st.file_uploader(
            "File", type=["csv", "txt", "tsv", "xlsx"], key="profile_file", max_upload_size=1
        )
        skip = st.checkbox("Store the good rows although others are wrong", key="profile_skip")
        if st.form_submit_button("Check and store as a draft", type="primary"):
            if file is None:
                st.error("Choose a file first.")
            else:
                _store(client, file.name, file.getvalue(), skip)
    told = st.session_state.get("profile_told")
    if told and told["unmatched"] and "profile_asked" in st.session_state:
        _ask_columns(client, told["unmatched"])
    elif told:
        _told(told)


def _ask_columns(client: Api, unmatched: Unmatched) -> None:
    """Which column is which, with its first values beside it; remembered for the next file."""
    titles = [column["title"] for column in unmatched["columns"]]
    examples = {c["title"]: ", ".join(c["examples"]) or "empty" for c in unmatched["columns"]}
    with st.form("columns"):
        st.markdown("**Which column is which?** The titles of these are not known:")
        chosen = {
            field["field"]: st.selectbox(
                field["title"],
                titles,
                None,
                format_func=lambda title: f"{title} ({examples[title]})",
                placeholder="Not in this file",
            )
            for field in unmatched["missing"]
        }
        if st.form_submit_button("Use these columns", type="primary"):
            name, content, skip = st.session_state["profile_asked"]
            _store(client, name, content, skip, {f: title or "" for f, title in chosen.items()})


def _store(
    client: Api, name: str, content: bytes, skip: bool, columns: dict[str, str] | None = None
) -> None:
    st.session_state.pop("profile_told", None)  # of the file before
    file = base64.b64encode(content).decode()
    if len(file) > UPLOAD_MAX:
        st.error("The file is larger than 650 kB: use `flask profiles import` on the server.")
        return
    body: dict[str, Any] = {"name": name[:200], "file": file, "skip_invalid": skip}
    try:
        told = client.upload(cast(Upload, body | {"columns": columns or {}}))
    except ApiError as error:
        refused(error)
        return
    st.session_state["profile_told"] = told
    st.session_state["profile_look_at"] = told["version"]
    st.session_state.pop("profile_asked", None)
    if told.get("unmatched"):
        st.session_state["profile_asked"] = (name, content, skip)
    st.rerun()


def _look_at(version: int) -> None:
    """The newest version, which is the first of the choice below; 0: nothing was stored."""
    if version:
        st.query_params["version"] = str(version)
        st.session_state["choice_version"] = str(version)


def _told(told: dict[str, Any]) -> None:
    if told["version"]:
        st.success(
            f"Profile {told['version']} is stored as a draft with "
            f"{counted(told['accepted'], 'ideal client')}. Preview it below, then activate it."
        )
        for warning in told["warnings"]:
            st.warning(safe(warning))
    else:
        st.error(
            f"Nothing was stored: {counted(told['refused'], 'row is', 'rows are')} wrong, "
            f"{told['accepted']:,} good. Fix these, or store the good rows only."
        )
    table(
        [{"problem": problem} for problem in told["problems"]],
        "profile-problems",
        columns={"problem": "Row, column and cure"},
        empty="Every row was accepted.",
    )


def _versions(client: Api, found: Profiles, answer: Answered, may_edit: bool) -> None:
    st.header("Versions")
    rows = [{**row, "made": when(row["created_at"])} for row in found["versions"]]
    table(rows, "profiles", columns=VERSION_COLUMNS, empty="")
    names = {
        str(row["version"]): f"Profile {row['version']} ({row['state']})"
        for row in found["versions"]
    }
    version = int(choice(st, "Look at", names, "version"))
    clients = client.read_profile_version(version)
    if may_edit and clients["state"] != "active":
        _activate(client, version, answer)
    if len(clients["items"]) < clients["total"]:
        st.caption(f"The first {len(clients['items']):,} of {clients['total']:,} ideal clients")
    table(clients["items"], f"profile-{version}", columns=CLIENT_COLUMNS, empty="No ideal client.")


def _activate(client: Api, version: int, answer: Answered) -> None:
    mine = answer["ask"].get("version") == version
    ready = mine and answer["state"] == "done"
    columns = st.columns([1, 1, 4])
    if columns[0].button("Preview", key="profile_preview", width="stretch"):
        questions.ask(client, f"/profiles/{version}/preview")
    if columns[1].button("Activate", type="primary", disabled=not ready, width="stretch"):
        client.activate(version)
        st.session_state.pop("profile_told", None)
        st.rerun()
    if not ready:
        columns[2].caption("Preview first: it shows how scores and bands would move, and the cost.")
    if mine and answer["state"] != "none" and not questions.waiting(client, answer):
        draw_change(answer, questions.answered_at(answer))


def _suggestions(client: Api, answer: Answered, may_edit: bool) -> None:
    st.header("Suggested by won leads")
    if may_edit and st.button("Look for suggestions"):
        questions.ask(client, "/profiles/suggestions")
    if answer["state"] == "none":
        st.caption("Ideal clients mined from your won deals, for you to accept or leave.")
        return
    if questions.waiting(client, answer):
        return
    report = answer["report"] or {}
    st.caption(
        f"{questions.answered_at(answer)} From {report['won']:,} won and {report['lost']:,} lost "
        "leads, as they were before the outcome."
    )
    table(
        report["criteria"],
        "criteria",
        columns=CRITERION_COLUMNS,
        empty="No value of the profile fields is surely commoner among the won.",
        config={CRITERION_COLUMNS[name]: ONE for name in ("lift", "low")},
    )
    if report["clients"]:
        _accept(client, report["clients"], may_edit)


def _accept(client: Api, clients: list[dict[str, Any]], may_edit: bool) -> None:
    names = {one["client_id"]: _named(one) for one in clients}
    chosen = st.multiselect(
        "Accept these", list(names), format_func=names.__getitem__, key="suggested"
    )
    if may_edit and st.button("Store a draft with them", disabled=not chosen):
        try:
            told = client.accept({"client_ids": chosen})
        except ApiError as error:
            refused(error)
            return
        st.session_state["profile_told"] = told
        st.session_state["profile_look_at"] = told["version"]
        st.rerun()


def _named(one: dict[str, Any]) -> str:
    facts = [one["industry"], one["company_size"], one["revenue_range"], one["location"]]
    return f"{', '.join(fact for fact in facts if fact)} ({one['alike']} won alike)"
