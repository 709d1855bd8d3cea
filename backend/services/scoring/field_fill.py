"""How many leads have each fact of the profile, and what finding out the others is worth."""

from __future__ import annotations

from dataclasses import dataclass

from backend.model import PROFILE_FIELDS
from backend.scoring.points.profile_points import best_points, compare
from backend.storage.database import Connection
from backend.storage.leads import summary_rows
from backend.storage.learning import profiles


@dataclass(frozen=True, slots=True)
class FieldFill:
    """`unknown` of the scored leads lack the fact. A known value moves a score by `usual` points
    on average, up or down, and by at most `best` upwards, as the ideal client profile weighs it."""

    field: str
    known: int
    unknown: int
    usual: float
    best: float


def field_fill(conn: Connection, portal_id: int) -> list[FieldFill]:
    """Each field of the profile; the one whose missing values hide most points comes first."""
    leads, known = summary_rows.known_values(conn, portal_id)
    population = profiles.population(conn, portal_id)[0]
    comparison = compare(profiles.active(conn, portal_id), population)
    found = []
    for field in PROFILE_FIELDS:
        counts = population.counts.get(field, {})
        has = min(leads, known.get(field, sum(counts.values())))
        points = comparison.points[field]
        seen = sum(counts.get(value, 0) for value in points)
        moved = sum(abs(p) * counts.get(value, 0) for value, p in points.items())
        usual = moved / seen if seen else 0.0
        found.append(FieldFill(field, has, leads - has, usual, best_points(field, comparison)))
    return sorted(found, key=lambda one: -one.unknown * one.usual)
