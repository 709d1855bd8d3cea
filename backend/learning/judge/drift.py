"""Whether today's leads still look like those the model was trained on, and whether its chances
still come true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.numbers import (
    DRIFT_CELLS,
    DRIFT_SMOOTHING,
    INTERVAL_Z,
    PSI_ALARM,
    PSI_WATCH,
    SCORE_BIN_POINTS,
)
from backend.scoring.scorecard.cells import UNKNOWN_CELL, FieldCells


@dataclass(frozen=True, slots=True)
class DriftOfField:
    """Population stability index of one field (or "score"), and the cell that moved most."""

    field: str
    psi: float
    level: str  # "stable", "watch" or "alarm"
    most_moved: str
    share_before: float
    share_now: float


@dataclass(frozen=True, slots=True)
class CalibrationDrift:
    """Wins expected by the model and wins that came, among leads decided since. `drifted` when
    they differ by more than chance explains (z beyond 1.96)."""

    leads: int
    expected: float
    won: int
    z: float
    drifted: bool


def stability(
    field: str, before: Sequence[int], now: Sequence[int], names: Sequence[str]
) -> DriftOfField:
    """PSI = Σ (now − before) · ln(now / before) over cells (Siddiqi 2006); counts are smoothed so
    an empty cell stays finite. Below .1 nothing happened, from .25 the model needs a look; but
    never when few leads alone explain it: without any change the PSI is about χ² with cells − 1
    degrees of freedom times (1/n before + 1/n now) (Yurdakul & Naranjo 2020)."""
    shares = []
    for counts in (before, now):
        smoothed = np.array(counts, dtype=np.float64) + DRIFT_SMOOTHING
        shares.append(smoothed / smoothed.sum())
    old, new = shares
    parts = (new - old) * np.log(new / old)
    psi = float(parts.sum())
    most = int(np.argmax(parts))
    by_chance = _chi_square_95(max(len(names) - 1, 1))
    by_chance *= 1 / max(sum(before), 1) + 1 / max(sum(now), 1)
    level = "alarm" if psi >= PSI_ALARM else "watch" if psi >= PSI_WATCH else "stable"
    level = level if psi > by_chance else "stable"
    return DriftOfField(field, psi, level, names[most], float(old[most]), float(new[most]))


def field_drift(cells: FieldCells, before: Sequence[int], now: Sequence[int]) -> DriftOfField:
    """Stability of one field from leads per cell, fine cells pooled to about ten: neighbouring
    numbers, or the rarest levels. Unknown stays a cell of its own."""
    old, new = (np.array(counts, dtype=np.int64) for counts in (before, now))
    both = old + new
    group = np.zeros(cells.size, dtype=np.intp)
    if cells.kind == "number":
        known = both.astype(np.float64)
        known[UNKNOWN_CELL] = 0.0
        middle = (np.cumsum(known) - known / 2) / max(float(known.sum()), 1.0)
        group = 1 + np.minimum((middle * DRIFT_CELLS).astype(np.intp), DRIFT_CELLS - 1)
        group[UNKNOWN_CELL] = 0
    else:
        common = np.argsort(-both, kind="stable")[: DRIFT_CELLS - 1]
        group[:] = DRIFT_CELLS
        group[common] = np.arange(len(common))
    used = np.unique(group[both > 0]) if both.any() else np.array([0])
    names = [_group_name(cells, np.flatnonzero((group == g) & (both > 0))) for g in used]
    counts = [[int(c[group == g].sum()) for g in used] for c in (old, new)]
    return stability(cells.name, counts[0], counts[1], names)


def _group_name(cells: FieldCells, members: Ints) -> str:
    if len(members) == 1 or cells.kind == "number":
        return cells.describe(int(members[0]), int(members[-1]))
    return "rarer values"


def _chi_square_95(degrees: int) -> float:
    """Upper 5 % point by Wilson & Hilferty (1931); within 1 % from 2 degrees up."""
    part = 2 / (9 * degrees)
    return float(degrees * (1 - part + 1.645 * sqrt(part)) ** 3)


def score_drift(before: Ints, now: Ints) -> DriftOfField:
    """PSI of the scores, in bins of ten points from 0 to 100."""
    bins = 100 // SCORE_BIN_POINTS
    counts = [
        np.bincount(np.clip(scores // SCORE_BIN_POINTS, 0, bins - 1), minlength=bins).tolist()
        for scores in (before, now)
    ]
    names = [f"{i * SCORE_BIN_POINTS}-{(i + 1) * SCORE_BIN_POINTS}" for i in range(bins)]
    return stability("score", counts[0], counts[1], names)


def calibration_drift(chances: Floats, won: Floats) -> CalibrationDrift:
    """Compare what was promised with what came (Spiegelhalter's idea: the sum of wins has variance
    Σ p (1 − p) when the chances are right)."""
    expected, came = float(chances.sum()), int(won.sum())
    spread = sqrt(float((chances * (1 - chances)).sum()))
    z = (came - expected) / spread if spread > 0 else 0.0
    return CalibrationDrift(len(won), expected, came, z, abs(z) > INTERVAL_Z)
