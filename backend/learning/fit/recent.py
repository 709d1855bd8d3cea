"""How far the newest leads are from what all of them together promise."""

from __future__ import annotations

import numpy as np

from backend.learning.arrays import Floats
from backend.learning.numbers import (
    RECENT_BLOCKS_MAX,
    RECENT_BLOCKS_MIN,
    RECENT_ROWS,
    RECENT_SHIFT_MAX,
    RECENT_STEPS,
)


def recent_shift(logits: Floats, won: Floats, times: Floats) -> float:
    """What to add to log-odds, (n,), so that they suit the newest leads; rows without a time (NaN)
    do not count.

    The leads are cut by time into equal blocks, and each block says by how much it is off. How far
    blocks differ beyond what chance explains (the moment estimate of DerSimonian & Laird 1986) is
    how far the newest is believed: where nothing drifts, not at all.
    """
    order = np.argsort(times, kind="stable")
    order = order[~np.isnan(times[order])]
    blocks = min(len(order) // RECENT_ROWS, RECENT_BLOCKS_MAX)
    if blocks < RECENT_BLOCKS_MIN:
        return 0.0
    found = [_off(logits[rows], won[rows]) for rows in np.array_split(order, blocks)]
    off, variance = (np.array(column) for column in zip(*found, strict=True))
    weight = 1 / variance
    spread = float(weight @ off**2) - (blocks - 1)
    drift = max(spread / float(weight.sum() - (weight @ weight) / weight.sum()), 0.0)
    believed = float(off[-1]) * drift / (drift + float(variance[-1]))
    return float(np.clip(believed, -RECENT_SHIFT_MAX, RECENT_SHIFT_MAX))


def _off(logits: Floats, won: Floats) -> tuple[float, float]:
    """(shift, its variance) under which these leads are promised as many wins as came, with half a
    win and half a loss added, so that a block without a win has one, too."""
    shift = 0.0
    for _ in range(RECENT_STEPS):
        chance = 1 / (1 + np.exp(-(logits + shift)))
        extra = 1 / (1 + np.exp(-shift))
        information = float((chance * (1 - chance)).sum()) + extra * (1 - extra)
        step = (float((won - chance).sum()) + 0.5 - extra) / information
        shift += float(np.clip(step, -1.0, 1.0))
    return shift, 1 / information
