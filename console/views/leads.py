"""Leads: whom should we work, and why does this one have its score?"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from console.address import choice, folded
from console.api import Api, LeadRow, PortalAccess
from console.client import ApiError
from console.notices import refused
from console.tables import counted, frame, when
from console.views.filters import owner_source_period, segment
from console.views.lead import draw_lead

BANDS = ("High", "Medium", "Low")
KEPT = ("band", "owner", "source", "segment", "days", "from", "to", "state", "sort")
FOLDED = ("owner", "source", "segment", "days", "from", "to", "state", "sort")
STATES = {
    "scored": "Scored",
    "waiting": "Waiting",
    "parked": "Failed",
    "not_a_lead": "No leads",
}
SORTS = {"best": "Best first", "worst": "Worst first", "changed": "Changed last"}
COLUMNS = {
    "name": "Name",
    "score": "Score",
    "band": "Band",
    "next_action": "Next",
    "chance": "Chance",
    "company": "Company",
    "owner": "Owner",
    "source": "Source",
    "segment": "Segment",
    "changed": "Changed",
}
OTHER_COLUMNS = {"name": "Name", "why": "Why", "attempts": "Tries", "since": "Since"}
EMPTY = {
    "scored": "No lead matches. Widen the filters; a portal without any score needs a profile "
    "first.",
    "waiting": "Nobody is waiting to be scored.",
    "parked": "No lead failed: every lead could be scored.",
    "not_a_lead": "Every contact is a lead. Eligibility is set on the Setup page.",
}


def draw(client: Api, portal: PortalAccess) -> None:
    """The list, or one lead when the address names it."""
    contact_id = st.query_params.get("lead", "")
    if contact_id:
        draw_lead(client, portal, contact_id)
        return
    st.title("Leads")
    _saved(client)
    query = _filters(client)
    _list(client, query)


def _saved(client: Api) -> None:
    """The person's own views: each is an address, so opening one sets every filter."""
    views = client.list_views()["items"]
    if views:
        links = " · ".join(
            f'<a href="leads?{escape(one["filters"])}" target="_self">{escape(one["name"])}</a>'
            for one in views
        )
        st.html(f"<p>My views: {links}</p>")
    now = urlencode([(name, value) for name in KEPT for value in st.query_params.get_all(name)])
    if not views and not now:
        return
    with st.expander("Save these filters as a view", icon=":material/bookmark:"):
        if now:
            name = st.text_input("Name of the view", max_chars=60)
            if st.button("Save the view", disabled=not name.strip()):
                _try(client.save_view, {"name": name.strip(), "filters": now})
        gone = st.selectbox("Remove a view", [one["name"] for one in views], index=None)
        if st.button("Remove", disabled=gone is None):
            _try(client.remove_view, {"name": gone})


def _try(change: Callable[[Any], Any], body: dict[str, Any]) -> None:
    try:
        change(body)
    except ApiError as error:
        refused(error)
        return
    st.rerun()


def _filters(client: Api) -> dict[str, Any]:
    """Every choice is in the address bar, so that a view can be shared."""
    left, right = st.columns([3, 2])
    text = left.text_input(
        "Find by name, email, company or id",
        key="q",
        bind="query-params",
        placeholder="whole words, e.g. Lovelace",
    )
    bands = right.multiselect("Band", BANDS, key="band", bind="query-params")
    with st.expander(folded("More filters", FOLDED)):
        first, second = st.columns(4), st.columns(4)
        choices = client.choices()
        others = owner_source_period(client, first, choices)
        others["segment"] = segment(first[3], choices)
        low = second[0].number_input("Score from", 0, 100, 0, key="from", bind="query-params")
        high = second[1].number_input("Score to", 0, 100, 100, key="to", bind="query-params")
        state = choice(second[2], "State", STATES, "state")
        sort = choice(second[3], "Order", SORTS, "sort")
    return {
        "q": text,
        "band": bands,
        **others,
        "score_min": int(low),
        "score_max": int(high),
        "sort": sort,
        "state": state,
    }


def _list(client: Api, query: dict[str, Any]) -> None:
    cursors = _cursors(query)
    page = client.list_leads(**query, cursor=cursors[-1])
    found = client.summary(**query)
    rows = page["items"]
    if not rows:
        st.info(EMPTY[query["state"]])
        return
    matching = counted(found["leads"], "contact matches", "contacts match")
    st.caption(f"{matching}; choose one to see why it has its score.")
    chosen = _table(rows, query["state"])
    if chosen is not None:
        st.query_params["lead"] = rows[chosen]["contact_id"]
        st.rerun()
    _under(client, query, page["next"], cursors)


def _table(rows: list[LeadRow], state: str) -> int | None:
    """The place of the chosen row, None while nothing is chosen."""
    event = st.dataframe(
        frame([_shown(row) for row in rows], _columns(rows, state)),
        hide_index=True,
        width="stretch",
        height=min(38 + 35 * len(rows), 720),
        placeholder="–",
        on_select="rerun",
        selection_mode="single-row",
        key=f"leads_{state}_{st.session_state.get('leads_seen', 0)}",
        column_config={
            "Score": st.column_config.ProgressColumn(format="%d", min_value=0, max_value=100),
            "Chance": st.column_config.NumberColumn(format="%.0f %%"),
        },
    )
    selected = event["selection"]["rows"]
    return selected[0] if selected else None


def _columns(rows: list[LeadRow], state: str) -> dict[str, str]:
    """A portal without a published model has no chances to show, one without segments no
    segment."""
    if state != "scored":
        return OTHER_COLUMNS
    empty = {key for key in ("chance", "segment") if not any(row[key] for row in rows)}
    return {key: name for key, name in COLUMNS.items() if key not in empty}


def _shown(row: LeadRow) -> dict[str, Any]:
    return {
        **row,
        "next_action": row["next_action"] or "None",
        "chance": None if row["chance"] is None else 100 * row["chance"],
        "changed": when(row["changed_at"]),
        "why": row["not_a_lead"] or row["problem"] or "waiting to be scored",
        "since": when(row["parked_at"]),
    }


def _cursors(query: dict[str, Any]) -> list[str]:
    """The way through the pages so far; another filter begins anew."""
    asked = repr(sorted(query.items()))
    if st.session_state.get("leads_asked") != asked:
        st.session_state["leads_asked"] = asked
        st.session_state["leads_cursors"] = [""]
    cursors: list[str] = st.session_state["leads_cursors"]
    return cursors


def _under(client: Api, query: dict[str, Any], following: str | None, cursors: list[str]) -> None:
    row = st.container(horizontal=True, vertical_alignment="center")
    if row.button("Back", disabled=len(cursors) == 1):
        cursors.pop()
        st.rerun()
    if row.button("More", disabled=following is None):
        cursors.append(following or "")
        st.rerun()
    row.download_button(
        "Download all as CSV",
        lambda: client.download(**query),
        file_name="leads.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    row.caption(f"Page {len(cursors)}", width="content")
