"""Every answer a text reader can give, against the same lead without any text."""

from __future__ import annotations

import itertools

import pytest

from backend.config import TEXT_MAX, TEXT_MIN
from backend.model import Band, Baseline, Factor, Score, TextReading, Thresholds
from backend.scoring.calculate import Versions, calculate
from backend.scoring.read_text import INTENT_POINTS, ROLE_POINTS, TIMELINE_POINTS
from tests.unit.scoring.make import NOW, lead

HIGH, MEDIUM = 80, 50
SWITCHES = list(itertools.product((False, True), repeat=4))
READINGS = [
    TextReading(
        intent=intent,
        timeline=timeline,
        role=role,
        budget_mentioned=budget,
        complaint=complaint,
        job_seeker=job,
        manipulation_suspected=steering,
    )
    for intent in INTENT_POINTS
    for timeline in TIMELINE_POINTS
    for role in ROLE_POINTS
    for budget, complaint, job, steering in SWITCHES
]
EDGES = (2, 48, 52, 76, 79, 80, 82, 99)
SIMILARITIES = (TEXT_MIN, 0, TEXT_MAX)


def scored(rest: int, similarity: int, reading: TextReading | None) -> Score:
    factors = (
        Factor("industry", "Banking", rest - 50, "profile"),
        Factor("similarity", "nearer", similarity, "text"),
    )
    return calculate(
        lead(),
        Baseline(rest + similarity, factors, (), similarity),
        analysis=None,
        reading=reading,
        neighbours=(),
        thresholds=Thresholds(HIGH, MEDIUM),
        versions=Versions("h"),
        scored_at=NOW,
    )


@pytest.mark.parametrize("rest", EDGES)
def test_no_answer_moves_a_score_by_more_than_five_or_into_high(rest: int) -> None:
    silent = [scored(rest, similarity, None) for similarity in SIMILARITIES]
    for similarity, reading in itertools.product(SIMILARITIES, READINGS):
        found = scored(rest, similarity, reading)
        assert all(abs(found.score - other.score) <= 5 for other in silent), (reading, similarity)
        assert (found.score >= HIGH) == (rest >= HIGH), (reading, similarity)
        aside = reading.job_seeker or reading.complaint
        assert found.band is not Band.HIGH or rest >= HIGH
        assert (found.band is Band.LOW) or not aside
        assert (found.next_action == "") == aside
