"""The factors of one lead as people read them, and what a missing field could add."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backend.model import Factor, MissingField
from backend.scoring.scorecard.cells import Cell
from backend.scoring.scorecard.scorecard import (
    POINTS_PER_LOGIT,
    FieldPoints,
    Scorecard,
    Scored,
)
from backend.scoring.values.words import UNKNOWN_FIELDS, label

SHOWN_MIN_ROWS = 5  # fewer leads behind a comparison: it is not shown
TOLD_MIN_POINTS = 2  # a point against the comparison may be rounding


def factors(
    scorecard: Scorecard, scored: Scored, lead: int, row: Mapping[str, Cell]
) -> tuple[Factor, ...]:
    """Every factor of one lead, in field order; their points add up to its score minus 50."""
    found = [
        Factor(
            field=f.cells.name,
            value=_value(row.get(f.cells.name)),
            points=int(scored.points[lead, j]),
            group="model",
            comparison=comparison(
                scorecard, f, int(scored.codes[lead, j]), int(scored.points[lead, j])
            ),
            title=f.cells.title,
        )
        for j, f in enumerate(scorecard.fields)
        if not scored.unknown[lead, j]
    ]
    together = int(scored.points[lead, -1])
    if together:
        names = [
            label(f.cells.name, f.cells.title)
            for j, f in enumerate(scorecard.fields)
            if scored.unknown[lead, j]
        ]
        why = f"among your past leads, leaving these empty went with {_fewer(together)} wins"
        found.append(Factor(UNKNOWN_FIELDS, ", ".join(names), together, "model", why))
    return tuple(found)


def missing(scorecard: Scorecard, scored: Scored, lead: int) -> tuple[MissingField, ...]:
    """Unknown fields and the most each could add, most promising first."""
    found = []
    for j, f in enumerate(scorecard.fields):
        if scored.unknown[lead, j]:
            best = _best_logit(scorecard, scored, lead, j)
            gain = round((best - float(scored.contributions[lead, j])) * POINTS_PER_LOGIT)
            found.append(MissingField(f.cells.name, max(gain, 0), f.cells.title))
    return tuple(sorted(found, key=lambda m: (-m.could_add, m.field)))


def comparison(scorecard: Scorecard, field: FieldPoints, cell: int, points: int) -> str:
    """ "won 2.1 times as often as average, n=64", or "" when too few leads stand behind it.

    Points are what a field adds to the others: they may be below 0 for a group that wins often,
    when the rest of what is known of it promises still more. That is said where it happens.
    """
    rows, won = field.behind[cell]
    if rows < SHOWN_MIN_ROWS:
        return ""
    if not won:
        return f"none won, n={rows}"
    ratio = won / rows / scorecard.base_rate
    if 0.95 <= ratio <= 1.05:
        return f"won as often as average, n={rows}"
    words = f"won {ratio:.1f} times as often as average, n={rows}"
    if abs(points) < TOLD_MIN_POINTS or (points > 0) == (ratio > 1):
        return words
    return f"{words}; {'less' if points < 0 else 'more'} than their other fields promise"


def _fewer(points: int) -> str:
    return "fewer" if points < 0 else "more"


def _best_logit(scorecard: Scorecard, scored: Scored, lead: int, j: int) -> float:
    """The most this field's own table offers over its known cells that training saw; pairs are
    left out, so this is a field's promise whatever the other fields hold."""
    field = scorecard.fields[j]
    seen = np.array(field.rows) > 0
    seen[list(field.cells.unknown)] = False
    logits = np.array(field.logits)
    return float(logits[seen].max()) if seen.any() else float(scored.contributions[lead, j])


def _value(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:g}"
    return "" if cell is None else " ".join(str(cell).split())
