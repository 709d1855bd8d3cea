"""Calibration by weights and a shift, all folded into the points (Platt 1999 with one slope per
voice), and the table of chances with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.metrics import losses, weighted_share, wilson
from backend.learning.numbers import (
    CHANCE_BIN_ROWS,
    CHANCE_BINS_MAX,
    CONTRADICTED_ROWS,
    PRIOR_HALVINGS,
    PRIOR_LEAST,
    SLOPE_EXPECTED,
    SLOPE_HALF_ROWS,
    SLOPE_ROWS,
    SLOPE_SPREAD,
    WEIGHT_MAX,
    WEIGHT_SPREAD,
    WEIGHT_SPREAD_MAX,
    WEIGHT_SPREAD_ROWS,
)
from backend.scoring.scorecard.scorecard import ChanceBin


@dataclass(frozen=True, slots=True)
class Blend:
    """calibrated log-odds = Σ weight · voice + shift."""

    weights: tuple[float, ...]
    shift: float

    @property
    def slope(self) -> float:
        """What the voices together are multiplied by; 1 when nothing had to be corrected."""
        return sum(self.weights)

    def apply(self, raw: Floats) -> Floats:
        """(n,) from log-odds of shape (n, voices)."""
        blended: Floats = raw @ np.array(self.weights) + self.shift
        return blended


def planned_slope(won: Floats) -> float:
    """What the average of the voices is multiplied by before its predictions are looked at.

    An average of voices that err differently is too timid (Baron et al. 2014), and each of them
    is too bold when few rows are of the rarer kind. Rows are counted as if as many were won as
    lost: 4 · won · lost / rows.
    """
    wins = float(won.sum())
    rows = 4 * wins * (len(won) - wins) / len(won)
    return SLOPE_EXPECTED * rows**2 / (rows**2 + SLOPE_HALF_ROWS**2)


def fit_blend(raw: Floats, won: Floats, planned: Floats, weights: Floats | float = 1.0) -> Blend:
    """Weights and shift by penalised maximum likelihood on out-of-fold log-odds (n, voices).

    The prior is Normal around the plan, so few outcomes cannot turn the weights far: all together
    they may be scaled with a spread that grows to `SLOPE_SPREAD` (the slope found on 50 outcomes
    says nothing about the slope needed), against each other they move with one of
    `WEIGHT_SPREAD`. The shift is free, no weight is negative: a voice is not used against itself.
    Where the plan leaves a loss above that of one voice alone, or of the base rate, the outcomes
    contradict it: then the prior is relaxed as little as makes it no higher. Up to
    `CONTRADICTED_ROWS` outcomes a loss that is higher by less than two standard errors is chance
    and contradicts nothing. A row counts `weights` (n,) times.
    """
    times = np.ones(len(won)) * weights
    precision = _plan_precision(planned, len(won))
    rivals = _losses_alone(raw, won, times)

    def relaxed(share: float) -> Blend | None:
        blend = _solve(raw, won, planned, share * precision, times)
        ours = times * losses(won, blend.apply(raw))
        return blend if all(_no_worse(ours, theirs) for theirs in rivals) else None

    blend = relaxed(1.0)
    if blend is not None:
        return blend
    kept = _solve(raw, won, planned, 0.0 * precision, times)
    low, high = log(PRIOR_LEAST), 0.0
    for _ in range(PRIOR_HALVINGS):
        middle = (low + high) / 2
        found = relaxed(exp(middle))
        if found is None:
            high = middle
        else:
            kept, low = found, middle
    return kept


def _losses_alone(raw: Floats, won: Floats, times: Floats) -> list[Floats]:
    """(n,) log losses of the base rate, then of each voice as it is."""
    share = float(np.clip(weighted_share(won, times), 1e-6, 1 - 1e-6))
    base = np.full(len(won), log(share / (1 - share)))
    return [times * losses(won, one) for one in (base, *raw.T)]


def _no_worse(ours: Floats, theirs: Floats) -> bool:
    difference, rows = ours - theirs, len(ours)
    error = float(difference.std()) / sqrt(rows) if rows < CONTRADICTED_ROWS else 0.0
    return float(difference.mean()) <= 2 * error


def _solve(raw: Floats, won: Floats, planned: Floats, precision: Floats, times: Floats) -> Blend:
    """The bounded optimum, by L-BFGS-B (Byrd et al. 1995); the problem is convex."""
    from scipy.optimize import minimize  # 22 MB that only a training needs
    from scipy.special import expit

    inputs = np.concatenate([raw, np.ones((len(raw), 1))], axis=1)
    target = np.append(planned, 0.0)

    def loss(at: Floats) -> tuple[float, Floats]:
        logits, away = inputs @ at, at - target
        value = (times * np.logaddexp(0.0, logits)).sum() - (times * won) @ logits
        value = value + 0.5 * away @ precision @ away
        return float(value), inputs.T @ (times * (expit(logits) - won)) + precision @ away

    bounds = [(0.0, WEIGHT_MAX)] * len(planned) + [(None, None)]
    options = {"maxiter": 500, "ftol": 1e-14, "gtol": 1e-8}
    found = minimize(loss, target, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    return Blend(tuple(float(weight) for weight in found[:-1]), float(found[-1]))


def _plan_precision(planned: Floats, rows: int) -> Floats:
    """Inverse covariance of weights and shift, (voices + 1, voices + 1)."""
    together = np.outer(planned, planned) / (planned @ planned)
    apart = np.eye(len(planned)) - together
    precision = np.zeros((len(planned) + 1, len(planned) + 1))
    slope = SLOPE_SPREAD * rows / (rows + SLOPE_ROWS)
    precision[:-1, :-1] = together / (slope**2 * (planned @ planned))
    grown = WEIGHT_SPREAD * sqrt(max(rows / WEIGHT_SPREAD_ROWS, 1.0))
    precision[:-1, :-1] += apart / min(grown, WEIGHT_SPREAD_MAX) ** 2
    return precision


def chance_bins(
    out_of_fold: Floats, won: Floats, groups: Ints | None = None, recent: float = 0.0
) -> tuple[ChanceBin, ...]:
    """About equally full bins of out-of-fold log-odds, ascending, with what they became. A bin of
    which fewer were won than of the one below is pooled with it (isotonic regression by pooling
    adjacent violators; Ayer et al. 1955), so that a higher score never promises less.

    Leads of one of the `groups`, (n,), win and lose together, so fewer stand behind an interval
    than are counted: rows are divided by the design effect (Kish 1965) over all bins. Borders and
    intervals move by `recent` log-odds, as the chances do.
    """
    bins = int(np.clip(len(won) // CHANCE_BIN_ROWS, 1, CHANCE_BINS_MAX))
    edges = np.unique(np.quantile(out_of_fold, np.linspace(0, 1, bins + 1)[1:-1]))
    bin_of = np.searchsorted(edges, out_of_fold, side="right")
    effect = 1.0 if groups is None else _design_effect(won, bin_of, groups)
    found: list[tuple[float | None, int, int]] = []
    for number in range(len(edges) + 1):
        inside = bin_of == number
        if not inside.any():
            continue
        upper = None if number == len(edges) else float(edges[number])
        rows, wins = int(inside.sum()), int(won[inside].sum())
        while found and found[-1][2] * rows > wins * found[-1][1]:
            _, below_rows, below_wins = found.pop()
            rows, wins = below_rows + rows, below_wins + wins
        found.append((upper, rows, wins))
    return tuple(_chance_bin(*one, effect, recent) for one in found)


def _chance_bin(upto: float | None, rows: int, won: int, effect: float, recent: float) -> ChanceBin:
    low, high = (_moved(share, recent) for share in wilson(won / effect, rows / effect))
    edge = None if upto is None else upto + recent
    return ChanceBin(upto=edge, rows=rows, won=won, low=low, high=high)


def _moved(share: float, shift: float) -> float:
    """A share whose log-odds move by `shift`; 0 and 1 stay."""
    odds = share * exp(shift)
    return odds / (odds + 1 - share)


def _design_effect(won: Floats, bin_of: Ints, groups: Ints) -> float:
    """How much more the wins of whole groups vary around their bins' shares than single leads
    would, at least 1."""
    share = np.bincount(bin_of, won) / np.maximum(np.bincount(bin_of), 1)
    residual = won - share[bin_of]
    place = bin_of * (int(groups.max()) + 1) + groups
    together = float((np.bincount(place, residual) ** 2).sum())
    alone = float((residual**2).sum())
    return max(together / alone, 1.0) if alone else 1.0


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Leads promised a like chance: `promised` on average, `share_won` came; `low` and `high`
    bound that share (95 %)."""

    leads: int
    promised: float
    won: int
    share_won: float
    low: float
    high: float


def calibration_bins(chances: Floats, won: Floats) -> tuple[CalibrationBin, ...]:
    """What was promised and what came, in about equally full bins, lowest chances first."""
    if not len(won):
        return ()
    order = np.argsort(chances, kind="stable")
    parts = np.array_split(order, int(np.clip(len(won) // CHANCE_BIN_ROWS, 1, CHANCE_BINS_MAX)))
    found = []
    for rows in parts:
        wins, leads = int(won[rows].sum()), len(rows)
        promised = float(chances[rows].mean())
        found.append(CalibrationBin(leads, promised, wins, wins / leads, *wilson(wins, leads)))
    return tuple(found)
