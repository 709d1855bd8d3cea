"""The flat feature row of a lead for the learned model; columns are named like the factors."""

from __future__ import annotations

from collections.abc import Mapping
from math import log2

from backend.model import Snapshot
from backend.scoring.facts.labels import SHOWN
from backend.scoring.facts.segments import OUTSIDE, SEGMENT_FIELD
from backend.scoring.points.engagement import INPUTS, deals, happened, told
from backend.scoring.points.profile_points import told as told_of_profile
from backend.scoring.points.profile_points import values_of
from backend.scoring.scorecard.cells import Cell
from backend.scoring.values.numbers import finite
from backend.scoring.values.times import bucket, day_of, day_text

_CATEGORIES = ("seniority", "department", "email_kind", "source", "buying_role", "lead_status")
_COUNTS = ("visits",)


def row_of(snapshot: Snapshot) -> dict[str, str | float | None]:
    """Text for categories, numbers for points and counts, None when unknown.

    Technologies are joined by ";". Engagement and deals are points after decay and before caps;
    an input that did not happen is 0, because that is known. The portal's own properties come last,
    as text, those that are known.
    """
    row: dict[str, str | float | None] = {
        field: ";".join(values) or None for field, values in values_of(snapshot).items()
    }
    for name in _CATEGORIES:
        row[name] = snapshot.contact.get(name) or None
    for name in _COUNTS:
        count = finite(snapshot.contact.get(name))
        row[name] = None if count is None else log2(1.0 + max(0.0, count))
    row["has_phone"] = snapshot.contact.get("has_phone") or "no"
    created = day_of(snapshot.contact.get("created_on"))
    row["known_since"] = None if created is None else bucket((snapshot.today - created).days)
    found = {**happened(snapshot), **deals(snapshot)}
    for field, entry in INPUTS.items():
        if entry.points:
            row[field] = round(found[field].points, 6) if field in found else 0.0
    if snapshot.segment is not None:  # a column only where a portal has segments
        row[SEGMENT_FIELD] = snapshot.segment or OUTSIDE
    return {**row, **snapshot.own}


def words_of(snapshot: Snapshot, row: Mapping[str, Cell]) -> dict[str, str]:
    """What a person reads where the model reads this row of the lead: "4, last on 15 Nov" instead
    of the points left of them. Columns that mean the same to both are left out, and what is
    unknown."""
    words = {
        field: told_of_profile(snapshot, field)
        for field, values in values_of(snapshot).items()
        if values
    }
    words |= {
        name: text for name in _CATEGORIES if (text := snapshot.contact.get(SHOWN + name, ""))
    }
    count = finite(snapshot.contact.get("visits"))
    if count is not None:
        words["visits"] = f"{max(0.0, count):,.0f}"
    created = day_of(snapshot.contact.get("created_on"))
    if created is not None:
        words["known_since"] = day_text(created, snapshot.today)
    return {**words, **told(snapshot)}
