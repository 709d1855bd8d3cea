"""Outcomes from deals, bands, migration, drift and mining."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from backend.learning.data.outcomes import LeadHistory, Outcome, horizon_days, outcome_of
from backend.learning.judge.band_moves import migrate
from backend.learning.judge.bands import outlook, propose
from backend.learning.judge.drift import calibration_drift, score_drift, stability
from backend.learning.judge.profile_mining import mine_clients, mine_criteria
from backend.model import DealFact, Thresholds

START = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _day(number: float) -> datetime:
    return START + timedelta(days=number)


def _deal(outcome: str, created: float, closed: float | None) -> DealFact:
    return DealFact("d", outcome, _day(created), None if closed is None else _day(closed))


def _lead(*deals: DealFact) -> LeadHistory:
    return LeadHistory("1", _day(0), None, deals)


def test_the_horizon_is_the_ninetieth_percentile_within_bounds() -> None:
    leads = [_lead(_deal("won", 1, days)) for days in range(1, 101)]
    assert horizon_days(leads, NOW) == 91
    assert horizon_days([_lead(_deal("won", 1, 3))], NOW) == 30
    assert horizon_days([_lead()], NOW) == 365


@pytest.mark.parametrize(
    ("deals", "now", "result"),
    [
        ((_deal("won", 10, 40),), 400, "won"),
        ((_deal("won", 10, 90),), 400, "lost"),
        ((_deal("lost", 10, 40),), 61, "lost"),
        ((_deal("lost", 10, 40),), 59, None),  # its open peers cannot be counted yet
        ((_deal("won", 10, 40),), 59, None),
        ((_deal("lost", 10, 40), _deal("open", 45, None)), 50, None),
        ((), 59, None),
        ((), 61, "lost"),
    ],
)
def test_outcomes_within_sixty_days(
    deals: tuple[DealFact, ...], now: float, result: str | None
) -> None:
    found = outcome_of(_lead(*deals), 60, _day(now))
    assert (found.result if isinstance(found, Outcome) else None) == result


def test_bands_warn_and_propose_by_capacity() -> None:
    scores = np.arange(100)
    found = outlook(scores, Thresholds(high=60, medium=30), chances=np.full(100, 0.1))
    assert [b.leads for b in found.bands] == [40, 30, 30]
    assert found.bands[0].expected_wins == pytest.approx(4.0)
    assert "raise the threshold" in found.warnings[0]
    few = outlook(scores, Thresholds(high=99, medium=30), weekly_capacity=5, weekly_leads=100)
    assert "lower the threshold" in few.warnings[0]
    assert few.proposed.high == 95
    many = outlook(scores, Thresholds(high=95, medium=81))
    assert ["81 % of the leads would be Low" in w for w in many.warnings] == [True]
    assert propose(np.full(10, 50), 0.1, 0.4).high == 51


def test_migration_counts_every_lead_once() -> None:
    found = migrate(["a", "b", "c"], np.array([90, 60, 10]), np.array([40, 65, 85]), Thresholds())
    assert np.array(found.matrix).sum() == 3
    assert found.matrix[0][2] == found.matrix[2][0] == 1
    assert [move.lead for move in found.examples] == ["c", "a"]


def test_drift_is_seen_and_stability_is_not_drift() -> None:
    assert stability("f", [50, 50], [50, 50], ["a", "b"]).level == "stable"
    moved = stability("f", [90, 10], [40, 60], ["a", "b"])
    assert (moved.level, moved.most_moved) == ("alarm", "b")
    assert score_drift(np.full(50, 40), np.full(50, 80)).level == "alarm"


def test_promises_that_do_not_come_true_are_drift() -> None:
    chances = np.full(400, 0.3)
    assert not calibration_drift(chances, np.r_[np.ones(120), np.zeros(280)]).drifted
    assert calibration_drift(chances, np.r_[np.ones(60), np.zeros(340)]).drifted


def test_what_won_clients_share_is_suggested() -> None:
    rows = [{"industry": "Logistics"}] * 40 + [{"industry": "Retail"}] * 60 + [{"industry": ""}] * 9
    won = [i % 2 == 0 for i in range(40)] + [i % 12 == 0 for i in range(60)] + [False] * 9
    (found,) = mine_criteria(rows, won, ["industry"])
    assert (found.value, found.won) == ("logistics", 20)
    assert found.low > 1
    clients = mine_clients(rows, won, [str(i) for i in range(109)], ["industry"])
    assert [c.values for c in clients] == [{"industry": "logistics"}]
    assert mine_criteria([], [], ["industry"]) == ()
