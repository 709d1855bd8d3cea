"""What following up is worth: a randomised holdout's plan, its readout and its verdict.

Intention to treat: every lead counts in the arm that it was given. Looking every day is allowed:
`Difference.low` and `high` are an asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha,
Kennedy & Ramdas 2024, Annals of Statistics 52:2613-2640, normal mixture), which holds the truth at
all times at once with 95 %. Leads of one company share an arm and count as one observation of
their sum. docs/scoring-statistics.md says more.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, lgamma, log, sqrt
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from backend.learning.arrays import Floats
from backend.learning.metrics import wilson

ALPHA: Final = 0.05
POWER: Final = 0.80  # of the experiments find what is there by the promised time
COMPANIES_MIN: Final = 30  # in each arm, and …
WINS_MIN: Final = 20  # … in both together, before a normal approximation is looked at
SHARES_WRONG: Final = 1_000.0  # an e-value of this: one in a thousand right experiments
LEADS_MAX: Final = 1_000_000  # beyond this no effect is found in anybody's time
DAYS_A_MONTH: Final = 30.4
PLANNED_LIFT: Final = 0.30  # intervals are narrowest where this much would show


@dataclass(frozen=True, slots=True)
class Arms:
    """Leads whose time is over, in the order in which it ended: company, arm and what came."""

    companies: ArrayLike
    held: ArrayLike

    @property
    def groups(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """A number for each company."""
        return np.unique(np.asarray(self.companies), return_inverse=True)[1]


@dataclass(frozen=True, slots=True)
class Difference:
    """Followed up minus held out, as means per lead. `low` and `high` hold at all looks together;
    `once_low` and `once_high` for a single look (Newcombe 1998 for shares), None otherwise.
    `known`: enough companies and wins for the intervals to mean something."""

    followed_up: float
    held_out: float
    low: float
    high: float
    known: bool
    once_low: float | None = None
    once_high: float | None = None

    @property
    def effect(self) -> float:
        """The difference."""
        return self.followed_up - self.held_out


def half_width(spread: float, leads: float, planned: float) -> float:
    """Of the confidence sequence of a mean after so many leads with this standard deviation; it is
    narrowest near `planned` leads."""
    rho2 = (-2 * log(ALPHA) + log(-2 * log(ALPHA)) + 1) / planned
    inside = 2 * (leads * rho2 + 1) / (leads**2 * rho2) * log(sqrt(leads * rho2 + 1) / ALPHA)
    return spread * sqrt(inside)


def difference(arms: Arms, values: ArrayLike, planned: float, *, shares: bool) -> Difference | None:
    """Of the means of `values`, one per lead; `shares`: they are 0 or 1. None while an arm is
    empty."""
    held, found = np.asarray(arms.held, dtype=bool), np.asarray(values, dtype=float)
    n, n_held = len(held), int(held.sum())
    if n_held in (0, n):
        return None
    mean_held, mean_up = float(found[held].mean()), float(found[~held].mean())
    part = n_held / n
    influence = np.where(held, -(found - mean_held) / part, (found - mean_up) / (1 - part))
    groups = arms.groups
    variance = float((np.bincount(groups, influence) ** 2).sum()) / n
    once: tuple[float | None, float | None] = (None, None)
    if shares:
        variance = max(variance, _least_variance(found, held, part))
        once = _newcombe(found, held, groups)
    reach = half_width(sqrt(variance), n, planned)
    companies = [len(np.unique(groups[held])), len(np.unique(groups[~held]))]
    enough = min(companies) >= COMPANIES_MIN and int(np.count_nonzero(found)) >= WINS_MIN
    effect = mean_up - mean_held
    return Difference(mean_up, mean_held, effect - reach, effect + reach, enough, *once)


def _least_variance(
    won: Floats, held: np.ndarray[tuple[int], np.dtype[np.bool_]], part: float
) -> float:
    """As if each arm had one more win and one more loss (Agresti & Caffo 2000): an arm without a
    win has not shown that there are none."""
    p_held = (won[held].sum() + 1) / (held.sum() + 2)
    p_up = (won[~held].sum() + 1) / ((~held).sum() + 2)
    return float(p_held * (1 - p_held) / part + p_up * (1 - p_up) / (1 - part))


def _newcombe(
    won: Floats,
    held: np.ndarray[tuple[int], np.dtype[np.bool_]],
    groups: np.ndarray[tuple[int], np.dtype[np.intp]],
) -> tuple[float, float]:
    """Newcombe's hybrid of two Wilson intervals (1998, method 10), each on the number of leads that
    as many alike leads of a company are worth."""
    ends = []
    for arm in (~held, held):
        mean, rows = float(won[arm].mean()), float(arm.sum())
        rows /= design_effect(groups[arm], won[arm])
        ends.append((mean, *wilson(mean * rows, rows)))
    (up, up_low, up_high), (out, out_low, out_high) = ends
    effect = up - out
    return (
        effect - sqrt((up - up_low) ** 2 + (out_high - out) ** 2),
        effect + sqrt((up_high - up) ** 2 + (out - out_low) ** 2),
    )


def design_effect(groups: np.ndarray[tuple[int], np.dtype[np.intp]], won: Floats) -> float:
    """How many alike leads are worth one independent lead; at least 1."""
    mean = float(won.mean())
    if not 0 < mean < 1:
        return 1.0
    sums = np.bincount(groups, won - mean)
    return max(1.0, float((sums**2).sum()) / len(won) / (mean * (1 - mean)))


def shares_e_value(companies: int, held: int, share: float) -> float:
    """How much the number of companies held out speaks against `share`: an e-value that may be
    looked at every day (Lindon & Malek 2022, uniform prior). Above `SHARES_WRONG` the arms were
    not dealt as they should have been."""
    evidence = lgamma(held + 1) + lgamma(companies - held + 1) - lgamma(companies + 2)
    return exp(min(700.0, evidence - held * log(share) - (companies - held) * log(1 - share)))


@dataclass(frozen=True, slots=True)
class Plan:
    """What an experiment would need. `win_rate` is that of leads that are followed up, `alike` the
    design effect of leads of one company, `leads_a_month` those that become High."""

    win_rate: float
    alike: float
    leads_a_month: float
    share: float
    window_days: int

    def spread(self, lift: float) -> float:
        """Standard deviation per lead of the difference, where following up lifts wins by `lift`
        (0.3: 30 %)."""
        up, out = self.win_rate, self.win_rate / (1 + lift)
        variance = out * (1 - out) / self.share + up * (1 - up) / (1 - self.share)
        return sqrt(self.alike * variance)

    def leads_for(self, lift: float, planned: float | None = None) -> float:
        """Leads until such a lift is found in 8 of 10 experiments that look every day; inf where
        it never is. `planned`: where the intervals are narrowest, by default there."""
        low, high = 10.0, float(LEADS_MAX)
        if self._found_by(high, lift, planned or high) < POWER:
            return inf
        while high / low > 1.001:
            middle = sqrt(low * high)
            enough = self._found_by(middle, lift, planned or middle) >= POWER
            low, high = (low, middle) if enough else (middle, high)
        return high

    def months_for(self, lift: float, planned: float) -> float:
        """Until then, the time that the last leads are given to buy included."""
        return self.leads_for(lift, planned) / self.leads_a_month + self.window_days / DAYS_A_MONTH

    def _found_by(self, leads: float, lift: float, planned: float) -> float:
        """Probability that the confidence sequence has left 0 out by then: of a Brownian motion
        with drift to have crossed the tangent of the boundary (Bachelier-Lévy)."""
        effect, spread = self.win_rate * lift / (1 + lift), self.spread(lift)

        def bound(n: float) -> float:
            return n * half_width(spread, n, planned)

        slope = (bound(leads * 1.001) - bound(leads)) / (0.001 * leads)
        start, drift = bound(leads) - slope * leads, effect - slope
        scale = spread * sqrt(leads)
        straight = float(ndtr((drift * leads - start) / scale))
        back = 2 * start * drift / spread**2
        if back > 500:
            return straight
        return straight + exp(back) * float(ndtr((-drift * leads - start) / scale))


Verdict = Literal["pays", "harms", "untold", "early", "distrust"]


def verdict(wins: Difference | None, e_value: float) -> Verdict:
    """What the experiment says by now."""
    if e_value >= SHARES_WRONG:
        return "distrust"
    if wins is None or not wins.known:
        return "early"
    if wins.low > 0:
        return "pays"
    return "harms" if wins.high < 0 else "untold"
