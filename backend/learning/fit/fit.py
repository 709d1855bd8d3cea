"""One additive model out of four voices, weighed and calibrated on predictions they had not seen.

    log-odds = w₁ · shrunken regression + w₂ · trees on names + w₃ · trees on shares
             + w₄ · cold-start points + shift

Averaging beats choosing when outcomes are few, so the weights start from a plan that depends on
the numbers of won and lost alone (the trees gain trust as they grow, the cold-start points lose
it), and out-of-fold predictions move them only as far as they have something to say. The weights
carry the calibration slope and are folded into the points. With enough outcomes trees on pairs of
fields are used if grouped folds say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.encoding import Encoded
from backend.learning.fit.additive import Additive, weighted_sum
from backend.learning.fit.boosted import Forest, Reading, TreeShape, boosted_trees
from backend.learning.fit.calibration import Blend, fit_blend, planned_slope
from backend.learning.fit.cold_start import cold_start
from backend.learning.fit.folds import fold_numbers, rows_without
from backend.learning.fit.monotone import Directions, engagement_directions, monotone, upheld
from backend.learning.fit.pairs import pairs_of_strongest
from backend.learning.fit.shrunken import shrunken_regression
from backend.learning.metrics import log_loss, weighted_share
from backend.learning.numbers import (
    BAG_PARTS,
    BAG_ROWS,
    BAGS_FEW,
    BAGS_FEW_ROWS,
    BAGS_IN_FOLDS,
    BAGS_MAX,
    BAGS_MIN,
    COLD_HALF_ROWS,
    COLD_WEIGHT,
    FOLD_SEED,
    MANY_LEAVES,
    MANY_ROWS,
    MANY_TREES,
    PAIR_LEAVES,
    PAIR_ROWS,
    PAIR_TREES,
    TREES_HALF_ROWS,
    TREES_WEIGHT,
)

READINGS: tuple[Reading, ...] = ("names", "shares")
VOICES = (
    "shrunken regression",
    *(f"boosted trees on {reading}" for reading in READINGS),
    "cold-start points",
)


@dataclass(frozen=True, slots=True)
class Fitted:
    """`model` predicts log-odds; `out_of_fold` (n,) are calibrated log-odds of the training rows
    by models that did not see their group. `log_losses` compares what was tried."""

    model: Additive
    out_of_fold: Floats
    blend: Blend
    shape: TreeShape
    log_losses: dict[str, float]

    @property
    def name(self) -> str:
        pairs = len(self.shape.pairs)
        return "additive: " + " + ".join(VOICES) + (f", {pairs} pairs" if pairs else "")


# How trees are shaped is part of what is judged: each fold finds its own strongest fields, so that
# no row helped to choose the pairs it is predicted with.
_Shaper = Callable[[Encoded, Floats, Additive], TreeShape]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is trained on: cells, outcomes, companies and folds of the same rows, how often each
    counts, and which way each field must point."""

    encoded: Encoded
    won: Floats
    groups: Ints
    folds: Ints
    times: Floats
    directions: Directions

    def take(self, chosen: Ints) -> _Rows:
        return _Rows(
            self.encoded.take(chosen),
            self.won[chosen],
            self.groups[chosen],
            self.folds[chosen],
            self.times[chosen],
            self.directions,
        )

    def monotone(self, model: Additive) -> Additive:
        return monotone(model, self.encoded, self.directions)


@dataclass(frozen=True, slots=True)
class _Tried:
    """One way to shape trees and what the folds say about it."""

    shaper: _Shaper
    raw: Floats
    blend: Blend
    loss: float


def fit(
    encoded: Encoded, won: Floats, groups: Ints, seed: int, weights: Floats | float = 1.0
) -> Fitted:
    """Train on these rows. `groups` (n,) are never parted when predicting out of fold. The folds
    and what is measured on them follow from the rows alone; `seed` deals the final trees' bags. A
    row counts `weights` (n,) times."""
    import sklearn.ensemble  # noqa: F401  # its thread pools exist before they are limited
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # One thread: tables this small gain little from more, and workers sharing a machine lose much.
    with threadpool_limits(1):
        return _fitted(encoded, won, groups, seed, np.ones(len(won)) * weights)


def _fitted(encoded: Encoded, won: Floats, groups: Ints, seed: int, times: Floats) -> Fitted:
    folds = fold_numbers(groups, won, FOLD_SEED)
    parts = _regressions(encoded, won, folds, times)
    directions = upheld(engagement_directions(encoded), parts, encoded, won, groups, folds)
    rows = _Rows(encoded, won, groups, folds, times, directions)
    parts = [monotone(part, encoded, directions) for part in parts]
    shapers: dict[str, _Shaper] = {"no pairs": lambda *_: TreeShape()}
    if len(won) >= PAIR_ROWS and len(encoded.fields) > 1:
        many = len(won) >= MANY_ROWS
        size = (MANY_LEAVES, MANY_TREES) if many else (PAIR_LEAVES, PAIR_TREES)
        shapers["pairs"] = _on_pairs(*size)
    tried = {n: _try(rows, parts, shaper) for n, shaper in shapers.items()}
    best = min(tried.values(), key=lambda t: t.loss)
    shape = best.shaper(encoded, won, parts[-1])
    voices = _voices(rows, parts[-1], shape, seed)
    model = weighted_sum(voices, best.blend.weights).scaled(1.0, best.blend.shift)
    return Fitted(
        model=_at_base_rate(model, encoded, won, times).centred(encoded.codes),
        out_of_fold=best.blend.apply(best.raw),
        blend=best.blend,
        shape=shape,
        log_losses={name: t.loss for name, t in tried.items()},
    )


def _on_pairs(leaves: int, trees: int) -> _Shaper:
    def shape(rows: Encoded, won: Floats, regression: Additive) -> TreeShape:
        return TreeShape(leaves=leaves, trees=trees, pairs=pairs_of_strongest(rows, regression))

    return shape


def _try(rows: _Rows, parts: list[Additive], shaper: _Shaper) -> _Tried:
    raw = _cross_fitted(rows, parts, shaper)
    blend = fit_blend(raw, rows.won, _planned_weights(rows.won), rows.times)
    return _Tried(shaper, raw, blend, log_loss(rows.won, blend.apply(raw)))


def _regressions(encoded: Encoded, won: Floats, folds: Ints, times: Floats) -> list[Additive]:
    """The shrunken regression without each fold, then with all rows."""
    parts = []
    for fold in range(int(folds.max()) + 1):
        rows = rows_without(folds, fold, won)
        parts.append(shrunken_regression(encoded.take(rows), won[rows], weights=times[rows]))
    return [*parts, shrunken_regression(encoded, won, weights=times)]


def _cross_fitted(rows: _Rows, parts: list[Additive], shaper: _Shaper) -> Floats:
    """Log-odds (n, voices) of every row by voices trained without its fold."""
    raw = np.zeros((len(rows.won), len(VOICES)))
    for fold in range(int(rows.folds.max()) + 1):
        others = rows_without(rows.folds, fold, rows.won)
        held = np.flatnonzero(rows.folds == fold)
        part = rows.take(others)
        shape = shaper(part.encoded, part.won, parts[fold])
        codes = rows.encoded.codes[held]
        regression = parts[fold].predict(codes)
        forests = _forests(part, shape, FOLD_SEED, BAGS_IN_FOLDS)
        trees = [regression if one is None else one.predict(codes) for one in forests]
        cold = part.monotone(cold_start(part.encoded, part.won, part.times))
        voices = [regression, *trees, cold.predict(codes)]
        raw[held] = np.stack(voices, axis=1)
    return raw


def _voices(rows: _Rows, regression: Additive, shape: TreeShape, seed: int) -> list[Additive]:
    """The regression stands in for trees that cannot be grown (no bag with a won row)."""
    most = BAGS_FEW if len(rows.won) < BAGS_FEW_ROWS else BAGS_MAX
    bags = int(np.clip(BAG_ROWS // len(rows.won), BAGS_MIN, most)) // BAG_PARTS * BAG_PARTS
    trees = [one.tables() if one else regression for one in _forests(rows, shape, seed, bags)]
    return [regression, *trees, rows.monotone(cold_start(rows.encoded, rows.won, rows.times))]


def _forests(rows: _Rows, shape: TreeShape, seed: int, bags: int) -> list[Forest | None]:
    shape = replace(shape, directions=rows.directions)
    return [
        boosted_trees(
            rows.encoded,
            rows.won,
            rows.groups,
            reading=reading,
            shape=shape,
            bags=bags,
            seed=seed + number * bags,
            weights=rows.times,
        )
        for number, reading in enumerate(READINGS)
    ]


def _planned_weights(won: Floats) -> Floats:
    rows = len(won)
    trees = TREES_WEIGHT * rows / (rows + TREES_HALF_ROWS)
    cold = COLD_WEIGHT * COLD_HALF_ROWS / (rows + COLD_HALF_ROWS)
    shares = np.array([1 - trees - cold, *[trees / len(READINGS)] * len(READINGS), cold])
    return planned_slope(won) * shares


def _at_base_rate(model: Additive, encoded: Encoded, won: Floats, times: Floats) -> Additive:
    """Shift so that the mean predicted chance is the share won."""
    logits, rate = model.predict(encoded.codes), weighted_share(won, times)
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        if weighted_share(1 / (1 + np.exp(-(logits + middle))), times) < rate:
            low = middle
        else:
            high = middle
    return model.scaled(1.0, (low + high) / 2)
