"""Operations: does everything run, what failed, and what does it cost?"""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st

from console import charts
from console.api import (
    Api,
    FailedEventRow,
    Operations,
    Parked,
    PortalAccess,
    ReplayBody,
    RouteWork,
    RunRow,
    Upkeep,
)
from console.client import ApiError
from console.drawing import chart
from console.notices import refused
from console.tables import QUIET, safe, spell, table, when
from console.views.progress import NAMES, bar

REFRESH_S = 5
PARKED = {"name": "Name", "problem": "Last error", "attempts": "Tries", "parked": "Failed"}
VENDORS = {
    "provider": "Vendor",
    "endpoint": "Call",
    "calls": "Calls",
    "mean_ms": "Mean (ms)",
    "p95_ms": "95 % under (ms)",
}
ERRORS = {"what": "What", "total": "Tried", "failed": "Failed", "share": "Share"}
COSTS = {
    "day": "Day",
    "provider": "Vendor",
    "calls": "Requests",
    "tokens": "Tokens",
    "usd": "US dollars",
}
RUNS = {
    "kind": "What",
    "state": "State",
    "done": "Done",
    "total": "Of",
    "started": "Began",
    "finished": "Ended",
    "problem": "Problem",
}
TASKS = {"name": "Task", "result": "Result", "told": "Found"}
ROUTES = {"kind": "What", "waiting": "Waiting", "parked": "Failed"}
EVENTS = {
    "object_type": "Of",
    "object_id": "HubSpot id",
    "problem": "Last error",
    "attempts": "Tries",
    "received": "Received",
}
TRIED = {
    "cron_tasks": "Scheduled tasks",
    "http_requests": "Requests to Leadlight",
    "jobs": "Background jobs",
    "provider_requests": "Requests to {}",
    "signatures": "Signatures of HubSpot's requests",
    "writes": "Writes to HubSpot",
}
VENDOR_NAMES = {"hubspot": "HubSpot", "openai": "OpenAI", "pinecone": "Pinecone"}
UPKEEP = {
    "daily": "Webhook health, errors, tokens, erasures, decay",
    "weekly": "Scoring patterns, profile suggestions, embeddings",
    "monthly": "Performance, retraining",
}


def draw(client: Api, portal: PortalAccess) -> None:
    """The morning's look; what can be pressed is what the role may press."""
    st.title("Operations")
    may = "replay" in portal["permissions"]
    _told()

    @st.fragment(run_every=REFRESH_S)
    def live() -> None:
        try:
            found, under_way = client.read_operations(), client.list_runs()["items"]
        except ApiError as error:
            refused(error)
            return
        _health(found)
        _running(client, under_way, may=may)

    live()
    found = client.read_operations()
    _parked(client, found["parked_leads"], "leads", may=may)
    _parked(client, found["parked_writes"], "writes", may=may)
    _routes(client, found["routes"], may=may)
    _events(client, found["failed_events"], may=may)
    _upkeep(client, may=may)
    _vendors(found)
    _costs(found)
    _runs(client, may=may)


def _told() -> None:
    told = st.session_state.pop("operations_told", "")
    if told:
        st.success(told)


def _tell(text: str) -> None:
    st.session_state["operations_told"] = text
    st.rerun()


def _health(found: Operations) -> None:
    waiting = sum(w["leads"] for w in found["waiting"])
    oldest = max((w["oldest_s"] for w in found["waiting"]), default=0)
    given_up = sum(c["count"] for c in found["parked_leads"]["causes"])
    hooks, speed = found["webhooks"], found["speed"]
    row = st.container(horizontal=True, gap="medium")
    told = f"oldest for {spell(oldest)}" if waiting else "none"
    row.metric("Leads waiting", f"{waiting:,}", told, **QUIET)
    row.metric("Failed", f"{given_up:,}", "to be replayed" if given_up else "none", **QUIET)
    row.metric(
        "Writes waiting",
        f"{found['pending_writes']:,}",
        _share("succeeded", speed["write_success"]),
        **QUIET,
    )
    access = "valid" if found["token_valid"] else "not valid"
    row.metric("Access to HubSpot", access, width="content")
    row.metric(
        "Webhook changes, 7 days",
        f"{hooks['received']:,}",
        f"{hooks['missed_share']:.1%} found later",
        **QUIET,
    )
    row.metric("Processing time per lead", _number(speed["lead_ms"], "ms"), width="content")
    row.metric("Embedding speed", _number(speed["texts_per_s"], "texts/s"), width="content")
    row.metric("Cost per lead, 30 days", _usd(found["usd_per_lead"]), width="content")
    for problem in _problems(found):
        st.warning(problem)


def _share(words: str, share: float | None) -> str:
    return "nothing written yet" if share is None else f"{share:.1%} {words}"


def _number(value: float | None, unit: str) -> str:
    return "not yet" if value is None else f"{value:,.0f} {unit}"


def _usd(value: float | None) -> str:
    if value is None:
        return "not yet"
    return f"${value:.2f}" if value == 0 or value >= 1 else f"${value:.5f}"


def _problems(found: Operations) -> list[str]:
    told = [
        f"The alert “{name}” stands: docs/operations.md says what to do."
        for name in found["alerts"]
    ]
    if not found["token_valid"]:
        told.append("HubSpot has to be connected again by its admin: see Setup.")
    if not found["queue_ok"]:
        told.append("The queue is away; nothing is lost, work goes on when it is back.")
    told += [
        f"{safe(problem)}. These scores complete by themselves." for problem in found["incomplete"]
    ]
    if not found["incomplete"]:
        told += [
            f"{vendor} is left alone for a minute after failures; scoring goes on without it."
            for vendor, state in found["breakers"].items()
            if state != "closed"
        ]
    return told


def _running(client: Api, under_way: list[RunRow], *, may: bool) -> None:
    for run in under_way:
        if run["state"] != "running":
            continue
        left, right = st.columns([6, 1])
        with left:
            bar(run)
        if may and run["cancellable"] and right.button("Cancel", key=f"cancel_{run['run_id']}"):
            _try(client, f"/runs/{run['run_id']}/cancel", None, "Cancelled; what was done stays.")


def _try(client: Api, path: str, body: dict[str, Any] | None, told: str) -> None:
    try:
        client.send("POST", path, body)
    except ApiError as error:
        refused(error)
        return
    _tell(told)


def _parked(client: Api, found: Parked, what: Literal["leads", "writes"], *, may: bool) -> None:
    names = {"leads": "Leads that failed", "writes": "Writes that failed"}
    st.header(names[what])
    rows = [{**row, "parked": when(row["parked_at"])} for row in found["rows"]]
    table(rows, f"parked-{what}", columns=PARKED, empty="None: nothing to replay.")
    if not rows or not may:
        return
    by_id = {row["object_id"]: row["name"] for row in found["rows"]}
    causes = {cause["problem"]: cause["count"] for cause in found["causes"]}
    columns = st.columns([3, 2, 3, 2, 2], vertical_alignment="bottom")
    one = columns[0].multiselect(
        "Some of them", list(by_id), format_func=by_id.__getitem__, key=f"some_{what}"
    )
    if columns[1].button("Replay these", disabled=not one, key=f"replay_some_{what}"):
        _replay(client, {"what": what, "contact_ids": one})
    cause = columns[2].selectbox(
        "By cause",
        list(causes),
        format_func=lambda c: f"{c[:60]} ({causes[c]})",
        key=f"cause_{what}",
    )
    if columns[3].button("Replay this cause", key=f"replay_cause_{what}"):
        _replay(client, {"what": what, "cause": cause})
    if columns[4].button("Replay all", key=f"replay_all_{what}", type="primary"):
        _replay(client, {"what": what})


def _replay(client: Api, body: ReplayBody) -> None:
    try:
        count = client.replay(body)["count"]
    except ApiError as error:
        refused(error)
        return
    _tell(f"{count:,} taken up again.")


def _routes(client: Api, work: list[RouteWork], *, may: bool) -> None:
    st.header("Lists, tasks and notifications")
    table(work, "routes", columns=ROUTES, empty="Nothing is routed.")
    parked = sum(kind["parked"] for kind in work)
    if parked and may and st.button(f"Replay these {parked:,}", key="replay_routes"):
        _replay(client, {"what": "routes"})


def _events(client: Api, failed: list[FailedEventRow], *, may: bool) -> None:
    st.header("Changes from HubSpot that failed")
    rows = [{**row, "received": when(row["received_at"])} for row in failed]
    table(rows, "failed-events", columns=EVENTS, empty="None: every change could be read.")
    if rows and may and st.button("Read them again", key="replay_events"):
        _replay(client, {"what": "events"})


def _upkeep(client: Api, *, may: bool) -> None:
    st.header("Upkeep")
    kinds = client.upkeep()["items"]
    for column, upkeep in zip(st.columns(len(kinds) or 1), kinds, strict=False):
        with column, st.container(border=True):
            _card(client, upkeep, may=may)


def _card(client: Api, upkeep: Upkeep, *, may: bool) -> None:
    kind = upkeep["kind"]
    st.markdown(f"**{kind.capitalize()}**")
    st.caption(UPKEEP.get(kind, ""))
    failed = [task["name"] for task in upkeep["tasks"] if not task["ok"]]
    if not upkeep["state"]:
        st.caption("Not run yet; cron begins it by itself.")
    elif upkeep["state"] == "running":
        st.caption(f"Running since {when(upkeep['started_at'])}.")
    elif failed or upkeep["state"] == "failed":
        st.error(f"{when(upkeep['finished_at'])}: look at {', '.join(failed) or 'the log'}.")
    else:
        st.success(f"{when(upkeep['finished_at'])}: {len(upkeep['tasks'])} tasks, all well.")
    if upkeep["tasks"]:
        with st.expander("What it found"):
            rows = [
                {**task, "result": "well" if task["ok"] else "look at this"}
                for task in upkeep["tasks"]
            ]
            table(rows, f"upkeep-{kind}", columns=TASKS, empty="")
    if may and st.button("Run now", key=f"run_{kind}", disabled=upkeep["state"] == "running"):
        _try(client, "/runs", {"kind": kind}, f"{NAMES[kind]} has begun.")


def _vendors(found: Operations) -> None:
    st.header("How vendors answer")
    if found["vendors"]:
        chart(charts.call_times(found["vendors"]), "vendors", table=False)
        slowest = max(found["vendors"], key=lambda vendor: vendor["mean_ms"])
        st.caption(
            f"Slowest on average: {slowest['provider']} {slowest['endpoint']} with "
            f"{slowest['mean_ms']:,.0f} ms. All portals together, since the counters "
            "began."
        )
    table(found["vendors"], "vendors", columns=VENDORS, empty="No vendor was called yet.")
    rows = [
        {**row, "what": _tried(row["what"]), "share": f"{row['share']:.1%}"}
        for row in found["error_rates"]
    ]
    st.markdown("**Errors of the last 15 minutes**")
    table(rows, "errors", columns=ERRORS, empty="Nothing was tried in the last 15 minutes.")


def _tried(what: str) -> str:
    """ "provider_requests:hubspot" as people say it."""
    name, _, subject = what.partition(":")
    return TRIED.get(name, name).format(VENDOR_NAMES.get(subject, subject))


def _costs(found: Operations) -> None:
    st.header("Cost")
    if found["costs"]:
        chart(charts.costs(found["costs"]), "costs", table=False)
        total = sum(cost["usd"] for cost in found["costs"])
        st.caption(f"${total:,.2f} in 30 days, {_usd(found['usd_per_lead'])} per scored lead.")
    table(
        found["costs"],
        "costs",
        columns=COSTS,
        empty="Nothing was spent: the embedded models cost nothing.",
    )


def _runs(client: Api, *, may: bool) -> None:
    st.header("Long work")
    rows = [
        {
            **run,
            "kind": NAMES.get(run["kind"], run["kind"]),
            "started": when(run["started_at"]),
            "finished": when(run["finished_at"]),
        }
        for run in client.list_runs()["items"]
    ]
    table(rows, "runs", columns=RUNS, empty="Nothing has run yet.")
    if may:
        columns = st.columns(4)
        if columns[0].button("Pull the portal anew"):
            _try(client, "/runs", {"kind": "pull"}, "The pull has begun.")
        if columns[1].button("Score every lead again"):
            _try(client, "/runs", {"kind": "backfill"}, "Scoring has begun.")
