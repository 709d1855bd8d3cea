"""Setup's segments: several businesses in one portal, each with its own bands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import streamlit as st

from console.api import Api, Choices, SegmentBody, Settings
from console.client import ApiError
from console.notices import refused
from console.tables import table
from console.views import pickers

COUNTS = {"name": "Segment", "leads": "Leads"}
Draft = dict[str, Any]  # a segment being edited, with a number of its own for its widgets


def draw(
    client: Api,
    found: Settings,
    known: Choices,
    save: Callable[[list[SegmentBody]], None],
    *,
    may_edit: bool,
) -> None:
    """What is set and, for those who may change it, a form for each segment."""
    st.header("Segments")
    st.caption(
        "Several businesses in one portal: a lead is in the first segment that matches it. A "
        "segment can have bands of its own, and ideal clients that carry its name as a tag in the "
        "profile; the next model learns how often each segment wins. A lead outside all segments "
        "uses the portal's. The name is shown on the card."
    )
    drafts = _drafts(found)
    for place, draft in enumerate(drafts):
        _segment(found, known, drafts, place, draft, may_edit=may_edit)
    if not may_edit:
        return
    row = st.container(horizontal=True)
    if row.button("Add a segment", icon=":material/add:"):
        drafts.append(_draft({"name": "", "field": "", "values": [], "thresholds": None}))
        st.rerun()
    wanted = [_body(draft) for draft in drafts]
    if wanted and row.button("Count their leads"):
        _count(client, wanted)
    if wanted != (found["segments"] or []) and row.button("Save the segments", type="primary"):
        save(wanted)


def _drafts(found: Settings) -> list[Draft]:
    """Kept over reruns, and over a refusal, until something else is stored."""
    key, stored = f"segments_of_{found['name']}", found["segments"] or []
    of, _ = st.session_state.get(key, (None, []))
    if of != stored:
        st.session_state[key] = (stored, [_draft(dict(one)) for one in stored])
    drafts: list[Draft] = st.session_state[key][1]
    return drafts


def _draft(one: Draft) -> Draft:
    number = st.session_state.get("segments_made", 0)
    st.session_state["segments_made"] = number + 1
    return {**one, "number": number}


def _body(draft: Draft) -> SegmentBody:
    return cast(SegmentBody, {name: draft[name] for name in draft if name != "number"})


def _segment(
    found: Settings,
    known: Choices,
    drafts: list[Draft],
    place: int,
    draft: Draft,
    *,
    may_edit: bool,
) -> None:
    number = draft["number"]
    box = st.container(border=True)
    name, field, values = box.columns([2, 3, 4])
    draft["name"] = name.text_input(
        "Name", draft["name"], max_chars=40, disabled=not may_edit, key=f"segment_name_{number}"
    ).strip()
    draft["field"] = pickers.one(
        field,
        "Property",
        known["segment_fields"],
        draft["field"],
        "Choose one",
        key=f"segment_field_{number}",
        disabled=not may_edit,
    )
    draft["values"] = pickers.several(
        values,
        "has one of",
        known["pipelines"] if draft["field"] == "deals.pipeline" else [],
        draft["values"],
        placeholder="Type a value as HubSpot shows it",
        key=f"segment_values_{number}",
        disabled=not may_edit,
    )
    row = box.container(horizontal=True, vertical_alignment="bottom")
    _bands(row, found, draft, may_edit=may_edit)
    if not may_edit:
        return
    if place and row.button("Ask earlier", key=f"segment_up_{number}"):
        drafts[place - 1], drafts[place] = drafts[place], drafts[place - 1]
        st.rerun()
    if row.button("Remove", key=f"segment_gone_{number}"):
        drafts.pop(place)
        st.rerun()


def _bands(row: Any, found: Settings, draft: Draft, *, may_edit: bool) -> None:
    number = draft["number"]
    edges: Mapping[str, Any] = draft["thresholds"] or found["thresholds"]
    own = row.checkbox(
        "Bands of its own",
        draft["thresholds"] is not None,
        key=f"segment_own_{number}",
        disabled=not may_edit,
    )
    draft["thresholds"] = None
    if own:
        draft["thresholds"] = {
            edge: int(
                row.number_input(
                    f"{title} from",
                    1,
                    100,
                    edges[edge],
                    key=f"segment_{edge}_{number}",
                    disabled=not may_edit,
                )
            )
            for edge, title in (("high", "High"), ("medium", "Medium"))
        }


def _count(client: Api, wanted: list[SegmentBody]) -> None:
    try:
        counts = client.count_segments({"segments": wanted})
    except ApiError as error:
        refused(error)
        return
    rows = [{**one, "name": one["name"] or "Outside all segments"} for one in counts["items"]]
    table(rows, "segments", columns=COUNTS, empty="There is no contact yet.")
    if counts["looked_at"] < counts["contacts"]:
        st.caption(f"Among {counts['looked_at']:,} of {counts['contacts']:,} contacts.")
