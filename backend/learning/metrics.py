"""How good a ranking and its chances are. Every function takes `won` (0/1) and answers a float, or
None where it is not defined (one kind only); none warns."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import sqrt

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.numbers import (
    INTERVAL_Z,
)

ECE_BINS = 10


@dataclass(frozen=True, slots=True)
class Metrics:
    """`lift_at_10`: share won among the best 10 % over the share won of all; `capture_at_10`: part
    of all wins found there. `brier` and `ece` are None for what is not a probability."""

    auc: float | None
    pr_auc: float | None
    brier: float | None
    ece: float | None
    lift_at_10: float | None
    lift_at_20: float | None
    lift_at_30: float | None
    capture_at_10: float | None
    capture_at_20: float | None
    capture_at_30: float | None

    def as_dict(self) -> dict[str, float | None]:
        return asdict(self)


def weighted_share(won: Floats, weights: Floats) -> float:
    """Share won among rows of which each counts so many times."""
    return float((weights * won).sum() / weights.sum())


def effective_number(weights: Floats) -> float:
    """How many rows of one weight say as much as these (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def measure(won: Floats, scores: Floats, chances: Floats | None = None) -> Metrics:
    """Judge a ranking by `scores` (higher is better) and, where given, its chances (0 to 1)."""
    if chances is None or not len(won):
        brier = ece = None
    else:
        order = np.lexsort((won, chances))  # sums do not depend on the order of the file
        sorted_won, chances = won[order], chances[order]
        brier = float(np.mean((chances - sorted_won) ** 2))
        ece = calibration_error(sorted_won, chances)
    tenth, fifth, third = (lift(won, scores, share) for share in (0.1, 0.2, 0.3))
    return Metrics(
        auc=auc(won, scores),
        pr_auc=average_precision(won, scores),
        brier=brier,
        ece=ece,
        lift_at_10=tenth,
        lift_at_20=fifth,
        lift_at_30=third,
        capture_at_10=None if tenth is None else tenth * 0.1,
        capture_at_20=None if fifth is None else fifth * 0.2,
        capture_at_30=None if third is None else third * 0.3,
    )


def auc(won: Floats, scores: Floats) -> float | None:
    """Probability that a won lead is ranked above a lost one, ties count half (Mann-Whitney)."""
    wins, losses = float(won.sum()), float(len(won) - won.sum())
    if not wins or not losses:
        return None
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    rank = np.cumsum(counts) - (counts - 1) / 2
    return float((rank[inverse] @ won - wins * (wins + 1) / 2) / (wins * losses))


def average_precision(won: Floats, scores: Floats) -> float | None:
    """Area under precision over recall, without interpolation; tied scores stand together."""
    if not won.sum():
        return None
    values, inverse = np.unique(-scores, return_inverse=True)
    rows = np.cumsum(np.bincount(inverse, minlength=len(values)))
    wins = np.bincount(inverse, won, minlength=len(values))
    return float((np.cumsum(wins) / rows) @ wins / won.sum())


def log_loss(won: Floats, logits: Floats) -> float:
    """Mean negative log-likelihood of log-odds, in nats."""
    return float(losses(won, logits).mean())


def losses(won: Floats, logits: Floats) -> Floats:
    """The negative log-likelihood of each log-odds, (n,), in nats."""
    each: Floats = np.logaddexp(0, logits) - won * logits
    return each


def calibration_error(won: Floats, chances: Floats) -> float:
    """Expected calibration error over ten bins of equal width (Guo et al. 2017)."""
    bins = np.minimum((chances * ECE_BINS).astype(np.intp), ECE_BINS - 1)
    gap = np.bincount(bins, chances - won, minlength=ECE_BINS)
    return float(np.abs(gap).sum() / len(won))


def lift(won: Floats, scores: Floats, share: float) -> float | None:
    """Share won among the best `share` of the leads, over the share won among all. Leads tied at
    the border count with the mean of their tie, so the order of the file does not matter."""
    if not won.sum():
        return None
    wanted = max(share * len(won), 1.0)
    values, inverse = np.unique(-scores, return_inverse=True)
    rows = np.bincount(inverse, minlength=len(values)).astype(np.float64)
    wins = np.bincount(inverse, won, minlength=len(values))
    before = np.concatenate([[0.0], np.cumsum(rows)[:-1]])
    taken = np.clip(wanted - before, 0.0, rows)
    return float((taken / rows) @ wins / wanted / won.mean())


@dataclass(frozen=True, slots=True)
class BandResult:
    """What became of the leads of one band; `low` and `high` bound the share won (95 %)."""

    band: str
    rows: int
    won: int
    share_won: float | None
    low: float
    high: float


def by_band(won: Floats, bands: Ints, names: tuple[str, ...]) -> list[BandResult]:
    """Conversion of each band; `bands` (n,) numbers them in the order of `names`."""
    results = []
    for number, name in enumerate(names):
        inside = bands == number
        rows, wins = int(inside.sum()), int(won[inside].sum())
        low, high = wilson(wins, rows)
        results.append(BandResult(name, rows, wins, wins / rows if rows else None, low, high))
    return results


def wilson(won: float, rows: float) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); (0, 1) without rows."""
    if not rows:
        return (0.0, 1.0)
    share, z = won / rows, INTERVAL_Z
    centre = share + z * z / (2 * rows)
    reach = z * sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    scale = 1 + z * z / rows
    return (max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale))
