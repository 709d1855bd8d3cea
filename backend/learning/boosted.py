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


@dataclass(frozen=True, slots=True)
class Forest:
    """The bags' models; their mean is the voice."""

    encoded: Encoded
    models: tuple[Any, ...]
    pairs: tuple[Pair, ...]

    def predict(self, codes: Ints) -> Floats:
        """Log-odds, (n,)."""
        inputs = _inputs(self.encoded, codes)
        logits: Floats = np.mean([m.decision_function(inputs) for m in self.models], axis=0)
        return logits

    def tables(self) -> Additive:
        """The same as exact tables, centred on the training rows."""
        found = [_tabulated(m, self.encoded, self.pairs) for m in self.models]
        return weighted_sum(found, [1 / len(found)] * len(found)).centred(self.encoded.codes)


def boosted_trees(
    encoded: Encoded, won: Floats, *, shape: TreeShape, bags: int, seed: int
) -> Forest | None:
    """`bags` models on random parts of the rows; None when no bag has both kinds of outcomes."""
    rng = np.random.default_rng(seed)
    size = max(int(BAG_SHARE * len(won)), 2)
    models = []
    for bag in range(bags):
        rows = np.sort(rng.choice(len(won), size, replace=False))
        if 0 < won[rows].sum() < size:
            models.append(_fit(encoded, rows, won, shape, seed + bag))
    return Forest(encoded, tuple(models), shape.pairs) if models else None


def _fit(encoded: Encoded, rows: Ints, won: Floats, shape: TreeShape, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    place = {j: position for position, j in enumerate(_order(encoded))}
    alone = [[j] for j in range(len(place))]
    trees = HistGradientBoostingClassifier(
        learning_rate=TREE_RATE,
        max_iter=shape.trees,
        max_leaf_nodes=shape.leaves,
        l2_regularization=TREE_L2,
        min_samples_leaf=int(np.clip(len(won) // LEAF_ROWS_PER, LEAF_ROWS_MIN, LEAF_ROWS_MAX)),
        interaction_cst=alone + [[place[i], place[j]] for i, j in shape.pairs],
        categorical_features=[encoded.fields[j].kind == "levels" for j in place],
        early_stopping=False,
        random_state=seed,
    )
    # One thread: tables this small gain little from more, and workers sharing a machine lose much.
    with threadpool_limits(1):
        return trees.fit(_inputs(encoded, encoded.codes[rows]), won[rows])


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
        shape = encoded.sizes[i], encoded.sizes[j]
        first, second = (places.ravel() for places in np.indices(shape))
        joint = at({i: first, j: second}, len(first)).reshape(shape)
        matrices[i, j] = joint - base - tables[i][:, None] - tables[j][None, :]
    return Additive(base, tables, matrices)
