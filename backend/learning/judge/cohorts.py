"""Shares, times and expectations of cohorts: nothing is a rate under ten leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

from backend.learning.metrics import wilson
from backend.learning.numbers import INTERVAL_Z

RATE_MIN: Final = 10  # leads; a share of fewer says nothing


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of`, as a share with Wilson's 95 % interval; None under ten."""

    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def share_of(count: int, of: int) -> Share:
    """The share with its interval."""
    if of < RATE_MIN:
        return Share(count, of, None, None, None)
    low, high = wilson(count, of)
    return Share(count, of, count / of, low, high)


def reached_by(minutes: Mapping[int, int], leads: int, part: float) -> int | None:
    """Minutes within which this part of all `leads` were touched; None under ten leads, or while
    fewer were. `minutes` has the number of touched leads by their time."""
    if leads < RATE_MIN:
        return None
    wanted, passed = ceil(part * leads), 0
    for time in sorted(minutes):
        passed += minutes[time]
        if passed >= wanted:
            return time
    return None


@dataclass(frozen=True, slots=True)
class Expected:
    """A sum as it was foreseen, with the range that holds it 95 times in 100."""

    value: float
    low: float
    high: float


def expected_wins(chance_sum: float, chance_variance: float) -> Expected:
    """Of leads that win independently, each with its chance (Poisson binomial, as a Normal)."""
    reach = INTERVAL_Z * sqrt(chance_variance)
    return Expected(chance_sum, max(0.0, chance_sum - reach), chance_sum + reach)


def expected_amount(
    chance_sum: float, chance_variance: float, mean: float, variance: float
) -> Expected:
    """Of the same leads' deals, whose sizes vary as the portal's own."""
    value = chance_sum * mean
    reach = INTERVAL_Z * sqrt(chance_variance * mean**2 + chance_sum * variance)
    return Expected(value, max(0.0, value - reach), value + reach)
