"""Team: who has how much to do, where do reps disagree, and what is built in HubSpot?"""

from __future__ import annotations

import streamlit as st

from console.api import Api, OwnerRow, PortalAccess
from console.tables import counted, pick, table, when

OWNERS = {
    "owner": "Owner",
    "high": "High",
    "medium": "Medium",
    "new_high": "New High, 7 days",
    "new_medium": "New Medium, 7 days",
    "capacity": "Can work a week",
    "too_many": "Too many",
    "open_tasks": "Open tasks",
}
DISPUTES = {
    "said": "When",
    "name": "Lead",
    "score": "Score then",
    "reason": "Why",
    "comment": "In own words",
    "now": "Now",
}


def draw(client: Api, portal: PortalAccess) -> None:
    """The week's work first."""
    st.title("Team")
    _owners(client.list_owners()["items"])
    _disputes(client)
    _workflows(client)


def _owners(rows: list[OwnerRow]) -> None:
    st.header("Who has how much to do")
    over = [row for row in rows if row["too_many"]]
    for row in over:
        told = counted(row["too_many"], "new lead")
        st.warning(f"{row['owner']} got {told} more than a week's work: share them out in HubSpot.")
    table(rows, "owners", columns=OWNERS, empty="No lead is High or Medium yet.")
    if rows and all(row["capacity"] is None for row in rows):
        st.caption(
            "Set under Setup how many leads an owner can work a week to see who has too many."
        )


def _disputes(client: Api) -> None:
    st.header("Where reps disagree")
    found = client.list_disputes()["items"]
    if not found:
        st.info("No rep has disagreed with a score yet. They do it on the card, beside the score.")
        return
    decided = [one for one in found if one["outcome"]]
    st.caption(
        f"{counted(len(found), 'disagreement')}, newest first; {len(decided):,} of these leads "
        "were won or lost since. Choose one to see the lead."
    )
    rows = [
        {
            **one,
            "said": when(one["said_at"]),
            "now": _now(one["outcome"], one["score_now"], one["band_now"]),
        }
        for one in found
    ]
    chosen = pick(rows, "disputes", columns=DISPUTES, key=str(len(rows)))
    if chosen is not None:
        contact_id = found[chosen]["contact_id"]
        st.html(f'<a href="leads?lead={contact_id}" target="_self">Open this lead</a>')


def _now(outcome: str, score: int | None, band: str) -> str:
    if outcome:
        return outcome.capitalize()
    return "No lead any more" if score is None else f"{score} ({band})"


def _workflows(client: Api) -> None:
    st.header("Workflows to build in HubSpot")
    found = client.list_workflows()
    if not found["lists"]:
        st.info(
            "Our three lists are not in HubSpot yet: go live under Setup. Until then a workflow "
            "can enrol on the property."
        )
    for one in found["items"]:
        with st.expander(one["title"]):
            steps = "\n".join(f"{n}. {step}" for n, step in enumerate(one["steps"], 1))
            st.code(steps, language=None, wrap_lines=True)
