"""Bags of boosted trees that each look at one field (or one of a few pairs), as exact tables.

scikit-learn's histogram trees with `interaction_cst` are additive by construction, so predicting
each cell with all other fields held fixed gives the model itself, not an approximation. Leaves
must hold few rows when the table is small (LightGBM's defaults lose up to .06 AUC there).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.learning.additive import Additive, Pair, weighted_sum
from backend.learning.encoding import Encoded
from backend.learning.numbers import (
    BAG_SHARE,
    LEAF_ROWS_MAX,
    LEAF_ROWS_MIN,
    LEAF_ROWS_PER,
    LEAVES_FEW,
    TREE_L2,
    TREE_RATE,
    TREES,
)
from backend.learning.table import Floats, Ints
from backend.scoring.scorecard_cells import UNKNOWN_CELL


@dataclass(frozen=True, slots=True)
class TreeShape:
    """How large the trees are and which pairs of fields one tree may combine."""

    leaves: int = LEAVES_FEW
    trees: int = TREES
    pairs: tuple[Pair, ...] = ()


def boosted_trees(
    encoded: Encoded, won: Floats, *, shape: TreeShape, bags: int, seed: int
) -> Additive | None:
    """The average of `bags` models on random parts of the rows; None when no bag has both kinds."""
    rng = np.random.default_rng(seed)
    size = max(int(BAG_SHARE * len(won)), 2)
    models = []
    for bag in range(bags):
        rows = np.sort(rng.choice(len(won), size, replace=False))
        if 0 < won[rows].sum() < size:
            fitted = _fit(encoded, rows, won, shape, seed + bag)
            models.append(_tabulated(fitted, encoded, shape.pairs))
    if not models:
        return None
    return weighted_sum(models, [1 / len(models)] * len(models)).centred(encoded.codes)


def _fit(encoded: Encoded, rows: Ints, won: Floats, shape: TreeShape, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    place = {j: position for position, j in enumerate(_order(encoded))}
    alone = [[j] for j in range(len(place))]
    return HistGradientBoostingClassifier(
        learning_rate=TREE_RATE,
        max_iter=shape.trees,
        max_leaf_nodes=shape.leaves,
        l2_regularization=TREE_L2,
        min_samples_leaf=int(np.clip(len(won) // LEAF_ROWS_PER, LEAF_ROWS_MIN, LEAF_ROWS_MAX)),
        interaction_cst=alone + [[place[i], place[j]] for i, j in shape.pairs],
        categorical_features=[encoded.fields[j].kind == "levels" for j in place],
        early_stopping=False,
        random_state=seed,
    ).fit(_inputs(encoded, encoded.codes[rows]), won[rows])


def _order(encoded: Encoded) -> list[int]:
    """Fields of levels first. scikit-learn moves categorical columns to the front but leaves
    `interaction_cst` as given (seen in 1.9.1): in another order the constraint hits other fields
    and the tables would not be exact."""
    levels = [f.kind == "levels" for f in encoded.fields]
    return sorted(range(len(levels)), key=lambda j: (not levels[j], j))


def _inputs(encoded: Encoded, codes: Ints) -> Floats:
    """Cell numbers as the trees take them: unknown numbers are missing, not the smallest."""
    inputs = codes.astype(np.float64)
    for j, cells in enumerate(encoded.fields):
        if cells.kind == "number":
            inputs[codes[:, j] == UNKNOWN_CELL, j] = np.nan
    return inputs[:, _order(encoded)]


def _tabulated(fitted: Any, encoded: Encoded, pairs: Sequence[Pair]) -> Additive:
    """Anchored decomposition: exact for a sum of functions of single fields and of these pairs."""
    anchor = np.array([np.bincount(column).argmax() for column in encoded.codes.T], dtype=np.intp)

    def at(changes: dict[int, Ints], rows: int) -> Floats:
        codes = np.repeat(anchor[None, :], rows, axis=0)
        for j, cells in changes.items():
            codes[:, j] = cells
        return np.asarray(fitted.decision_function(_inputs(encoded, codes)), dtype=np.float64)

    base = float(at({}, 1)[0])
    tables = tuple(at({j: np.arange(n)}, n) - base for j, n in enumerate(encoded.sizes))
    matrices = {}
    for i, j in pairs:
        rows, columns = encoded.sizes[i], encoded.sizes[j]
        grid = {i: np.repeat(np.arange(rows), columns), j: np.tile(np.arange(columns), rows)}
        joint = at(grid, rows * columns).reshape(rows, columns)
        matrices[i, j] = joint - base - tables[i][:, None] - tables[j][None, :]
    return Additive(base, tables, matrices)
