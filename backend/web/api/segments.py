"""Segments before they are saved: how many leads each would catch."""

from __future__ import annotations

from pydantic import Field

from backend.scoring.facts.segments import SEGMENTS_MAX
from backend.security.roles import Permission
from backend.services.portals.segments import caught
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.shapes import Nothing, Shape
from backend.web.api.settings import SegmentBody, segments_in

routes = Routes()


class SegmentsBody(Shape):
    """In the order in which they are asked."""

    segments: list[SegmentBody] = Field(max_length=SEGMENTS_MAX)


class SegmentCount(Shape):
    """Leads that a segment would catch; without a name: those outside all segments."""

    name: str
    leads: int


class SegmentCounts(Shape):
    """Of so many contacts `looked_at`, a sample of all `contacts` where there are more."""

    items: list[SegmentCount]
    looked_at: int
    contacts: int


@routes.post(
    "/portals/<int:portal_id>/settings/segments/counts",
    needs=Permission.EDIT_SETTINGS,
    body=SegmentsBody,
    answer=SegmentCounts,
)
def count_segments(call: Call[Nothing, SegmentsBody]) -> SegmentCounts:
    """How many leads each would catch; nothing is saved. Properties that were not read before cost
    HubSpot calls: six at most."""
    found = caught(call.product, call.portal_id, segments_in(call.body.segments))
    return SegmentCounts(
        items=[SegmentCount(name=name, leads=leads) for name, leads in found.leads.items()],
        looked_at=found.looked_at,
        contacts=found.contacts,
    )
