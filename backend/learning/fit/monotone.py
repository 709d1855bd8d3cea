"""More engagement never costs points, unless the outcomes clearly say that it does.

Which fields are engagement, and which way they point, is told by their names. For each the folds
are asked: when the regression predicts rows it did not see clearly better (two standard errors)
without the constraint, the field stays free.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import sqrt

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.encoding import Encoded
from backend.learning.fit.additive import Additive
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
    wanted: Directions, parts: Sequence[Additive], encoded: Encoded, won: Floats, folds: Ints
) -> Directions:
    """The directions that the folds do not clearly speak against. `parts[k]` did not see fold k."""
    found = list(wanted)
    for j, direction in enumerate(wanted):
        if direction and _clearly_free(j, direction, parts, encoded, won, folds):
            found[j] = 0
    return tuple(found)


def _clearly_free(
    j: int, direction: int, parts: Sequence[Additive], encoded: Encoded, won: Floats, folds: Ints
) -> bool:
    excess = np.zeros(len(won))
    for fold in range(int(folds.max()) + 1):
        held = np.flatnonzero(folds == fold)
        cells = encoded.codes[held, j]
        table = parts[fold].tables[j]
        rows = np.bincount(encoded.codes[folds != fold, j], minlength=len(table))
        free = parts[fold].predict(encoded.codes[held])
        bound = free - table[cells] + _one_way(table, rows, direction)[cells]
        excess[held] = losses(won[held], bound) - losses(won[held], free)
    error = float(excess.std()) / sqrt(len(won))
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
