"""What a tree is shown for a cell: the level's name, or what levels like it became."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.encoding import Encoded
from backend.learning.numbers import SHARE_FOLDS, SHARE_PRIOR_ROWS
from backend.scoring.scorecard.cells import UNKNOWN_CELL, FieldCells


@dataclass(frozen=True, slots=True)
class Shown:
    """`rows` is (n, fields), for training; `cells[j]` is (cells of field j,), for predicting.
    They differ where a training row may not know what its own outcome added."""

    rows: Floats
    cells: tuple[Floats, ...]
    names: bool  # fields of levels hold names, which have no order


def level_names(encoded: Encoded) -> Shown:
    """Cell numbers; unknown numbers are missing, not the smallest."""
    cells = tuple(_numbered(f) for f in encoded.fields)
    return Shown(looked_up(cells, encoded.codes), cells, names=True)


def level_shares(encoded: Encoded, won: Floats, groups: Ints, seed: int) -> Shown:
    """The share won of each level, smoothed with `SHARE_PRIOR_ROWS` average rows; a training row
    is shown the share among rows of other folds, and a group lies in one fold."""
    fold = np.random.default_rng(seed).integers(SHARE_FOLDS, size=int(groups.max()) + 1)[groups]
    cells = [_numbered(field) for field in encoded.fields]
    rows = looked_up(cells, encoded.codes)
    rate = float(won.mean())
    for j, field in enumerate(encoded.fields):
        if field.kind == "number":
            continue
        codes, size = encoded.codes[:, j], field.size
        place = fold * size + codes
        counts = np.bincount(place, minlength=SHARE_FOLDS * size).reshape(SHARE_FOLDS, size)
        wins = np.bincount(place, won, minlength=SHARE_FOLDS * size).reshape(SHARE_FOLDS, size)
        cells[j] = _smoothed(wins.sum(axis=0), counts.sum(axis=0), rate)
        others = _smoothed(wins.sum(axis=0) - wins, counts.sum(axis=0) - counts, rate)
        rows[:, j] = others[fold, codes]
    return Shown(rows, tuple(cells), names=False)


def _numbered(field: FieldCells) -> Floats:
    cells = np.arange(field.size, dtype=np.float64)
    if field.kind == "number":
        cells[UNKNOWN_CELL] = np.nan
    return cells


def _smoothed(wins: Floats, rows: Floats, rate: float) -> Floats:
    shares: Floats = (wins + SHARE_PRIOR_ROWS * rate) / (rows + SHARE_PRIOR_ROWS)
    return shares


def looked_up(cells: Sequence[Floats], codes: Ints) -> Floats:
    """(n, fields): what is shown for these cells."""
    columns = [values[codes[:, j]] for j, values in enumerate(cells)]
    return np.stack(columns, axis=1)
