"""What thresholds mean for a team: leads and expected wins per band, warnings, and proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.numbers import (
    HIGH_SHARE_MAX,
    HIGH_SHARE_MIN,
    LOW_SHARE_MAX,
    PROPOSED_HIGH,
    PROPOSED_MEDIUM,
)
from backend.model import Band, Thresholds

BANDS = (Band.HIGH, Band.MEDIUM, Band.LOW)


@dataclass(frozen=True, slots=True)
class BandOutlook:
    """`share` of all leads; `expected_wins` among them, None without a model's chances."""

    band: Band
    leads: int
    share: float
    expected_wins: float | None


@dataclass(frozen=True, slots=True)
class BandsOutlook:
    """What would happen with these thresholds, and which would suit better."""

    thresholds: Thresholds
    bands: tuple[BandOutlook, ...]
    warnings: tuple[str, ...]
    proposed: Thresholds


def band_numbers(scores: Ints, thresholds: Thresholds) -> Ints:
    """0 High, 1 Medium, 2 Low for each score, (n,)."""
    low = np.where(scores >= thresholds.medium, 1, 2)
    return np.where(scores >= thresholds.high, 0, low).astype(np.intp)


def outlook(
    scores: Ints,
    thresholds: Thresholds,
    *,
    chances: Floats | None = None,
    weekly_capacity: float | None = None,
    weekly_leads: float | None = None,
) -> BandsOutlook:
    """Leads and expected wins per band for the portal's leads. With `weekly_capacity` (leads the
    team can work) and `weekly_leads` (new leads a week) High is proposed to fit the capacity."""
    numbers = band_numbers(scores, thresholds)
    total = max(len(scores), 1)
    bands = []
    for number, band in enumerate(BANDS):
        inside = numbers == number
        wins = None if chances is None else float(chances[inside].sum())
        bands.append(BandOutlook(band, int(inside.sum()), float(inside.sum() / total), wins))
    high_share = PROPOSED_HIGH
    if weekly_capacity is not None and weekly_leads:
        high_share = min(max(weekly_capacity / weekly_leads, 0.0), 1.0)
    proposed = propose(scores, high_share, max(PROPOSED_MEDIUM, high_share))
    return BandsOutlook(thresholds, tuple(bands), _warnings(bands, len(scores)), proposed)


def propose(scores: Ints, high_share: float, medium_share: float) -> Thresholds:
    """Whole thresholds with at most `high_share` of the leads in High and about `medium_share`
    in High and Medium together."""
    if not len(scores):
        return Thresholds()
    high = _threshold(scores, high_share)
    return Thresholds(high=high, medium=min(_threshold(scores, medium_share), high - 1))


def _threshold(scores: Ints, share: float) -> int:
    """The lowest score that no more than `share` of the leads reach."""
    for score in range(int(scores.min()), int(scores.max()) + 1):
        if float(np.mean(scores >= score)) <= share:
            return score
    return int(scores.max()) + 1


def _warnings(bands: Sequence[BandOutlook], leads: int) -> tuple[str, ...]:
    if not leads:
        return ("there are no leads to judge the thresholds by",)
    high, low = bands[0].share, bands[-1].share
    found = []
    if high < HIGH_SHARE_MIN:
        found.append(
            f"only {100 * high:.1f} % of the leads would be High: "
            "reps would hardly see one; lower the threshold"
        )
    if high > HIGH_SHARE_MAX:
        found.append(
            f"{100 * high:.0f} % of the leads would be High: "
            "a band that large says little; raise the threshold"
        )
    if low > LOW_SHARE_MAX:
        found.append(
            f"{100 * low:.0f} % of the leads would be Low: "
            "reps would leave most of them alone; lower the threshold of Medium"
        )
    return tuple(found)
