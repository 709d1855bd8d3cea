"""Calibration by one slope and one shift, both folded into the points (Platt 1999), and the table
of chances with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from backend.learning.numbers import (
    CHANCE_BIN_ROWS,
    CHANCE_BINS_MAX,
    INTERVAL_Z,
    SLOPE_SPREAD,
)
from backend.learning.table import Floats
from backend.scoring.scorecard import ChanceBin


@dataclass(frozen=True, slots=True)
class Line:
    """calibrated log-odds = slope · log-odds + shift."""

    slope: float
    shift: float

    def apply(self, logits: Floats) -> Floats:
        return self.slope * logits + self.shift


def fit_line(logits: Floats, won: Floats) -> Line:
    """Fit by penalised maximum likelihood: the slope has a Normal(1, `SLOPE_SPREAD`²) prior, so
    few outcomes cannot turn it far; the shift is free. The slope is never below 0.05."""
    slope, shift = 1.0, 0.0
    precision = 1 / SLOPE_SPREAD**2
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(slope * logits + shift)))
        weight = np.maximum(chance * (1 - chance), 1e-6)
        gap = won - chance
        gradient = np.array([float(gap @ logits) - precision * (slope - 1), float(gap.sum())])
        cross = float(weight @ logits)
        hessian = np.array(
            [[float(weight @ logits**2) + precision, cross], [cross, float(weight.sum())]]
        )
        step = np.clip(np.linalg.solve(hessian, gradient), -1.0, 1.0)
        slope, shift = slope + float(step[0]), shift + float(step[1])
        if float(np.abs(step).max()) < 1e-9:
            break
    return Line(max(slope, 0.05), shift)


def wilson(won: float, rows: float) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); (0, 1) without rows."""
    if not rows:
        return (0.0, 1.0)
    share, z = won / rows, INTERVAL_Z
    centre = share + z * z / (2 * rows)
    reach = z * sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    scale = 1 + z * z / rows
    return (max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale))


def chance_bins(out_of_fold: Floats, won: Floats) -> tuple[ChanceBin, ...]:
    """About equally full bins of out-of-fold log-odds, ascending, with what they became."""
    bins = int(np.clip(len(won) // CHANCE_BIN_ROWS, 1, CHANCE_BINS_MAX))
    edges = np.unique(np.quantile(out_of_fold, np.linspace(0, 1, bins + 1)[1:-1]))
    bin_of = np.searchsorted(edges, out_of_fold, side="right")
    found = []
    for number in range(len(edges) + 1):
        inside = bin_of == number
        if not inside.any():
            continue
        rows, wins = int(inside.sum()), int(won[inside].sum())
        low, high = wilson(wins, rows)
        upper = None if number == len(edges) else float(edges[number])
        found.append(ChanceBin(upto=upper, rows=rows, won=wins, low=low, high=high))
    return tuple(found)
