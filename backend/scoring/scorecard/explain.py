"""The factors of one lead as people read them, and what a missing field could add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import copysign, sqrt

import numpy as np

from backend.model import Factor, MissingField
from backend.scoring.facts.segments import SEGMENT_FIELD
from backend.scoring.scorecard.cells import Cell
from backend.scoring.scorecard.scorecard import (
    POINTS_PER_LOGIT,
    Scorecard,
    Scored,
    SharedFactor,
)
from backend.scoring.values.words import UNKNOWN_FIELDS, label

SHOWN_MIN_ROWS = 5  # fewer leads behind a comparison: it is not shown
CLEAR_Z = 1.96  # 95 %: a share this far from the average is not chance
OVERLAP = "overlapping_fields"  # the factor of what no single field can be told to take back


@dataclass(frozen=True, slots=True)
class _Told:
    """A factor, and whether its own leads won more (1) or less often (-1) than average; 0 where
    that cannot be told."""

    factor: Factor
    side: int

    @property
    def contradicted(self) -> bool:
        return self.factor.points * self.side < 0


def factors(
    scorecard: Scorecard, scored: Scored, lead: int, row: Mapping[str, Cell]
) -> tuple[Factor, ...]:
    """Every factor of one lead, in field order; their points add up to its score minus 50.

    Of fields that say much the same one shows the points of all. No factor's points have a sign
    that its own leads clearly contradict: such points only take back what other fields give, so
    they are taken from those.
    """
    known = [j for j in range(len(scorecard.fields)) if not scored.unknown[lead, j]]
    told = {j: _of_field(scorecard, scored, lead, j, row) for j in known}
    for shared in scorecard.shared:
        members = [j for j in shared.fields if j in told]
        if len(members) > 1:
            told |= _of_several(scorecard, scored, lead, shared, [told[j].factor for j in members])
    found = _without_contradictions([told[j] for j in known])
    unknown = int(scored.points[lead, -1])
    if unknown:
        names = [
            label(f.cells.name, f.cells.title)
            for j, f in enumerate(scorecard.fields)
            if scored.unknown[lead, j]
        ]
        why = f"among your past leads, leaving these empty went with {_fewer(unknown)} wins"
        found.append(Factor(UNKNOWN_FIELDS, ", ".join(names), unknown, "model", why))
    return tuple(found)


def _of_field(
    scorecard: Scorecard, scored: Scored, lead: int, j: int, row: Mapping[str, Cell]
) -> _Told:
    field, points = scorecard.fields[j], int(scored.points[lead, j])
    behind = field.behind[int(scored.codes[lead, j])]
    side, why = compared(scorecard.base_rate, *behind, points)
    name = field.cells.name
    return _Told(Factor(name, _value(row.get(name)), points, "model", why, field.cells.title), side)


def _of_several(
    scorecard: Scorecard, scored: Scored, lead: int, shared: SharedFactor, told: Sequence[Factor]
) -> dict[int, _Told]:
    """By place of the field: the first of them with the points of all, the others with none."""
    places = [scorecard.field_names.index(one.field) for one in told]
    points = sum(one.points for one in told)
    worth = float(scored.contributions[lead, places].sum())
    bin_ = int(np.searchsorted(shared.edges, worth, side="right"))
    side, why = compared(scorecard.base_rate, shared.rows[bin_], shared.won[bin_], points)
    first, others = told[0], told[1:]
    names = ", ".join(label(one.field, one.title) for one in others)
    together = f"together with {names}: {why}" if why else f"together with {names}"
    counted = f"counted with {label(first.field, first.title)}"
    shown = [_Told(replace(first, points=points, comparison=together), side)]
    shown += [_Told(replace(one, points=0, comparison=counted), 0) for one in others]
    return dict(zip(places, shown, strict=True))


def compared(base_rate: float, rows: int, won: int, points: int) -> tuple[int, str]:
    """(1 where these leads won more often than average, -1 where less, 0 where that cannot be told;
    "won 2.1 times as often as average, n=64", or "" when too few leads stand behind it).

    A share that differs from the average by no more than chance is called average where the points
    point the other way.
    """
    if rows < SHOWN_MIN_ROWS:
        return 0, ""
    ratio = won / rows / base_rate
    side = 1 if ratio > 1 else -1
    noise = CLEAR_Z * sqrt(base_rate * (1 - base_rate) / rows) / base_rate
    if 0.95 <= ratio <= 1.05 or (points * side < 0 and abs(ratio - 1) <= noise):
        return 0, f"won as often as average, n={rows}"
    if not won:
        return side, f"none won, n={rows}"
    return side, f"won {ratio:.1f} times as often as average, n={rows}"


def _without_contradictions(told: Sequence[_Told]) -> list[Factor]:
    """The same sum; contradicted points go to those factors of the other sign that have most, and
    what none can take stands alone."""
    rest = sum(one.factor.points for one in told if one.contradicted)
    points = [0 if one.contradicted else one.factor.points for one in told]
    for i in sorted(range(len(told)), key=lambda i: (-abs(points[i]), i)):
        if points[i] * rest < 0:
            taken = int(copysign(min(abs(points[i]), abs(rest)), rest))
            points[i] += taken
            rest -= taken
    found = [
        replace(
            one.factor,
            points=now,
            comparison=one.factor.comparison
            + ("; already counted in the other fields" if one.contradicted else ""),
        )
        for one, now in zip(told, points, strict=True)
    ]
    if rest:
        why = f"together your fields promise {'less' if rest < 0 else 'more'} than one by one"
        found.append(Factor(OVERLAP, "", rest, "model", why))
    return found


def missing(scorecard: Scorecard, scored: Scored, lead: int) -> tuple[MissingField, ...]:
    """Unknown fields and the most each could add, most promising first. Nobody can fill in a
    segment: a lead outside all of them lacks nothing."""
    found = []
    for j, f in enumerate(scorecard.fields):
        if scored.unknown[lead, j] and f.cells.name != SEGMENT_FIELD:
            best = _best_logit(scorecard, scored, lead, j)
            gain = round((best - float(scored.contributions[lead, j])) * POINTS_PER_LOGIT)
            found.append(MissingField(f.cells.name, max(gain, 0), f.cells.title))
    return tuple(sorted(found, key=lambda m: (-m.could_add, m.field)))


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
