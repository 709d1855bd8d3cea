"""Setup: is the portal connected, who counts as a lead, and what may Leadlight do there?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

import streamlit as st

from console.api import (
    Api,
    Choices,
    Eligibility,
    LivePreview,
    ModeBody,
    Outlook,
    OwnPropertyRow,
    PortalAccess,
    Routing,
    Saved,
    Settings,
    SettingsBody,
)
from console.client import ApiError
from console.notices import refused
from console.tables import counted, safe, sentence, table, when
from console.views import pickers, report, segments
from console.views.progress import bar

MODES: dict[Literal["shadow", "live", "paused"], str] = {
    "shadow": "Shadow: score and show here, write nothing to HubSpot",
    "live": "Live: score and write to HubSpot",
    "paused": "Paused: stand still",
}
FREE_TEXT = {
    "message": "Messages of web forms",
    "description": "Company descriptions",
    "notes": "Notes of your team",
    "emails": "Logged emails",
}
COMPANY_DEALS = {
    "nobody": "Count for nobody; its leads are left out of learning",
    "primary": "Count for the company's first contact",
    "all": "Count for all contacts of the company",
}
SPARE = {"ai_lead_reasoning": "Reasoning", "ai_lead_chance": "Chance"}
GRID_HELP = (
    "Adds “AI lead fit points”, “AI lead engagement points” and “AI lead grid (A1-C3)”. The letter "
    "is fit: A from 11 points, C from -5 down, B between. The number is engagement: 1 from 11 "
    "points, 3 at 0 or less, 2 between. 15 points double the odds. Switched off, they are emptied."
)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
BANDS = {"band": "Band", "leads": "Leads", "share": "Share", "expected_wins": "Expected wins"}
WRITES = {
    "name": "Name",
    "ai_lead_score": "Score",
    "ai_lead_fit": "Fit",
    "ai_next_best_action": "Next",
    "ai_lead_chance": "Chance (%)",
    "ai_lead_reasoning": "Reasoning",
    "ai_lead_fit_points": "Fit points",
    "ai_lead_engagement_points": "Engagement points",
    "ai_lead_grid": "Grid",
}
OWN = {
    "field": "Property",
    "label": "Label",
    "type": "Type",
    "filled": "Filled",
    "verdict": "To learn from",
}
BEGUN = {
    "pull": "The portal is pulled anew, then every lead is scored again.",
    "population": "Leads are counted and scored again.",
    "backfill": "Every lead is scored again.",
    "setup": "Properties and lists are made, then every score is written.",
}


def draw(client: Api, portal: PortalAccess) -> None:
    """What is set, and for those who may change it how."""
    st.title("Setup")
    found = client.read_settings()
    _told()
    _connection(client, portal, found)
    _account(found)
    may_edit = "edit_settings" in portal["permissions"]
    _mode(client, found, may_edit=may_edit)
    _bands(client, found, may_edit=may_edit)
    _own_properties(client, may_edit=may_edit)
    known = pickers.choices(client, found["name"], may_edit=may_edit)
    segments.draw(
        client,
        found,
        known,
        lambda wanted: _save(client, found, {"segments": wanted}),
        may_edit=may_edit,
    )
    _rules(client, found, known, may_edit=may_edit)
    _notifications(client, found, may_edit=may_edit)
    if may_edit:
        report.draw(client)


def _account(found: Settings) -> None:
    """What the account refuses, in HubSpot's own words, and what an admin can do about it."""
    for one in found["account_refuses"]:
        st.error(
            safe(f"HubSpot refuses our {one['area']} since {when(one['since'])}: {one['sentence']}")
            + f"  \n{safe(one['cure'])}. Tried again at "
            f"{when(one['next_try_at'])}; nothing is lost meanwhile."
        )
    for problem in found["setup_problems"]:
        st.error(safe(f"The set-up stopped before anything was written. {problem}"))
    for off in found["features_off"]:
        st.warning(safe(f"{off['feature'].capitalize()} are off: {off['why']}"))


def _told() -> None:
    for told in st.session_state.pop("setup_told", []):
        st.success(told)


def _tell(saved: Saved) -> None:
    st.session_state["setup_told"] = ["Saved.", *(BEGUN[kind] for kind in saved["begun"])]
    st.rerun()


def _connection(client: Api, portal: PortalAccess, found: Settings) -> None:
    row = st.container(horizontal=True, gap="medium")
    for name, value in (
        ("Portal", found["name"].removeprefix("Portal ")),
        ("Connection", found["state"].replace("_", " ").capitalize()),
        ("Last full pull", when(found["pulled_at"]) or "not yet"),
        ("Token refreshed", when(found["token_refreshed_at"]) or "never"),
    ):
        row.metric(name, value, width="content")
    for run in client.read_overview()["running"]:
        bar(run)
    if found["missing_scopes"]:
        st.warning(
            "HubSpot did not grant " + ", ".join(found["missing_scopes"]) + ": what needs it is "
            "off. Connect again through an invitation to grant it."
        )
    if "manage_portal" in portal["permissions"]:
        with st.expander("Connect an account by invitation", icon=":material/link:"):
            st.caption("The account's HubSpot admin opens the link once and consents.")
            if st.button("Make an invitation"):
                made = client.invite()
                st.code(made["link"], language=None)
                st.caption(f"Valid once, until {when(made['expires_at'])}. Not shown again.")


def _mode(client: Api, found: Settings, *, may_edit: bool) -> None:
    st.header("Mode")
    chosen = st.radio(
        "Mode",
        list(MODES),
        index=list(MODES).index(found["mode"]),
        format_func=MODES.__getitem__,
        disabled=not may_edit,
        label_visibility="collapsed",
    )
    if found["goes_live"]:
        st.info("This portal goes live as soon as the set-up has ended well.")
        if st.button(f"Stay in {found['mode']}", disabled=not may_edit):
            _tell(client.set_mode({"mode": found["mode"]}))
    if chosen == found["mode"]:
        return
    body: ModeBody = {"mode": chosen}
    if chosen == "live":
        preview = client.live()
        _preview(preview)
        body["preview"] = preview["preview"]
    if st.button(f"Switch to {chosen}", type="primary"):
        try:
            _tell(client.set_mode(body))
        except ApiError as error:
            refused(error)


def _preview(preview: LivePreview) -> None:
    """What somebody has to have seen before scores are written."""
    st.markdown(
        f"**Going live writes {counted(preview['contacts'], 'contact')}** "
        f"({preview['unchanged']:,} were written before), fills "
        + ", ".join(f"“{name}” ({count:,})" for name, count in preview["lists"].items())
        + ", and makes no task for a lead that is scored already."
    )
    for kind, count in preview["skipped"].items():
        st.caption(
            f"While nothing was written, {count:,} × {kind.replace('_', ' ')} were left out."
        )
    rows = [{"name": one["name"], **one["properties"]} for one in preview["examples"]]
    shown = {name: title for name, title in WRITES.items() if any(name in row for row in rows)}
    table(rows, "live-preview", columns=shown, empty="No lead is scored yet.")


def _bands(client: Api, found: Settings, *, may_edit: bool) -> None:
    st.header("Bands")
    edges = found["thresholds"]
    columns = st.columns([2, 2, 3])
    high_key, medium_key = f"high_{found['name']}", f"medium_{found['name']}"
    st.session_state.setdefault(high_key, edges["high"])
    st.session_state.setdefault(medium_key, edges["medium"])
    no = not may_edit
    high = columns[0].number_input("High from", 2, 100, key=high_key, disabled=no)
    medium = columns[1].number_input("Medium from", 1, 99, key=medium_key, disabled=no)
    outlook = client.bands(high=int(high), medium=int(medium))
    with columns[2]:
        _outlook(outlook)
    for warning in outlook["warnings"]:
        st.warning(safe(sentence(warning)))
    proposed = outlook["proposed"]
    better = {high_key: proposed["high"], medium_key: proposed["medium"]}
    if may_edit and (int(high), int(medium)) != (proposed["high"], proposed["medium"]):
        told = f"Use {proposed['high']} and {proposed['medium']}"
        st.caption(
            f"Proposed for today's leads: High from {proposed['high']}, Medium from "
            f"{proposed['medium']}."
        )
        st.button(told, on_click=st.session_state.update, args=(better,))
    changed = (int(high), int(medium)) != (edges["high"], edges["medium"])
    if changed and st.button("Save these bands and score again", type="primary"):
        _save(client, found, {"thresholds": {"high": int(high), "medium": int(medium)}})


def _outlook(outlook: Outlook) -> None:
    rows = [{**band, "share": f"{band['share']:.1%}"} for band in outlook["bands"]]
    known = outlook["bands"][0]["expected_wins"] is not None
    columns = {key: name for key, name in BANDS.items() if known or key != "expected_wins"}
    table(rows, "bands", columns=columns, empty="No lead is scored yet.")


def _own_properties(client: Api, *, may_edit: bool) -> None:
    """How full they are is looked up only when somebody asks: it costs HubSpot calls."""
    with st.expander("Which of your own properties could a model learn from?"):
        if not st.button("Look at a sample in HubSpot", disabled=not may_edit):
            st.caption("Four HubSpot calls; no value is kept.")
            return
        try:
            seen = client.listed()
        except ApiError as error:
            refused(error)
            return
        rows = [
            {**one, "filled": _share(one["filled"]), "verdict": _verdict(one)}
            for one in seen["items"]
        ]
        wide = {OWN["verdict"]: st.column_config.TextColumn(width="large")}
        table(
            rows, "own-properties", columns=OWN, empty="This account made no property.", config=wide
        )
        sample = " and ".join(f"{count:,} {kind}" for kind, count in seen["sample"].items())
        st.caption(f"Filled: of a sample of {sample}. {seen['calls']} HubSpot calls.")


def _share(filled: float | None) -> str:
    return "not read" if filled is None else f"{filled:.0%}"


def _verdict(one: OwnPropertyRow) -> str:
    if one["allowed"]:
        return "Learned from" + (f", but {one['why_not']}" if one["why_not"] else "")
    if one["why_not"]:
        return f"No: {one['why_not']}"
    return f"Not suggested: {one['caution']}" if one["caution"] else "Yes"


def _rules(client: Api, found: Settings, known: Choices, *, may_edit: bool) -> None:
    with st.form("rules"):
        st.header("Who is a lead")
        rules = _eligibility(found["eligibility"], known)
        st.header("What counts as won")
        won = _won(found, known)
        st.header("What the AI may read")
        texts = _free_text(found["read_free_text"])
        rates = st.text_input(
            "Currency rates, where yours differ",
            ", ".join(f"{code}:{one:g}" for code, one in (found["currency_rates"] or {}).items()),
            help="CODE:DOLLARS for one unit, separated by commas, e.g. TWD:0.031. Other amounts "
            "are compared by the European Central Bank's reference rates.",
        )
        opens = st.checkbox(
            "Count opened emails",
            found["count_opens"] is not False,
            help="Mail programs open many emails by themselves. Opens count only beside another "
            "sign of interest, and not at all when this is off.",
        )
        intent = pickers.several(
            st,
            "High-intent forms and pages",
            known["forms_and_pages"],
            found["high_intent"] or [],
            placeholder="None",
            help="They count apart from the mere number of forms and pages, as a factor of their "
            "own. Contacts are read again when this changes.",
        )
        st.header("Your own properties")
        mapping = _mapping(found, known)
        learn_from = _learn_from(found)
        st.header("Our properties in HubSpot")
        written = _written(found)
        st.header("AI budget a day")
        columns = st.columns(2)
        calls = columns[0].number_input("Requests", 0, 10_000_000, found["daily_ai_calls"])
        usd = columns[1].number_input("US dollars", 0.0, 100_000.0, found["daily_ai_usd"])
        half_price = st.checkbox(
            "Runs over all leads ask at half the price",
            bool(found["half_price_runs"]),
            help="OpenAI answers such requests more slowly, and not at all when it is busy; then "
            "they are asked again at the full price. Events and people never wait for it.",
        )
        st.header("Routes")
        routing = _routing(found["routing"], known)
        if st.form_submit_button("Save", type="primary", disabled=not may_edit):
            changes = {
                "eligibility": rules,
                "read_free_text": texts,
                "property_map": mapping,
                "learn_from": learn_from,
                **written,
                **won,
                "count_opens": opens,
                "high_intent": intent,
                "currency_rates": _rates(rates),
                "daily_ai_calls": int(calls),
                "daily_ai_usd": float(usd),
                "half_price_runs": half_price,
                "routing": routing,
            }
            _save(client, found, changes)


def _eligibility(rules: Eligibility, known: Choices) -> dict[str, Any]:
    left, right = st.columns(2)
    return {
        "excluded_lifecycle_stages": pickers.several(
            left,
            "Lifecycle stages that are no leads",
            known["lifecycle_stages"],
            rules["excluded_lifecycle_stages"],
        ),
        "own_domains": _words(
            right, "Your own domains (colleagues are no leads)", rules["own_domains"]
        ),
        "excluded_domains": _words(left, "Other domains to leave out", rules["excluded_domains"]),
        "excluded_contact_ids": _words(
            right, "Contacts to leave out (ids)", rules["excluded_contact_ids"]
        ),
        "free_mail_allowed": st.checkbox(
            "Score people with free mail addresses", rules["free_mail_allowed"]
        ),
    }


def _won(found: Settings, known: Choices) -> dict[str, Any]:
    st.caption(
        "A model learns from who became a customer. The Model page shows where its labels come "
        "from before anything is trained."
    )
    left, right = st.columns(2)
    return {
        "sales_pipelines": pickers.several(
            left,
            "Deal pipelines that are sales",
            known["pipelines"],
            found["sales_pipelines"] or [],
            placeholder="As their names and deals suggest",
        ),
        "company_deals": right.selectbox(
            "Won deals of a company without a contact",
            list(COMPANY_DEALS),
            list(COMPANY_DEALS).index(found["company_deals"] or "nobody"),
            format_func=COMPANY_DEALS.__getitem__,
        ),
    }


def _words(where: Any, label: str, values: list[str]) -> list[str]:
    """One text of words, as people type lists."""
    text = where.text_input(label, ", ".join(values), help="separated by commas")
    return [word.strip() for word in text.split(",") if word.strip()]


def _free_text(chosen: Sequence[str]) -> list[str]:
    st.caption(
        "Read only into closed answers such as “asks for a price”; never more than 5 points. "
        "Email addresses, numbers, addresses and the names we recognise are taken out before a "
        "text is stored or sent; a name that nobody in your account has may stay."
    )
    columns = st.columns(len(FREE_TEXT))
    return [
        name
        for column, (name, label) in zip(columns, FREE_TEXT.items(), strict=True)
        if column.checkbox(label, name in chosen)
    ]


def _mapping(found: Settings, known: Choices) -> dict[str, str]:
    columns = st.columns(3)
    given = {
        field["field"]: pickers.one(
            columns[place % 3],
            field["label"],
            known["properties"],
            found["property_map"].get(field["field"], ""),
            "HubSpot's own property",
        )
        for place, field in enumerate(found["fields"])
    }
    return {field: name for field, name in given.items() if name}


def _learn_from(found: Settings) -> list[str]:
    """Those that HubSpot's definitions speak for, and any other name that somebody types."""
    allowed = found["learn_from"] or []
    labels = {one["field"]: one["label"] for one in found["learnable"]}
    more = [field for field in labels if field not in allowed]
    st.caption(
        "A model learns from these too; they reach the scoring model only, no AI provider. A "
        "change reads every contact and company again: "
        f"{found['calls_to_read_again']:,} HubSpot calls."
    )
    chosen: list[str] = st.multiselect(
        "Learn from",
        [*allowed, *more],
        allowed,
        format_func=lambda field: f"{labels[field]} ({field})" if labels.get(field) else field,
        accept_new_options=True,
        placeholder=f"{len(more)} to choose from" if more else "contacts.NAME",
        help="Choose, or type contacts.NAME or companies.NAME as HubSpot calls it inside.",
    )
    return [name.strip() for name in chosen]


def _written(found: Settings) -> dict[str, Any]:
    """Names of what we write: another prefix, or properties of others that may be ours."""
    st.caption("A change makes the properties and writes every score under their names.")
    prefix, use, without = st.columns(3)
    return {
        "property_prefix": prefix.text_input(
            "Names begin with", found["property_prefix"] or "", max_chars=32
        ).strip(),
        "use_existing": _words(
            use, "Use these, which were there before us", found["use_existing"] or []
        ),
        "without_properties": without.multiselect(
            "Do without", list(SPARE), found["without_properties"], format_func=SPARE.__getitem__
        ),
        "grid_properties": st.checkbox(
            "Write fit and engagement as properties of their own, too",
            found["grid_properties"] is True,
            help=GRID_HELP,
        ),
    }


def _routing(routing: Routing, known: Choices) -> dict[str, Any]:
    days = st.multiselect("Working days", DAYS, [DAYS[d] for d in routing["working_days"]])
    columns = st.columns(3)
    owner = pickers.one(
        columns[0],
        "Owner of leads without one",
        known["owners"],
        routing["fallback_owner_id"],
        "Nobody",
    )
    queue = columns[1].text_input("Task queue (HubSpot id)", routing["task_queue_id"])
    names = {one["value"]: one["label"] for one in known["owners"]}
    capacities = columns[2].text_input(
        "Where an owner's differs",
        ", ".join(
            f"{names.get(one['owner_id'], one['owner_id'])}:{one['leads']}"
            for one in routing["owner_capacity"]
        ),
        help="NAME:LEADS, separated by commas",
    )
    set_now: Mapping[str, Any] = routing
    numbers = {
        name: int(columns[place].number_input(label, least, most, set_now[name]))
        for name, place, label, least, most in (
            ("follow_up_days", 1, "Follow-up due (working days)", 0, 60),
            ("digest_above", 1, "Notifications an hour before a digest", 1, 1_000),
            ("weekly_capacity", 2, "Leads an owner can work a week (0: not said)", 0, 10_000),
            ("tasks_per_owner", 2, "Tasks per owner out of one run", 0, 1_000),
            ("touch_within_hours", 1, "Contact High leads within (working hours)", 1, 400),
        )
    }
    return {
        "working_days": [DAYS.index(day) for day in days] or routing["working_days"],
        "fallback_owner_id": owner,
        "task_queue_id": queue.strip(),
        "owner_capacity": _capacities(capacities),
        **numbers,
    }


def _rates(text: str) -> dict[str, Any]:
    """As `_capacities`."""
    found: dict[str, Any] = {}
    for part in (part.strip() for part in text.split(",") if part.strip()):
        code, _, dollars = (piece.strip() for piece in part.partition(":"))
        try:
            found[code.upper()] = float(dollars)
        except ValueError:
            found[code.upper()] = dollars
    return found


def _capacities(text: str) -> list[dict[str, Any]]:
    """What cannot be read goes to the API as it is, which says what is wrong."""
    found: list[dict[str, Any]] = []
    for part in (part.strip() for part in text.split(",") if part.strip()):
        owner, _, leads = (piece.strip() for piece in part.partition(":"))
        found.append({"owner_id": owner, "leads": int(leads) if leads.isdigit() else leads})
    return found


def _notifications(client: Api, found: Settings, *, may_edit: bool) -> None:
    st.header("Notifications")
    state = "are sent" if found["notifies"] else "are not sent anywhere"
    st.caption(f"Leads that become High {state}. The address is kept encrypted and never shown.")
    with st.form("notifications"):
        url = st.text_input("Slack-compatible webhook (empty: nobody is told)", type="password")
        if st.form_submit_button("Save the address", disabled=not may_edit):
            try:
                _tell(client.set_notifications({"url": url.strip()}))
            except ApiError as error:
                refused(error)


def _save(client: Api, found: Settings, changes: dict[str, Any]) -> None:
    names = (
        "thresholds",
        "eligibility",
        "property_map",
        "read_free_text",
        "learn_from",
        "property_prefix",
        "use_existing",
        "without_properties",
        "grid_properties",
        "segments",
        "sales_pipelines",
        "company_deals",
        "count_opens",
        "high_intent",
        "currency_rates",
        "daily_ai_calls",
        "daily_ai_usd",
        "half_price_runs",
        "routing",
    )
    all_of: Mapping[str, Any] = found
    try:
        saved = client.save(cast(SettingsBody, {name: all_of[name] for name in names} | changes))
    except ApiError as error:
        refused(error)
        return
    _tell(saved)
