"""A logistic regression whose coefficients are shrunk field by field, as far as the data ask.

Each field is described by one or more blocks of terms: one indicator a level; for a number two
straight lines, an indicator for unknown and a few coarse quantile bins. The coefficients of a
block are Normal(0, s²) with a spread s of its own, and s² has an inverse-gamma prior around s₀².
Newton steps find the coefficients; after each, the spreads are set by the expectation-maximisation
update of the evidence framework (MacKay 1992; Tipping 2001):

    s² = (Σ β² + Σ Var β + 2·a·s₀²) / (terms + 2·a)

What blocks have in common is learned as well: s₀² is log-Gamma around `PRIOR_SPREAD`² with the
weight of `SPREAD_BLOCKS` blocks, so that where many fields speak loudly the next is believed
sooner, and where none does it is doubted:

    s₀² = (a·blocks + k) / (a·Σ 1/s² + k/`PRIOR_SPREAD`²)

So a field with nothing to say is shrunk to nothing and a strong one hardly at all, with no grid
search: at 50 outcomes cross-validation is mostly noise. Sums over rows are taken on contingency
tables of cells, so time hardly depends on the number of terms a field has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.encoding import Encoded
from backend.learning.fit.additive import Additive
from backend.learning.metrics import weighted_share
from backend.learning.numbers import (
    COARSE_MAX,
    COARSE_MIN,
    COARSE_ROWS,
    NEWTON_STEPS,
    NEWTON_TOLERANCE,
    PRIOR_SHAPE,
    PRIOR_SPREAD,
    SHORTEST_STEP,
    SPREAD_BLOCKS,
    VARIANCE_TOLERANCE,
)
from backend.scoring.scorecard.cells import UNKNOWN_CELL


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is fitted on: cells, outcomes and how often each row counts."""

    codes: Ints
    won: Floats
    times: Floats


@dataclass(frozen=True, slots=True)
class _Terms:
    """`bases[j]` is (cells of field j, its terms); `block[t]` numbers the block of term t."""

    bases: tuple[Floats, ...]
    block: Ints

    @property
    def starts(self) -> Ints:
        return np.cumsum([0, *(basis.shape[1] for basis in self.bases)])


def shrunken_regression(
    encoded: Encoded,
    won: Floats,
    offset: Floats | float = 0.0,
    weights: Floats | float = 1.0,
) -> Additive:
    """Fit on these rows; `won` is 1.0 or 0.0, with at least one of each. `offset` (n,) is added to
    the log-odds while fitting and is no part of the model; a row counts `weights` (n,) times."""
    terms = _terms(encoded)
    times = np.ones(len(won)) * weights
    rate = weighted_share(won, times)
    intercept = float(np.log(rate / (1 - rate)))
    beta = np.zeros(len(terms.block))
    expected = PRIOR_SPREAD**2
    variance = np.full(int(terms.block.max(initial=-1)) + 1, expected)
    for step_number in range(NEWTON_STEPS):
        precision = 1 / variance[terms.block]
        logits = Additive(intercept, _tables(terms, beta)).predict(encoded.codes) + offset
        rows = _Rows(encoded.codes, won, times)
        slope, hessian = _derivatives(rows, terms, logits, beta, precision)
        covariance = np.linalg.inv(hessian)
        step = covariance @ slope
        step *= _safe_length(rows, terms, (logits, beta, precision), step)
        intercept += float(step[0])
        beta = beta + step[1:]
        if step_number < 2:
            continue
        updated = _variances(terms.block, beta, np.diag(covariance)[1:], expected)
        expected = _in_common(updated, PRIOR_SPREAD**2)
        change = float(np.abs(np.log(updated / variance)).max(initial=0.0))
        variance = updated
        longest = float(np.abs(step).max())
        if longest < NEWTON_TOLERANCE and change < VARIANCE_TOLERANCE:
            break
    return Additive(intercept, _tables(terms, beta)).centred(encoded.codes)


def _safe_length(
    rows: _Rows,
    terms: _Terms,
    at: tuple[Floats, Floats, Floats],
    step: Floats,
) -> float:
    """1, or the first of 1/2, 1/4, … at which the log posterior is not lower than before: far
    from the top the curvature says too little and a full step overshoots."""
    here, beta, precision = at
    ahead = Additive(float(step[0]), _tables(terms, step[1:])).predict(rows.codes)

    def posterior(length: float) -> float:
        logits, moved = here + length * ahead, beta + length * step[1:]
        likelihood = (rows.times * rows.won) @ logits
        likelihood -= (rows.times * np.logaddexp(0, logits)).sum()
        return float(likelihood - precision @ moved**2 / 2)

    start, length = posterior(0.0), 1.0
    while length > SHORTEST_STEP and posterior(length) < start:
        length /= 2
    return length


def _variances(block: Ints, beta: Floats, spread_of_beta: Floats, expected: float) -> Floats:
    size = np.bincount(block)
    found = np.bincount(block, beta**2 + spread_of_beta)
    return (found + 2 * PRIOR_SHAPE * expected) / (size + 2 * PRIOR_SHAPE)


def _in_common(variance: Floats, prior: float) -> float:
    believed = PRIOR_SHAPE * len(variance) + SPREAD_BLOCKS
    return float(believed / (PRIOR_SHAPE * (1 / variance).sum() + SPREAD_BLOCKS / prior))


def _tables(terms: _Terms, beta: Floats) -> tuple[Floats, ...]:
    starts = terms.starts
    return tuple(basis @ beta[starts[j] : starts[j + 1]] for j, basis in enumerate(terms.bases))


def _derivatives(
    rows: _Rows, terms: _Terms, logits: Floats, beta: Floats, precision: Floats
) -> tuple[Floats, Floats]:
    """Gradient (1 + terms,) and negative Hessian of the log posterior; intercept first."""
    codes = rows.codes
    chance = 1 / (1 + np.exp(-logits))
    weight = rows.times * np.maximum(chance * (1 - chance), 1e-6)
    missed = rows.times * (rows.won - chance)
    starts, bases = terms.starts, terms.bases
    hessian = np.zeros((1 + len(beta), 1 + len(beta)))
    slope = np.zeros(1 + len(beta))
    hessian[0, 0], slope[0] = weight.sum(), missed.sum()
    for i, basis in enumerate(bases):
        at = slice(1 + starts[i], 1 + starts[i + 1])
        size = len(basis)
        slope[at] = basis.T @ np.bincount(codes[:, i], missed, minlength=size)
        per_cell = np.bincount(codes[:, i], weight, minlength=size)
        hessian[0, at] = hessian[at, 0] = basis.T @ per_cell
        hessian[at, at] = basis.T @ (per_cell[:, None] * basis)
        for j in range(i):
            other = slice(1 + starts[j], 1 + starts[j + 1])
            width = len(bases[j])
            together = np.bincount(codes[:, i] * width + codes[:, j], weight, size * width)
            block = basis.T @ together.reshape(size, width) @ bases[j]
            hessian[at, other], hessian[other, at] = block, block.T
    slope[1:] -= precision * beta
    hessian[np.arange(1, len(slope)), np.arange(1, len(slope))] += precision
    return slope, hessian


def _terms(encoded: Encoded) -> _Terms:
    bases: list[Floats] = []
    blocks: list[int] = []
    block = 0
    for j, cells in enumerate(encoded.fields):
        rows = np.bincount(encoded.codes[:, j], minlength=cells.size)
        parts = _number_parts(rows, encoded.lines[j]) if encoded.lines[j] else [_indicators(rows)]
        for part in parts:
            blocks += [block] * part.shape[1]
            block += 1
        bases.append(np.concatenate(parts, axis=1))
    return _Terms(tuple(bases), np.array(blocks, dtype=np.intp))


def _indicators(rows: Ints) -> Floats:
    return np.eye(len(rows))[:, rows > 0]


def _number_parts(rows: Ints, lines: tuple[Floats, ...]) -> list[Floats]:
    parts = [line[:, None] for line in lines]
    if rows[UNKNOWN_CELL]:
        parts.append(np.eye(len(rows))[:, [UNKNOWN_CELL]])
    known = rows.astype(np.float64)
    known[UNKNOWN_CELL] = 0.0
    bins = int(np.clip(rows.sum() // COARSE_ROWS, COARSE_MIN, COARSE_MAX))
    middle = (np.cumsum(known) - known / 2) / max(known.sum(), 1.0)
    coarse = np.minimum((middle * bins).astype(np.intp), bins - 1)
    coarse[UNKNOWN_CELL] = -1
    used = np.unique(coarse[(rows > 0) & (coarse >= 0)])
    if len(used) > 1:
        parts.append((coarse[:, None] == used[None, :]).astype(np.float64))
    return parts
