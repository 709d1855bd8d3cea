"""Scores by band and by profile field: one pass over the mirror, no names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from backend.model import Score, Snapshot
from backend.ports import Clock
from backend.scoring.points.profile_points import values_of
from backend.services.scoring.snapshots import load
from backend.storage.database import Database
from backend.storage.leads import scores
from backend.storage.portals.portals import Portal
from backend.storage.walk import walk

VALUES: Final = 8  # the commonest of each field
FIELDS: Final = ("industry", "company_size", "location")
LENGTH_MAX: Final = 60  # of a value: it may be somebody's free text


@dataclass(frozen=True, slots=True)
class PatternSummary:
    """Mean score, leads by band, and per field [value, leads, mean score], commonest first."""

    leads: int
    mean: float
    bands: dict[str, int]
    by_field: dict[str, list[list[Any]]]


def summarise(
    database: Database, clock: Clock, portal: Portal, still: Callable[[], Any]
) -> PatternSummary:
    """Every scored lead of the portal."""
    bands: defaultdict[str, int] = defaultdict(int)
    sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    leads = total = 0
    for score, snapshot in _scored(database, clock, portal, still):
        leads, total = leads + 1, total + score.score
        bands[score.band.value] += 1
        values = values_of(snapshot)
        for field in FIELDS:
            for value in values.get(field, ()):
                one = sums[field, value[:LENGTH_MAX]]
                one[0] += 1
                one[1] += score.score
    mean = round(total / leads, 2) if leads else 0.0
    return PatternSummary(leads, mean, dict(bands), {field: _top(sums, field) for field in FIELDS})


def _top(sums: dict[tuple[str, str], list[int]], field: str) -> list[list[Any]]:
    rows = sorted((-n, value, points) for (f, value), (n, points) in sums.items() if f == field)
    return [[value, -n, round(points / -n, 1)] for n, value, points in rows[:VALUES]]


def _scored(
    database: Database, clock: Clock, portal: Portal, still: Callable[[], Any]
) -> Iterator[tuple[Score, Snapshot]]:
    for ids in walk(database, portal.portal_id, scores.contact_ids):
        still()
        with database.read() as conn:
            found = scores.current(conn, portal.portal_id, ids)
            snapshots = load(conn, portal, ids, clock.now())
        yield from ((found[i], snapshots[i]) for i in ids if i in found and i in snapshots)
