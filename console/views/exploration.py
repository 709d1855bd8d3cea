"""The exploration on Impact: a share of the Low leads is offered, so that the model goes on
learning where nobody looks."""

from __future__ import annotations

from typing import Any

import streamlit as st

from console.api import Api, ExplorationBody, ExplorationPreview, ExplorationResult
from console.client import ApiError
from console.notices import refused
from console.tables import safe, table, when
from console.views.shares import share_text

SHARES = (1, 2, 5, 10)
ARMS = {
    "arm": "Group",
    "leads": "Leads",
    "companies": "Companies",
    "touched": "Contacted",
    "won": "Won, of those whose time is over",
    "amount": "Amount won",
}


def draw(client: Api, *, may: bool) -> None:
    """What came of it, the newest first, and the switch with what it costs."""
    st.header("Do we miss leads that score Low?")
    found = client.list_explorations()
    for place, one in enumerate(found["items"]):
        if place == 0:
            _result(one)
        else:
            with st.expander(f"Exploration of {when(one['started_at'])}"):
                _result(one)
    if found["running"]:
        if may and st.button("End the exploration"):
            _do(client.end_exploration)
        return
    if not found["items"]:
        st.write(
            "Leads that score Low are rarely called, so they are rarely won, so a model goes on "
            "calling them Low. A few of them, chosen by chance, can be offered to your people: "
            "what becomes of those teaches the model what it cannot see."
        )
    with st.expander("What an exploration would cost"):
        _plan(client, may=may)


def _result(one: ExplorationResult) -> None:
    st.markdown(f"**{safe(one['sentence'])}**")
    until = f", ended {when(one['ended_at'])}" if one["ended_at"] else ""
    st.caption(
        f"{one['share']} % of the leads that were newly Low since {when(one['started_at'])}"
        f"{until}, at most {one['per_week']:,} in seven days; a win counts within "
        f"{one['window_days']} days."
    )
    arms = [
        _arm("Offered", one["offered"]),
        _arm("Not offered", one["not_offered"]),
    ]
    table(arms, f"explored-{one['exploration_id']}", columns=ARMS, empty="")
    st.caption(
        "Every lead counts in its group, called or not. Brackets hold the true share 95 times in "
        "100; under ten leads there is none. Leads that came when the week's offers were used up "
        "are in neither group."
    )


def _arm(name: str, one: Any) -> dict[str, Any]:
    return {
        **one,
        "arm": name,
        "touched": share_text(one["touched"]),
        "won": share_text(one["won"]),
    }


def _plan(client: Api, *, may: bool) -> None:
    share = st.radio(
        "Share of newly Low leads to offer",
        SHARES,
        index=2,
        format_func=lambda one: f"{one} %",
        horizontal=True,
    )
    per_week = int(st.number_input("At most so many in seven days", 1, 100, 10))
    found = client.preview_exploration(share=share, per_week=per_week)
    if found["problem"]:
        st.info(safe(found["problem"]))
        return
    _costs(found)
    if not may:
        st.caption("An admin of the portal can switch it on.")
        return
    agreed = st.checkbox(f"Offer {share} % of the leads that are newly Low from now on")
    if st.button("Start the exploration", type="primary", disabled=not agreed):
        body: ExplorationBody = {"share": share, "per_week": per_week, "preview": found["preview"]}
        _do(lambda: client.start_exploration(body))


def _costs(found: ExplorationPreview) -> None:
    st.markdown(f"**{safe(found['sentence'])}**")
    won = found["low_won"]
    known = f" Of your Low leads so far: {share_text(won)} won." if won and won["of"] else ""
    st.markdown(
        "What it costs: each is one call to a lead that will most likely not buy. It gets a task "
        "for its owner and a place in My leads that say why; its score, band and properties stay "
        f"as they are.{known}"
    )
    st.caption(
        "In simulated portals with 300 leads a month, 5 % found a group of good leads that nobody "
        "called within about a year, 1 % hardly ever within two. Nobody is offered who has opted "
        "out, cannot be written to, applied for a job, complained, is disqualified or set by hand, "
        "or whose company a holdout leaves alone."
    )


def _do(deed: Any) -> None:
    try:
        deed()
    except ApiError as error:
        refused(error)
        return
    st.rerun()
