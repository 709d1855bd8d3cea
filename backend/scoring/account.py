"""A company's score: its best lead's score, and points for further people who are engaged.

The points are whole, fall with each further person and end after the sixth, so they are bounded and
add up to what is shown. Chosen by a backtest on what became of companies (`bench/accounts.py`,
docs/scoring-statistics.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from backend.model import Band, Thresholds
from backend.scoring.calculate import band

FURTHER_POINTS: Final = (10, 7, 5, 3, 2, 1)  # of the second to the seventh engaged person
ENGAGED_FROM: Final = 4  # points of engagement: about one reply, or a meeting, that is not long ago
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class AccountLead:
    """One lead of a company; `engagement` is what the formula gives for it today, in points."""

    contact_id: str
    score: int
    engagement: float


@dataclass(frozen=True, slots=True)
class AccountPart:
    """What one person adds to the company's score."""

    contact_id: str
    points: int


@dataclass(frozen=True, slots=True)
class AccountScore:
    """`parts` add up to `score`; the first is the best lead with its own score."""

    score: int
    band: Band
    parts: tuple[AccountPart, ...]


def account_score(leads: Sequence[AccountLead], thresholds: Thresholds) -> AccountScore | None:
    """The company's score, None without a scored lead. The order of `leads` does not matter."""
    if not leads:
        return None
    best, *others = sorted(leads, key=lambda lead: (-lead.score, lead.contact_id))
    parts = [AccountPart(best.contact_id, best.score)]
    engaged = [lead for lead in others if lead.engagement >= ENGAGED_FROM]
    for lead, points in zip(engaged, FURTHER_POINTS, strict=False):
        room = MOST - sum(part.points for part in parts)
        parts.append(AccountPart(lead.contact_id, min(points, room)))
    score = sum(part.points for part in parts)
    return AccountScore(score, band(score, thresholds), tuple(parts))
