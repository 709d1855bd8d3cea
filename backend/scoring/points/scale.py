"""From summed points, which have no end, to a score from 0 to 100.

Within 30 points of the average a point is a point. Beyond, each further point counts a little less,
so that the best lead is never shown as high as the next and no end of the scale collects leads:
score = 80 + 20 · (1 - e^(-(points - 80) / 20)) above 80, and the mirror image of it below 20.
"""

from __future__ import annotations

from functools import cache
from math import exp
from typing import Final

import numpy as np
import numpy.typing as npt

from backend.config import POINTS_AVERAGE
from backend.scoring.values.numbers import nearest

Ints = npt.NDArray[np.intp]

STRAIGHT: Final = 30  # points on either side of the average that are shown as they are
_END: Final = 50 - STRAIGHT


def on_scale(points: int) -> int:
    """The score, 0-100, that is shown for these summed points (50 is the average)."""
    away = points - POINTS_AVERAGE
    beyond = abs(away) - STRAIGHT
    if beyond <= 0:
        return points
    shown = STRAIGHT + _END * (1 - exp(-beyond / _END))
    return nearest(POINTS_AVERAGE + (shown if away > 0 else -shown))


def all_on_scale(points: Ints) -> Ints:
    """The same for many, of any shape."""
    known, places = np.unique(points, return_inverse=True)
    shown = np.array([on_scale(int(one)) for one in known], dtype=np.intp)
    return shown[places].reshape(points.shape)


@cache
def least_points(score: int) -> int:
    """The fewest summed points that are shown as `score`, 0-100, or more."""
    return next(points for points in range(-200, 300) if on_scale(points) >= score)
