"""A company's score adds up, is bounded, and rises only by people who are engaged."""

from __future__ import annotations

import random

from backend.model import Band, Thresholds
from backend.scoring.account import ENGAGED_FROM, FURTHER_POINTS, AccountLead, account_score

EDGES = Thresholds(high=80, medium=50)


def lead(contact_id: str, score: int, engagement: int = 5) -> AccountLead:
    return AccountLead(contact_id, score, engagement)


def test_without_a_lead_there_is_no_score() -> None:
    assert account_score([], EDGES) is None


def test_alone_a_lead_is_its_company() -> None:
    found = account_score([lead("1", 64)], EDGES)
    assert found is not None
    assert (found.score, found.band, len(found.parts)) == (64, Band.MEDIUM, 1)


def test_further_engaged_people_add_less_each_and_end() -> None:
    found = account_score([lead(str(n), 60 - n) for n in range(9)], EDGES)
    assert found is not None
    assert [part.points for part in found.parts] == [60, *FURTHER_POINTS]
    assert found.score == 60 + sum(FURTHER_POINTS)
    assert sorted(FURTHER_POINTS, reverse=True) == list(FURTHER_POINTS)


def test_people_who_did_nothing_or_lose_points_add_nothing() -> None:
    for engagement in (ENGAGED_FROM - 1, 0, -4):
        found = account_score([lead("1", 60), lead("2", 60, engagement)], EDGES)
        assert found is not None
        assert [(part.contact_id, part.points) for part in found.parts] == [("1", 60)]


def test_the_best_lead_counts_whether_it_is_engaged_or_not() -> None:
    found = account_score([lead("1", 40), lead("2", 79, 0)], EDGES)
    assert found is not None
    assert [(part.contact_id, part.points) for part in found.parts] == [
        ("2", 79),
        ("1", FURTHER_POINTS[0]),
    ]
    assert found.band is Band.HIGH


def test_the_sum_is_exact_and_within_the_scale_whoever_comes() -> None:
    rng = random.Random(26)
    for _ in range(500):
        leads = [
            lead(str(n), rng.randint(0, 100), rng.randint(-8, 20)) for n in range(rng.randint(1, 9))
        ]
        found = account_score(leads, EDGES)
        rng.shuffle(leads)
        assert found is not None
        assert found == account_score(leads, EDGES)
        assert found.score == sum(part.points for part in found.parts)
        best = max(one.score for one in leads)
        assert best <= found.score <= min(100, best + sum(FURTHER_POINTS))
        assert all(part.points >= 0 for part in found.parts)
