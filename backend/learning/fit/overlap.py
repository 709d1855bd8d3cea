"""Which fields say much the same about the same leads, so that one factor shows the points of all.

Apart, such fields get what the fit happened to split between them, "+15 Pages viewed" beside
"-19 Visits"; their sum is what the outcomes speak of. Two fields share a factor when the numbers
rise and fall together, or when what they add to a score does, either way.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.numbers import (
    CHANCE_BIN_ROWS,
    CHANCE_BINS_MAX,
    SHARED_AGAINST,
    SHARED_ALIKE,
    SHARED_MIN_ROWS,
)
from backend.scoring.facts.own_facts import is_own
from backend.scoring.scorecard.scorecard import Scorecard, Scored, SharedFactor, apply_codes


def shared_factors(scorecard: Scorecard, codes: Ints, won: Floats) -> tuple[SharedFactor, ...]:
    """Groups of fields of which every two say much the same on these training leads, (n, fields).
    The likest are put together first."""
    scored = apply_codes(scorecard, codes)
    fields = range(len(scorecard.fields))
    likeness = {pair: _likeness(scorecard, scored, *pair) for pair in combinations(fields, 2)}
    group_of = {j: [j] for j in fields}
    for (i, j), like in sorted(likeness.items(), key=lambda entry: (-entry[1], entry[0])):
        first, second = group_of[i], group_of[j]
        alike = all(likeness[min(a, b), max(a, b)] >= 1 for a in first for b in second if a != b)
        if like >= 1 and first is not second and alike:
            both = [*first, *second]
            group_of |= {j: both for j in both}
    groups = {min(group): group for group in group_of.values() if len(group) > 1}
    return tuple(_shared(scored, groups[first], won) for first in sorted(groups))


def _likeness(scorecard: Scorecard, scored: Scored, i: int, j: int) -> float:
    """1 or more where both say much the same. A property of the portal's own is never named beside
    another field: its name stays with the portal."""
    first, second = (scorecard.fields[k].cells for k in (i, j))
    if is_own(first.name) != is_own(second.name):
        return 0.0
    known = ~(scored.unknown[:, i] | scored.unknown[:, j])
    if known.sum() < SHARED_MIN_ROWS:
        return 0.0
    points = _correlation(*scored.contributions[known][:, [i, j]].T)
    found = [points / SHARED_ALIKE, points / SHARED_AGAINST]
    if first.kind == second.kind == "number":
        # cells are quantiles, so this is close to the correlation of ranks
        found.append(abs(_correlation(*scored.codes[known][:, [i, j]].T)) / SHARED_ALIKE)
    return max(found)


def _correlation(first: Floats | Ints, second: Floats | Ints) -> float:
    if np.ptp(first) < 1e-9 or np.ptp(second) < 1e-9:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _shared(scored: Scored, group: list[int], won: Floats) -> SharedFactor:
    spread = scored.contributions.std(axis=0)
    members = sorted(group, key=lambda j: (-spread[j], j))
    known = ~scored.unknown[:, members]
    several = known.sum(axis=1) > 1
    sums = np.where(known, scored.contributions[:, members], 0.0).sum(axis=1)[several]
    bins = int(np.clip(len(sums) // CHANCE_BIN_ROWS, 1, CHANCE_BINS_MAX))
    edges = np.unique(np.quantile(sums, np.linspace(0, 1, bins + 1)[1:-1]))
    place = np.searchsorted(edges, sums, side="right")
    rows = np.bincount(place, minlength=len(edges) + 1)
    wins = np.bincount(place, won[several], minlength=len(edges) + 1)
    return SharedFactor(
        fields=tuple(members),
        edges=tuple(float(edge) for edge in edges),
        rows=tuple(int(n) for n in rows),
        won=tuple(int(n) for n in wins),
    )
