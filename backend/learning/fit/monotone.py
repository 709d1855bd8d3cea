"""More engagement never costs points, unless the outcomes clearly say that it does.

Which fields are engagement, and which way they point, is told by their names. For each the folds
are asked: when the regression predicts rows it did not see clearly better (two standard errors)
without the constraint, the field stays free. Both regressions are fitted, because a field that
goes the other way mostly takes back what a field like it gives: held to its direction beside
tables that were fitted with it free, it looks worse than it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.encoding import Encoded
from backend.learning.fit.additive import Additive
from backend.learning.fit.folds import rows_without
from backend.learning.fit.shrunken import shrunken_regression
from backend.learning.metrics import losses
from backend.learning.numbers import CLEARLY_FREE_SE
from backend.scoring.points.engagement import INPUTS
from backend.scoring.scorecard.cells import UNKNOWN_CELL, FieldCells

Directions = tuple[int, ...]  # a field each: 1 rises, -1 falls, 0 is free

_GOOD = (
    r"visits?|(page|form)[ _]?views?|pages?[ _]viewed|sessions|clicks?|clicked|opens?|opened|"
    r"repl(y|ies|ied)|meetings?|form[ _]?submissions?|submitted|conversion[ _]events|"
    r"time[ _](spent|on)|downloads?|webinars?|attended"
)
_BAD = r"bounces?|bounced|unsubscribed?|opt(ed)?[ _]?outs?|no[ _-]?shows?|missed"
_RATIO = r"per|rates?|ratio|average|avg|mean|percent(age)?|share"  # of clicks: no count of them
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")  # TotalVisits
_WORD = r"(?<![^\W_])(?:{})(?![^\W_])"
_IS_GOOD = re.compile(_WORD.format(_GOOD), re.IGNORECASE)
_IS_RATIO = re.compile(_WORD.format(_RATIO), re.IGNORECASE)
_IS_BAD = re.compile(_WORD.format(_BAD), re.IGNORECASE)


def engagement_directions(encoded: Encoded) -> Directions:
    """Which way each field should point before the outcomes are looked at."""
    return tuple(_direction(cells) for cells in encoded.fields)


def _direction(cells: FieldCells) -> int:
    name = _CAMEL.sub(" ", cells.name)
    if cells.kind != "number" or not cells.edges or _IS_RATIO.search(name):
        return 0
    ours = INPUTS.get(cells.name)
    if (ours is not None and ours.points < 0) or (ours is None and _IS_BAD.search(name)):
        # a portal's rows hold such inputs as points below 0, a file as counts
        return 1 if cells.edges[0] < 0 else -1
    return 1 if ours is not None or _IS_GOOD.search(name) else 0


def upheld(
    wanted: Directions,
    parts: Sequence[Additive],
    encoded: Encoded,
    won: Floats,
    groups: Ints,
    folds: Ints,
) -> Directions:
    """The directions that the folds do not clearly speak against. `parts[k]` did not see fold k;
    of `groups`, (n,), the rows win and lose together.

    A field is asked with a new fit only if holding it looks clearly worse without one.
    """
    asked = _Asked(wanted, parts, encoded, won, folds)
    fields = [j for j, direction in enumerate(wanted) if direction]
    held = asked.losses(free=())
    doubted = [j for j in fields if _clearly(held - asked.losses(free=(j,)), groups)]
    if not doubted:
        return wanted
    held = asked.losses(free=(), first=doubted)
    if not _clearly(held - asked.losses(free=doubted), groups):
        return wanted
    found = list(wanted)
    for j in doubted:
        others = [other for other in doubted if other != j]
        if _clearly(held - asked.losses(free=(j,), first=others), groups):
            found[j] = 0
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which way fields should point, and the folds to ask."""

    wanted: Directions
    parts: Sequence[Additive]
    encoded: Encoded
    won: Floats
    folds: Ints

    def losses(self, free: Sequence[int], first: Sequence[int] = ()) -> Floats:
        """(n,) log losses out of fold with all fields held but `free`; all others are fitted anew
        around the fields that are held `first`."""
        directions = tuple(0 if j in free else one for j, one in enumerate(self.wanted))
        found = np.zeros(len(self.won))
        for fold in range(int(self.folds.max()) + 1):
            rows = rows_without(self.folds, fold, self.won)
            seen, out = self.encoded.take(rows), np.flatnonzero(self.folds == fold)
            model = monotone(self.parts[fold], seen, directions)
            if first:
                model = monotone(_anew(model, seen, self.won[rows], first), seen, directions)
            found[out] = losses(self.won[out], model.predict(self.encoded.codes[out]))
        return found


def _anew(model: Additive, seen: Encoded, won: Floats, kept: Sequence[int]) -> Additive:
    """A regression around these tables of the model."""
    offset = np.sum([model.tables[j][seen.codes[:, j]] for j in kept], axis=0)
    rest = [j for j in range(len(seen.fields)) if j not in kept]
    found = shrunken_regression(seen.only(rest), won, offset)
    tables = dict(enumerate(model.tables)) | dict(zip(rest, found.tables, strict=True))
    return Additive(found.intercept, tuple(tables[j] for j in range(len(tables))))


def _clearly(excess: Floats, groups: Ints) -> bool:
    """Whether these losses are above 0 by two standard errors, rows of a group counted together."""
    together = np.bincount(groups, excess - excess.mean())
    error = sqrt(float(together @ together)) / len(excess)
    return float(excess.mean()) > CLEARLY_FREE_SE * error


def monotone(model: Additive, encoded: Encoded, directions: Directions) -> Additive:
    """The nearest model whose tables of these fields go one way (isotonic regression, weighed by
    the rows of each cell); unknown keeps its place."""
    tables = [
        _one_way(table, np.bincount(encoded.codes[:, j], minlength=len(table)), directions[j])
        if directions[j]
        else table
        for j, table in enumerate(model.tables)
    ]
    return Additive(model.intercept, tuple(tables), model.pairs)


def _one_way(table: Floats, rows: Ints, direction: int) -> Floats:
    from scipy.optimize import isotonic_regression  # 22 MB that only a training needs

    found = table.copy()
    known = slice(UNKNOWN_CELL + 1, None)
    weights = np.maximum(rows[known], 1e-6)
    found[known] = isotonic_regression(table[known], weights=weights, increasing=direction > 0).x
    return found
