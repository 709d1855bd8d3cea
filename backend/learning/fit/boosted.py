"""Bags of boosted trees that each look at one field (or one of a few pairs), as exact tables.

scikit-learn's histogram trees with `interaction_cst` are additive by construction, so predicting
each cell with all other fields held fixed gives the model itself, not an approximation. Leaves
must hold few rows when the table is small (LightGBM's defaults lose up to .06 AUC there).

Trees are shown either a level's name or what its rows became (target statistics; Prokhorenkova et
al. 2018). Names tell any two levels apart, shares say little of rare ones: two voices that err
differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.encoding import Encoded
from backend.learning.fit.additive import Additive, Pair, weighted_sum
from backend.learning.fit.monotone import Directions
from backend.learning.fit.shown import Shown, level_names, level_shares, looked_up
from backend.learning.numbers import (
    BAG_PARTS,
    LEAF_ROWS_MAX,
    LEAF_ROWS_MIN,
    LEAF_ROWS_PER,
    TABULATED_ROWS,
    TREE_L2,
    TREE_LEAVES,
    TREE_RATE,
    TREES,
)

Reading = Literal["names", "shares"]


@dataclass(frozen=True, slots=True)
class TreeShape:
    """How large the trees are, which pairs of fields one tree may combine and which fields rise (1)
    or fall (-1) whatever the others hold."""

    leaves: int = TREE_LEAVES
    trees: int = TREES
    pairs: tuple[Pair, ...] = ()
    directions: Directions = ()  # of each field; none: all are free


@dataclass(frozen=True, slots=True)
class Bag:
    """One model; `cells[j]` is what its trees are shown for each cell of field j, in `order`."""

    model: Any
    cells: tuple[Floats, ...]
    order: tuple[int, ...]

    def predict(self, codes: Ints) -> Floats:
        """Log-odds, (n,)."""
        inputs = looked_up(self.cells, codes)[:, self.order]
        return np.asarray(self.model.decision_function(inputs), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Forest:
    """The bags; their mean is the voice."""

    encoded: Encoded
    bags: tuple[Bag, ...]
    pairs: tuple[Pair, ...]

    def predict(self, codes: Ints) -> Floats:
        """Log-odds, (n,)."""
        logits: Floats = np.mean([bag.predict(codes) for bag in self.bags], axis=0)
        return logits

    def tables(self) -> Additive:
        """The same as exact tables, centred on the training rows."""
        found = [_tabulated(bag, self.encoded, self.pairs) for bag in self.bags]
        return weighted_sum(found, [1 / len(found)] * len(found)).centred(self.encoded.codes)


def boosted_trees(
    encoded: Encoded,
    won: Floats,
    groups: Ints,
    *,
    reading: Reading,
    shape: TreeShape,
    bags: int,
    seed: int,
    weights: Floats | float = 1.0,
) -> Forest | None:
    """`bags` models on parts of the rows; None when no bag has both kinds of outcomes.
    `groups` (n,): what a row is shown of its levels never comes from its own group. A row counts
    `weights` (n,) times."""
    times = np.ones(len(won)) * weights
    leaf_rows = int(np.clip(len(won) // LEAF_ROWS_PER, LEAF_ROWS_MIN, LEAF_ROWS_MAX))
    models = []
    for bag, rows in enumerate(_balanced_parts(won, bags, seed)):
        part, wins = encoded.take(rows), won[rows]
        if not 0 < wins.sum() < len(rows):
            continue
        if reading == "names":
            shown = level_names(part)
        else:
            shown = level_shares(part, wins, groups[rows], seed * bags + bag)
        options = _options(part, shown, shape) | {"random_state": seed + bag}
        models.append(_fit(part, shown, wins, times[rows], leaf_rows, options))
    return Forest(encoded, tuple(models), shape.pairs) if models else None


def _balanced_parts(won: Floats, bags: int, seed: int) -> list[Ints]:
    """Rows of each bag, ascending: all but one of `BAG_PARTS` parts, won and lost dealt evenly.

    Of each deal every row is left out once, so that no row's luck is in the mean and another seed
    moves it far less than bags drawn one by one would (balanced subsampling)."""
    rng = np.random.default_rng(seed)
    found = []
    for bag in range(bags):
        if bag % BAG_PARTS == 0:
            order = rng.permutation(len(won))
            order = order[np.argsort(won[order], kind="stable")]
            part = np.zeros(len(won), dtype=np.intp)
            part[order] = np.arange(len(won)) % BAG_PARTS
        found.append(np.flatnonzero(part != bag % BAG_PARTS))
    return found


def _options(part: Encoded, shown: Shown, shape: TreeShape) -> dict[str, Any]:
    """What scikit-learn is told about trees and fields, the fields in `_order`."""
    order = _order(part)
    place = {j: position for position, j in enumerate(order)}
    return {
        "max_iter": shape.trees,
        "max_leaf_nodes": shape.leaves,
        "interaction_cst": [[j] for j in range(len(place))]
        + [[place[i], place[j]] for i, j in shape.pairs],
        "categorical_features": [shown.names and part.fields[j].kind == "levels" for j in order],
        "monotonic_cst": [shape.directions[j] for j in order] if shape.directions else None,
    }


def _fit(
    part: Encoded,
    shown: Shown,
    won: Floats,
    times: Floats,
    leaf_rows: int,
    options: dict[str, Any],
) -> Bag:
    from sklearn.ensemble import HistGradientBoostingClassifier

    order = _order(part)
    deals = len(shown.rows) // len(won)
    trees = HistGradientBoostingClassifier(
        learning_rate=TREE_RATE,
        l2_regularization=TREE_L2,
        min_samples_leaf=leaf_rows * deals,
        early_stopping=False,
        **options,
    )
    weights = np.tile(times, deals) / deals
    trees.fit(shown.rows[:, order], np.tile(won, deals), sample_weight=weights)
    return Bag(trees, shown.cells, order)


def _order(encoded: Encoded) -> tuple[int, ...]:
    """Fields of levels first. scikit-learn moves categorical columns to the front but leaves
    `interaction_cst` as given (seen in 1.9.1): in another order the constraint hits other fields
    and the tables would not be exact."""
    levels = [f.kind == "levels" for f in encoded.fields]
    return tuple(sorted(range(len(levels)), key=lambda j: (not levels[j], j)))


def _tabulated(bag: Bag, encoded: Encoded, pairs: Sequence[Pair]) -> Additive:
    """Anchored decomposition: exact for a sum of functions of single fields and of these pairs."""
    anchor = np.array([np.bincount(column).argmax() for column in encoded.codes.T], dtype=np.intp)
    sizes = encoded.sizes
    asked: list[dict[int, Ints]] = [{j: np.arange(size)} for j, size in enumerate(sizes)]
    for i, j in pairs:
        first, second = np.indices((sizes[i], sizes[j]))
        asked.append({i: first.ravel(), j: second.ravel()})
    base, *found = _predicted(bag, anchor, [{0: anchor[:1]}, *asked])
    tables = tuple(one - base[0] for one in found[: len(sizes)])
    matrices = {}
    for (i, j), joint in zip(pairs, found[len(sizes) :], strict=True):
        matrix = joint.reshape(sizes[i], sizes[j])
        matrices[i, j] = matrix - base[0] - tables[i][:, None] - tables[j][None, :]
    return Additive(float(base[0]), tables, matrices)


def _predicted(bag: Bag, anchor: Ints, asked: Sequence[dict[int, Ints]]) -> list[Floats]:
    """Log-odds where these fields hold these cells and all others the anchor's. Asked together, up
    to `TABULATED_ROWS` rows at once: with few rows nearly all of a prediction is its start."""
    lengths = [len(next(iter(cells.values()))) for cells in asked]
    found: list[Floats] = []
    start = 0
    while start < len(asked):
        end = start + 1
        while end < len(asked) and sum(lengths[start : end + 1]) <= TABULATED_ROWS:
            end += 1
        codes = np.repeat(anchor[None, :], sum(lengths[start:end]), axis=0)
        borders = np.cumsum([0, *lengths[start:end]])
        for cells, first, last in zip(asked[start:end], borders[:-1], borders[1:], strict=True):
            for j, values in cells.items():
                codes[first:last, j] = values
        found += np.split(bag.predict(codes), borders[1:-1])
        start = end
    return found
