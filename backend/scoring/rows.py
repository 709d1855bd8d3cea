"""The flat feature row of a lead for the learned model; columns are named like the factors."""

from __future__ import annotations

from math import log2

from backend.model import Snapshot
from backend.scoring.engagement import INPUTS, deals, happened
from backend.scoring.numbers import finite
from backend.scoring.profile_points import values_of
from backend.scoring.times import bucket, day_of

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
    return {**row, **snapshot.own}
