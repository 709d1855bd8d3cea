"""How much more often ideal clients have a value than the portal's leads, in points.

points = 15 · log2(share among ideal clients / share in the population) · 0.5

Comparing profile with *population* beats comparing with the profile alone: a value that everybody
has says nothing. The share among ideal clients is smoothed towards the population's share with
`PROFILE_PRIOR_CLIENTS` imaginary clients (a Dirichlet prior), so few clients move little.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log2

from backend.config import POINTS_TO_DOUBLE, PROFILE_PRIOR_CLIENTS, PROFILE_WEIGHT


def log_ratio_points(
    ideal_counts: Mapping[str, float], population_counts: Mapping[str, float]
) -> dict[str, float]:
    """Points for every value seen in either table, not rounded, not capped.

    Both map a value to how many clients or leads have it; unknown values are not in them.
    Empty when either table is empty: without a comparison nothing is said.
    """
    ideal_total = sum(ideal_counts.values())
    population_total = sum(population_counts.values())
    if not ideal_total or not population_total:
        return {}
    values = sorted(set(ideal_counts) | set(population_counts))
    points = {}
    for value in values:
        # Add-one over the union, so a value that only ideal clients have stays finite.
        share = (population_counts.get(value, 0) + 1) / (population_total + len(values))
        ideal_share = (ideal_counts.get(value, 0) + PROFILE_PRIOR_CLIENTS * share) / (
            ideal_total + PROFILE_PRIOR_CLIENTS
        )
        points[value] = POINTS_TO_DOUBLE * log2(ideal_share / share) * PROFILE_WEIGHT
    return points
