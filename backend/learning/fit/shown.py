"""What a tree is shown for a cell: the level's name, or what levels like it became."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.encoding import Encoded
from backend.learning.numbers import (
    SHARE_DEAL_ROWS,
    SHARE_DEALS_MAX,
    SHARE_FOLDS,
    SHARE_PRIOR_ROWS,
)
from backend.scoring.scorecard.cells import UNKNOWN_CELL, FieldCells


@dataclass(frozen=True, slots=True)
class Shown:
    """`rows` is (n, fields), or several such below each other, for training; `cells[j]` is (cells
    of field j,), for predicting. They differ where a training row may not know what its own outcome
    added."""

    rows: Floats
    cells: tuple[Floats, ...]
    names: bool  # fields of levels hold names, which have no order


def level_names(encoded: Encoded) -> Shown:
    """Cell numbers; unknown numbers are missing, not the smallest."""
    cells = tuple(_numbered(f) for f in encoded.fields)
    return Shown(looked_up(cells, encoded.codes), cells, names=True)


def level_shares(encoded: Encoded, won: Floats, groups: Ints, seed: int) -> Shown:
    """The share won of each level, smoothed with `SHARE_PRIOR_ROWS` average rows; a training row
    is shown the share among rows of other folds, and a group lies in one fold. Where rows are few,
    each is shown several times with other folds, so that no deal of folds decides much."""
    deals = int(np.clip(SHARE_DEAL_ROWS // len(won), 1, SHARE_DEALS_MAX))
    rng = np.random.default_rng(seed)
    folds = [rng.integers(SHARE_FOLDS, size=int(groups.max()) + 1)[groups] for _ in range(deals)]
    cells = [_numbered(field) for field in encoded.fields]
    rows = np.tile(looked_up(cells, encoded.codes), (deals, 1))
    rate = float(won.mean())
    for j, field in enumerate(encoded.fields):
        if field.kind == "number":
            continue
        codes, size = encoded.codes[:, j], field.size
        cells[j] = _smoothed(
            np.bincount(codes, won, size), np.bincount(codes, minlength=size), rate
        )
        rows[:, j] = np.concatenate([_of_others(codes, size, won, fold) for fold in folds])
    return Shown(rows, tuple(cells), names=False)


def _of_others(codes: Ints, size: int, won: Floats, fold: Ints) -> Floats:
    place = fold * size + codes
    counts = np.bincount(place, minlength=SHARE_FOLDS * size).reshape(SHARE_FOLDS, size)
    wins = np.bincount(place, won, minlength=SHARE_FOLDS * size).reshape(SHARE_FOLDS, size)
    shares = _smoothed(wins.sum(axis=0) - wins, counts.sum(axis=0) - counts, float(won.mean()))
    return shares[fold, codes]


def _numbered(field: FieldCells) -> Floats:
    cells = np.arange(field.size, dtype=np.float64)
    if field.kind == "number":
        cells[UNKNOWN_CELL] = np.nan
    return cells


def _smoothed(wins: Floats | Ints, rows: Floats | Ints, rate: float) -> Floats:
    shares: Floats = (wins + SHARE_PRIOR_ROWS * rate) / (rows + SHARE_PRIOR_ROWS)
    return shares


def looked_up(cells: Sequence[Floats], codes: Ints) -> Floats:
    """(n, fields): what is shown for these cells."""
    columns = [values[codes[:, j]] for j, values in enumerate(cells)]
    return np.stack(columns, axis=1)
