"""The points a portal would start with if its won rows were its ideal clients.

The formula is the one leads are scored with before there are outcomes (`scoring.log_ratios`):
won rows against all rows, field by field, halved because fields overlap, smoothed with imaginary
clients that look like the population. It is one voice in the average, loud when outcomes are few.
"""

from __future__ import annotations

from math import log

import numpy as np

from backend.config import POINTS_TO_DOUBLE
from backend.learning.arrays import Floats
from backend.learning.data.encoding import Encoded
from backend.learning.fit.additive import Additive
from backend.learning.metrics import weighted_share
from backend.scoring.points.log_ratios import log_ratio_points


def cold_start(encoded: Encoded, won: Floats, weights: Floats) -> Additive:
    """The formula's points as log-odds, centred on these rows, which count `weights` times."""
    tables = []
    for j, size in enumerate(encoded.sizes):
        codes = encoded.codes[:, j]
        population = np.bincount(codes, weights, minlength=size)
        ideal = np.bincount(codes, weights * won, minlength=size)
        points = log_ratio_points(
            {str(c): float(n) for c, n in enumerate(ideal) if n},
            {str(c): float(n) for c, n in enumerate(population) if n},
        )
        table = np.array([points.get(str(c), 0.0) for c in range(size)])
        tables.append(table * log(2) / POINTS_TO_DOUBLE)
    rate = weighted_share(won, weights)
    centred = Additive(0.0, tuple(tables)).centred(encoded.codes)
    return Additive(log(rate / (1 - rate)), centred.tables)
