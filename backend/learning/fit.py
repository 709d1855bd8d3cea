"""One additive model out of three voices, calibrated on predictions it has not seen.

    log-odds = slope · (w₁ shrunken regression + w₂ boosted trees + w₃ cold-start points) + shift

Averaging beats choosing when outcomes are few, so the weights follow from the number of outcomes
alone: the trees gain trust as n grows, the cold-start points lose it. From `PAIRS_MIN_OUTCOMES`
larger trees on a few pairs of fields are used if grouped folds say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from backend.learning.additive import Additive, Pair, weighted_sum
from backend.learning.boosted import TreeShape, boosted_trees
from backend.learning.calibration import Line, fit_line
from backend.learning.cold_start import cold_start
from backend.learning.encoding import Encoded
from backend.learning.folds import fold_numbers
from backend.learning.metrics import log_loss
from backend.learning.numbers import (
    BAGS,
    BAGS_IN_FOLDS,
    COLD_WEIGHT,
    HALF_TRUST_ROWS,
    LEAVES_MANY,
    PAIR_FIELDS,
    PAIRS_MAX,
    PAIRS_MIN_OUTCOMES,
    TREES_WEIGHT,
)
from backend.learning.shrunken import shrunken_regression
from backend.learning.table import Floats, Ints


@dataclass(frozen=True, slots=True)
class Fitted:
    """`model` predicts log-odds; `out_of_fold` (n,) are calibrated log-odds of the training rows
    by models that did not see their group. `log_losses` compares what was tried."""

    model: Additive
    out_of_fold: Floats
    line: Line
    shape: TreeShape
    log_losses: dict[str, float]

    @property
    def name(self) -> str:
        pairs = len(self.shape.pairs)
        return "additive: shrunken regression + boosted trees + cold-start points" + (
            f", {pairs} pairs" if pairs else ""
        )


def fit(encoded: Encoded, won: Floats, groups: Ints, seed: int) -> Fitted:
    """Train on these rows. `groups` (n,) are never parted when predicting out of fold."""
    folds = fold_numbers(groups, won, seed)
    parts = _regressions(encoded, won, folds)
    shape = TreeShape()
    losses: dict[str, float] = {}
    raw = _cross_fitted(encoded, won, folds, parts, shape, seed)
    losses["no pairs"] = log_loss(won, fit_line(raw, won).apply(raw))
    if len(won) >= PAIRS_MIN_OUTCOMES and len(encoded.fields) > 1:
        paired = TreeShape(leaves=LEAVES_MANY, pairs=_strongest_pairs(parts[-1], encoded))
        paired_raw = _cross_fitted(encoded, won, folds, parts, paired, seed)
        losses["pairs"] = log_loss(won, fit_line(paired_raw, won).apply(paired_raw))
        if losses["pairs"] < losses["no pairs"]:
            shape, raw = paired, paired_raw
    line = fit_line(raw, won)
    voices = _blend(encoded, won, parts[-1], shape, BAGS, seed)
    model = _at_base_rate(voices.scaled(line.slope, line.shift), encoded, won)
    return Fitted(model.centred(encoded.codes), line.apply(raw), line, shape, losses)


def _regressions(encoded: Encoded, won: Floats, folds: Ints) -> list[Additive]:
    """The shrunken regression without each fold, then with all rows."""
    parts = []
    for fold in range(int(folds.max()) + 1):
        rows = _usable(np.flatnonzero(folds != fold), won)
        parts.append(shrunken_regression(encoded.take(rows), won[rows]))
    return [*parts, shrunken_regression(encoded, won)]


def _cross_fitted(
    encoded: Encoded, won: Floats, folds: Ints, parts: list[Additive], shape: TreeShape, seed: int
) -> Floats:
    """Uncalibrated log-odds of every row by a model trained without its fold."""
    raw = np.zeros(len(won))
    for fold in range(int(folds.max()) + 1):
        rows = _usable(np.flatnonzero(folds != fold), won)
        held = np.flatnonzero(folds == fold)
        model = _blend(encoded.take(rows), won[rows], parts[fold], shape, BAGS_IN_FOLDS, seed)
        raw[held] = model.predict(encoded.codes[held])
    return raw


def _usable(rows: Ints, won: Floats) -> Ints:
    """With a single won (or lost) group, one fold's training part lacks a kind: train on all."""
    return rows if 0 < won[rows].sum() < len(rows) else np.arange(len(won))


def _blend(
    encoded: Encoded, won: Floats, regression: Additive, shape: TreeShape, bags: int, seed: int
) -> Additive:
    voices, weights = [cold_start(encoded, won)], [_cold_weight(len(won))]
    trees = boosted_trees(encoded, won, shape=shape, bags=bags, seed=seed)
    if trees is not None:
        voices.append(trees)
        weights.append(_trees_weight(len(won)))
    return weighted_sum([regression, *voices], [1 - sum(weights), *weights])


def _trees_weight(rows: int) -> float:
    return TREES_WEIGHT * rows / (rows + HALF_TRUST_ROWS)


def _cold_weight(rows: int) -> float:
    return COLD_WEIGHT * HALF_TRUST_ROWS / (rows + HALF_TRUST_ROWS)


def _strongest_pairs(regression: Additive, encoded: Encoded) -> tuple[Pair, ...]:
    """Pairs of the fields that move the score most, the strongest first."""
    spread = [float(table[encoded.codes[:, j]].std()) for j, table in enumerate(regression.tables)]
    strongest = sorted(range(len(spread)), key=lambda j: (-spread[j], j))[:PAIR_FIELDS]
    pairs = sorted(combinations(sorted(strongest), 2), key=lambda p: -spread[p[0]] * spread[p[1]])
    return tuple(pairs[:PAIRS_MAX])


def _at_base_rate(model: Additive, encoded: Encoded, won: Floats) -> Additive:
    """Shift so that the mean predicted chance is the share won."""
    logits, rate = model.predict(encoded.codes), float(won.mean())
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        if float((1 / (1 + np.exp(-(logits + middle)))).mean()) < rate:
            low = middle
        else:
            high = middle
    return model.scaled(1.0, (low + high) / 2)
