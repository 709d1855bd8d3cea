"""A field's points as people read them: one line a level, the best first; numbers in ranges,
the lowest first."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from backend.scoring.scorecard.cells import UNKNOWN_CELL
from backend.scoring.scorecard.scorecard import POINTS_PER_LOGIT, SEEN_ROWS, FieldPoints

RANGES_MAX = 12  # about so many ranges of a number


@dataclass(frozen=True, slots=True)
class PointsLine:
    """What a level or range adds (its mean over the training leads in it), and what training saw;
    every training lead is counted in one line."""

    value: str
    points: float
    won: int
    leads: int


def points_lines(field: FieldPoints) -> list[PointsLine]:
    """Levels and ranges that training saw; "unknown" comes last among ranges."""
    seen = [cell for cell in range(field.cells.size) if field.rows[cell]]
    if field.cells.kind == "levels":
        ranked = sorted(seen, key=lambda cell: (-field.logits[cell], cell))
        return [_line(field, cell, cell) for cell in ranked]
    found = [_line(field, first, last) for first, last in _ranges(field)]
    if UNKNOWN_CELL in seen:
        found.append(_line(field, UNKNOWN_CELL, UNKNOWN_CELL))
    return found


def spread(field: FieldPoints) -> float:
    """How far the field tells leads apart: the standard deviation of its points over them."""
    rows = sum(field.rows) or 1
    pairs = list(zip(field.rows, field.logits, strict=True))
    mean = sum(n * x for n, x in pairs) / rows
    return POINTS_PER_LOGIT * sqrt(sum(n * (x - mean) ** 2 for n, x in pairs) / rows)


def _ranges(field: FieldPoints) -> list[tuple[int, int]]:
    """First and last cell of each range: neighbours together until enough leads are in it."""
    enough = max(SEEN_ROWS, sum(field.rows) / RANGES_MAX)
    found: list[tuple[int, int]] = []
    first, rows = 1, 0
    for cell in range(1, field.cells.size):
        rows += field.rows[cell]
        if rows >= enough:
            found.append((first, cell))
            first, rows = cell + 1, 0
    if first < field.cells.size:  # too few are left for a range of their own
        first = found.pop()[0] if found else first
        found.append((first, field.cells.size - 1))
    return [(low, high) for low, high in found if sum(field.rows[low : high + 1])]


def _line(field: FieldPoints, first: int, last: int) -> PointsLine:
    rows = field.rows[first : last + 1]
    weighted = zip(rows, field.logits[first : last + 1], strict=True)
    return PointsLine(
        value=field.cells.describe(first, last),
        points=round(POINTS_PER_LOGIT * sum(n * x for n, x in weighted) / sum(rows), 1),
        won=sum(field.won[first : last + 1]),
        leads=sum(rows),
    )
