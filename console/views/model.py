"""Model: is there a model that deserves to score, and what would it change?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from console import pattern_charts as charts
from console.address import choice
from console.api import (
    Answered,
    Api,
    Edges,
    Excluded,
    FieldRow,
    Measured,
    Models,
    PortalAccess,
    Progress,
    VersionDetail,
    VersionRow,
)
from console.client import ApiError
from console.drawing import chart
from console.notices import refused
from console.tables import safe, table, when
from console.views import outcomes, questions
from console.views.changes import draw_change
from console.views.progress import bar

VERSION_COLUMNS = {
    "version": "Version",
    "state": "State",
    "won": "Won",
    "lost": "Lost",
    "auc": "AUC",
    "formula_auc": "Formula's AUC",
    "lift": "Lift, best 10 %",
    "ece": "Calibration error",
    "made": "Trained",
    "published": "Published",
    "made_by": "By",
}
METRIC_COLUMNS = {
    "name": "Method",
    "auc": "AUC",
    "pr_auc": "PR-AUC",
    "brier": "Brier score",
    "ece": "Calibration error",
    "lift_at_10": "Lift, best 10 %",
    "lift_at_20": "Lift, best 20 %",
}
CELL_COLUMNS = {"value": "Value", "points": "Points", "won": "Won", "leads": "Leads"}
MONTH_COLUMNS = {
    "month": "Month",
    "n_train": "Trained on",
    "n_test": "Test leads",
    "n_test_won": "Won",
    "auc": "AUC",
}
METHODS = {
    "base_rate": "same chance for all",
    "naive_bayes": "naive Bayes",
    "random": "random order",
    "recency": "newest first",
}
WATCHED = ("train", "population", "backfill")
THREE = st.column_config.NumberColumn(format="%.3f")
TWO = st.column_config.NumberColumn(format="%.2f")


def draw(client: Api, portal: PortalAccess) -> None:
    """Which model scores, and one version in full."""
    st.title("Model")
    found = client.list_models()
    answers = questions.newest(client)
    may_edit = "edit_model" in portal["permissions"]
    st.markdown(f"**{_standing(found)}**")
    outcomes.draw(client, answers["outcomes"])
    _begin(client, found, answers, may_edit)
    if not found["versions"]:
        st.info(
            f"No model yet. Training needs {found['needed']} won and {found['needed']} lost "
            "leads; until then the formula compares leads with the ideal client profile."
        )
        return
    table(
        [_row(version) for version in found["versions"]],
        "models",
        columns=VERSION_COLUMNS,
        empty="",
        config={
            "AUC": THREE,
            "Formula's AUC": THREE,
            "Calibration error": THREE,
            VERSION_COLUMNS["lift"]: TWO,
        },
    )
    names = {str(v["version"]): f"Model {v['version']} ({v['state']})" for v in found["versions"]}
    version = int(choice(st, "Look at", names, "version"))
    _version(client, version, answers, may_edit)


def _standing(found: Models) -> str:
    if not found["published"]:
        return "The formula scores: no model is in use."
    row = next(v for v in found["versions"] if v["version"] == found["published"])
    return f"Model {row['version']} scores. {safe(row['verdict'])}"


def _row(version: VersionRow) -> dict[str, Any]:
    return {
        **version,
        "auc": version["metrics"]["auc"],
        "formula_auc": version["formula"]["auc"],
        "lift": version["metrics"]["lift_at_10"],
        "ece": version["metrics"]["ece"],
        "made": when(version["created_at"]),
        "published": when(version["published_at"]),
    }


def _begin(client: Api, found: Models, answers: dict[str, Answered], may_edit: bool) -> None:
    if not may_edit:
        return
    columns = st.columns([1, 1, 1, 3])
    if columns[0].button("Train", type="primary", width="stretch"):
        questions.ask(client, "/models/training", {})
    if columns[1].button("Backtest", width="stretch"):
        questions.ask(client, "/models/backtest", {})
    if columns[2].button("Roll back", disabled=not found["published"], width="stretch"):
        _roll_back(client)
    _under_way(client)
    _backtest(client, answers["backtest"])


@st.dialog("Roll back")
def _roll_back(client: Api) -> None:
    st.write("The version before scores again, or the formula, and every lead is scored anew.")
    if st.button("Roll back now", type="primary"):
        client.rollback()
        st.rerun()


def _under_way(client: Api) -> None:
    """Bars of a training, and of leads being scored again; they end by drawing the page again."""
    if not _runs(client):
        return

    @st.fragment(run_every=2.0)
    def watched() -> None:
        found = _runs(client)
        if not found:
            st.rerun(scope="app")
        for run in found:
            bar(run)

    watched()


def _runs(client: Api) -> list[Progress]:
    return [run for run in client.read_overview()["running"] if run["kind"] in WATCHED]


def _backtest(client: Api, answer: Answered) -> None:
    if answer["state"] == "none" or questions.waiting(client, answer):
        return
    report = answer["report"] or {}
    with st.expander(f"Backtest: {safe(report['verdict'])}"):
        st.caption(
            f"{questions.answered_at(answer)} Trained on {report['n_train']:,} leads, judged on "
            f"{report['n_test']:,} newer ones that training did not see."
        )
        measured = {"this model": report["metrics"], "formula": report["formula"]}
        _metrics(_plain(measured | report["baselines"]), "backtest")
        months = [
            {**month, "month": month["as_of"][:7], "auc": month["metrics"]["auc"]}
            for month in report.get("months", ())
        ]
        table(
            months,
            "backtest-months",
            columns=MONTH_COLUMNS,
            empty="Too young for a backtest month by month.",
        )


def _version(client: Api, version: int, answers: dict[str, Answered], may_edit: bool) -> None:
    found = client.read_model(version)
    row = found["row"]
    st.header(f"Model {version}")
    st.markdown(safe(row["verdict"]))
    share = row["won"] / max(1, row["won"] + row["lost"])
    st.caption(
        f"{row['won']:,} of {row['won'] + row['lost']:,} leads ({share:.0%}) won within "
        f"{found['horizon_days']} days of becoming a lead; who had that long and did not is lost · "
        f"trained by {safe(row['made_by'])} at {when(row['created_at'])}"
        + (f" · published {when(row['published_at'])}" if row["published_at"] else "")
    )
    if found["experiments"]:
        st.caption(safe(found["experiments"]))
    for warning in found["warnings"]:
        st.warning(safe(warning))
    if may_edit and row["state"] != "published":
        _publish(client, row, answers["model_preview"])
    left, right = st.columns(2)
    chart(charts.calibration(found["calibration"]), "calibration", left)
    left.caption("On the dotted line as many won as predicted; above it, more.")
    chart(charts.bands(found["bands"]), "bands", right)
    right.caption("High should win clearly more often than Medium, and Medium more often than Low.")
    measured = _plain(
        {"this model": row["metrics"], "formula": row["formula"], **found["baselines"]}
    )
    chart(charts.lift(measured), "lift", table=False)
    st.caption("How many times as often the leads at the top win as an average lead.")
    _metrics(measured, f"model-{version}")
    _leaks(client, found, may_edit)
    _fields(found["fields"], version)


def _publish(client: Api, row: VersionRow, answer: Answered) -> None:
    mine = answer["ask"].get("version") == row["version"]
    columns = st.columns([1, 1, 4])
    if columns[0].button("Preview", width="stretch"):
        questions.ask(client, f"/models/{row['version']}/preview")
    ready = mine and answer["state"] == "done"
    if columns[1].button("Publish", disabled=not ready, type="primary", width="stretch"):
        _confirm(client, row, (answer["report"] or {})["proposed"])
    if not ready:
        columns[2].caption("Preview first: it shows who would change band before anybody sees it.")
    if mine and answer["state"] != "none" and not questions.waiting(client, answer):
        draw_change(answer, questions.answered_at(answer))


@st.dialog("Publish")
def _confirm(client: Api, row: VersionRow, proposed: Edges) -> None:
    st.write(f"Model {row['version']} scores from now on, and every lead is scored again.")
    force = False
    fitting = st.checkbox(
        f"Begin High at {proposed['high']} and Medium at {proposed['medium']}, "
        "which suit this model's scores",
        value=True,
    )
    if not row["beats_formula"]:
        force = st.checkbox("Publish although it did not beat the formula in its backtest")
    edges = proposed if fitting else None
    if st.button("Publish now", type="primary"):
        try:
            client.publish(row["version"], {"force": force, "thresholds": edges})
        except ApiError as error:
            refused(error)
            return
        st.rerun()


def _plain(measured: dict[str, Measured]) -> dict[str, Measured]:
    """Methods by names that people use."""
    return {METHODS.get(name, name.replace("_", " ")): found for name, found in measured.items()}


def _metrics(measured: dict[str, Measured], name: str) -> None:
    rows = [{"name": method, **metrics} for method, metrics in measured.items()]
    table(
        rows,
        f"metrics-{name}",
        columns=METRIC_COLUMNS,
        empty="",
        config={heading: THREE for key, heading in METRIC_COLUMNS.items() if key != "name"},
    )


def _leaks(client: Api, found: VersionDetail, may_edit: bool) -> None:
    st.header("Leak audit")
    if not found["suspects"]:
        st.caption("No field looks as if it had been filled because of the outcome.")
        _left_out(found["excluded"])
        return
    st.caption(
        "These fields may say what happened instead of what will. They are left out unless you "
        "switch them on and train again."
    )
    keep = []
    for one in found["suspects"]:
        on = st.toggle(
            f"{one['label']}: {one['reason']}",
            value=one["in_use"],
            disabled=one["certain"] or not may_edit,
            help=f"AUC alone {one['auc']:.2f}, of being filled {one['presence_auc']:.2f}, "
            f"{one['filled_after']:.0%} of its values written after the outcome",
            key=f"leak_{found['row']['version']}_{one['field']}",
        )
        keep += [one["field"]] if on else []
    if may_edit and st.button("Train with these switches"):
        questions.ask(client, "/models/training", {"keep": keep})
    _left_out(found["excluded"])


def _left_out(excluded: list[Excluded]) -> None:
    with st.expander(f"{len(excluded)} fields were not used"):
        table(
            excluded,
            "excluded",
            columns={"label": "Field", "reason": "Why"},
            empty="Every field was used.",
        )


def _fields(fields: list[FieldRow], version: int) -> None:
    st.header("Points by field")
    st.caption(
        "The fields that tell leads apart most come first; every score adds these up. An activity "
        "is a number that fades as it ages."
    )
    names = {field["field"]: field["label"] for field in fields}
    if not names:
        st.info("This model uses no field.")
        return
    name = choice(st, "Field", names, "field")
    chosen = next(field for field in fields if field["field"] == name)
    table(
        chosen["cells"],
        f"points-{version}-{name}",
        columns=CELL_COLUMNS,
        empty="No value.",
        config={CELL_COLUMNS["points"]: st.column_config.NumberColumn(format="%+.1f")},
    )
