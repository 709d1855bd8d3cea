"""Whether today's leads still look like those the model was trained on, and whether its chances
still come true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from backend.learning.numbers import (
    DRIFT_SMOOTHING,
    INTERVAL_Z,
    PSI_ALARM,
    PSI_WATCH,
    SCORE_BIN_POINTS,
)
from backend.learning.table import Floats, Ints


@dataclass(frozen=True, slots=True)
class FieldDrift:
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
) -> FieldDrift:
    """PSI = Σ (now − before) · ln(now / before) over cells (Siddiqi 2006); counts are smoothed so
    an empty cell stays finite. Below .1 nothing happened, from .25 the model needs a look."""
    shares = []
    for counts in (before, now):
        smoothed = np.array(counts, dtype=np.float64) + DRIFT_SMOOTHING
        shares.append(smoothed / smoothed.sum())
    old, new = shares
    parts = (new - old) * np.log(new / old)
    psi = float(parts.sum())
    most = int(np.argmax(parts))
    level = "alarm" if psi >= PSI_ALARM else "watch" if psi >= PSI_WATCH else "stable"
    return FieldDrift(field, psi, level, names[most], float(old[most]), float(new[most]))


def score_drift(before: Ints, now: Ints) -> FieldDrift:
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
