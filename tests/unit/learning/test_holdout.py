"""The holdout's statistics: what they promise, and what they say of few leads."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backend.learning.judge.cohorts import (
    expected_amount,
    expected_wins,
    reached_by,
    share_of,
)
from backend.learning.judge.holdout import (
    SHARES_WRONG,
    Arms,
    Plan,
    design_effect,
    difference,
    half_width,
    shares_e_value,
    verdict,
)
from bench.holdout import found_on, measure, plan, portal

PLAN = Plan(0.3, 1.0, 100.0, 0.2, 60)


def test_looking_daily_raises_few_alarms_and_finds_a_lift_when_promised() -> None:
    """A short version of `bench.holdout`, whose 400 runs hold 5 % and 20 %."""
    found = measure(20, 7)
    assert found["false_alarms"] <= 3
    assert 0.6 < found["found_over_promised"] < 1.35


def test_a_usual_interval_that_is_looked_at_daily_would_raise_false_alarms() -> None:
    """What the always-valid one is for: the same portals, judged by Newcombe's interval alone."""
    wrong = 0
    for seed in range(20):
        one = portal(7 + seed, 0.0, 600)
        for day in np.unique(one.days):
            arms, won = one.until(int(day))
            told = difference(arms, won, 1_000, shares=True)
            if told and told.known and ((told.once_low or 0) > 0 or (told.once_high or 0) < 0):
                wrong += 1
                break
    assert wrong > 3


def test_a_large_effect_is_found_and_has_its_sign() -> None:
    planned = plan().leads_for(0.3)
    assert found_on(portal(3, 3.0, 600), planned) is not None
    arms, won = portal(3, 3.0, 600).until(10_000)
    told = difference(arms, won, planned, shares=True)
    assert told is not None
    assert told.low > 0
    assert told.once_low is not None and told.once_high is not None
    assert told.low < told.once_low < told.effect < told.once_high < told.high
    assert verdict(told, 1.0) == "pays"
    other = Arms(arms.companies, ~np.asarray(arms.held))
    assert verdict(difference(other, won, planned, shares=True), 1.0) == "harms"
    assert verdict(told, SHARES_WRONG) == "distrust"


@pytest.mark.parametrize("held", [[], [True, True], [False]])
def test_one_arm_alone_says_nothing(held: list[bool]) -> None:
    arms = Arms([str(n) for n in range(len(held))], held)
    assert difference(arms, [1.0] * len(held), 100, shares=True) is None
    assert verdict(None, 1.0) == "early"


def test_few_leads_are_early_however_far_apart() -> None:
    held = [True] * 20 + [False] * 100
    arms = Arms([str(n) for n in range(120)], held)
    told = difference(arms, [0.0] * 20 + [1.0] * 100, 100, shares=True)
    assert told is not None and not told.known
    assert verdict(told, 1.0) == "early"


def test_colleagues_who_decide_together_count_as_one() -> None:
    companies = [str(n // 4) for n in range(400)]
    won = np.array([float(n // 4 % 2) for n in range(400)])
    held = [n // 4 % 3 == 0 for n in range(400)]
    together = difference(Arms(companies, held), won, 300, shares=True)
    alone = difference(Arms([str(n) for n in range(400)], held), won, 300, shares=True)
    assert together is not None and alone is not None
    assert together.high - together.low > 1.8 * (alone.high - alone.low)
    assert design_effect(np.arange(400) // 4, won) == pytest.approx(4.0)
    assert design_effect(np.arange(400), won) == pytest.approx(1.0)


def test_an_arm_without_a_win_has_not_shown_that_there_are_none() -> None:
    held = [True] * 40 + [False] * 400
    won = [0.0] * 40 + [float(n % 20 == 0) for n in range(400)]
    told = difference(Arms([str(n) for n in range(440)], held), won, 500, shares=True)
    assert told is not None and told.known
    assert told.low < 0


def test_arms_of_a_wrong_size_are_noticed_and_right_ones_are_not() -> None:
    assert shares_e_value(1_000, 200, 0.1) > SHARES_WRONG
    assert shares_e_value(1_000, 100, 0.1) < 1
    rng = np.random.default_rng(1)
    worst = [
        max(
            shares_e_value(n + 1, int(k), 0.1)
            for n, k in enumerate(np.cumsum(rng.random(500) < 0.1))
        )
        for _ in range(100)
    ]
    assert sum(one > 20 for one in worst) <= 8  # of 100; Ville: 5 % at most
    assert math.isfinite(shares_e_value(100_000, 90_000, 0.05))


def test_a_plan_needs_more_leads_for_less_and_never_for_nothing() -> None:
    leads = [PLAN.leads_for(lift) for lift in (0.2, 0.3, 0.4, 0.6, 1.0)]
    assert leads == sorted(leads, reverse=True)
    assert PLAN.leads_for(0.0001) == math.inf
    assert Plan(0.3, 2.0, 100.0, 0.2, 60).leads_for(0.4) == pytest.approx(2 * leads[2], rel=0.02)
    assert PLAN.months_for(0.4, leads[2]) == pytest.approx(leads[2] / 100 + 60 / 30.4, rel=0.01)


def test_the_interval_is_narrowest_where_it_was_planned() -> None:
    """Width against that of a single look: least near the planned number of leads."""
    ratio = {n: half_width(1.0, n, 1_000) * math.sqrt(n) for n in (50, 300, 1_000, 4_000, 50_000)}
    assert min(ratio, key=lambda n: ratio[n]) == 1_000
    assert 1.96 < ratio[1_000] < 3.2


def test_nothing_is_a_rate_under_ten() -> None:
    assert share_of(5, 9).share is None
    found = share_of(5, 10)
    assert found.share == 0.5
    assert found.low is not None and found.high is not None
    assert found.low < 0.5 < found.high
    assert reached_by({5: 9}, 9, 0.5) is None


@pytest.mark.parametrize(
    ("minutes", "leads", "part", "wanted"),
    [
        ({10: 5, 30: 5}, 10, 0.5, 10),
        ({10: 4, 30: 6}, 10, 0.5, 30),
        ({10: 4}, 10, 0.5, None),  # fewer than half were touched at all
        ({0: 9, 99: 1}, 10, 0.9, 0),
        ({0: 8, 99: 2}, 10, 0.9, 99),
    ],
)
def test_times_are_of_all_leads(
    minutes: dict[int, int], leads: int, part: float, wanted: int | None
) -> None:
    assert reached_by(minutes, leads, part) == wanted


def test_what_is_expected_holds_what_comes() -> None:
    rng = np.random.default_rng(5)
    chances = rng.uniform(0.05, 0.6, 60)
    wins = expected_wins(float(chances.sum()), float((chances * (1 - chances)).sum()))
    came = (rng.random((4_000, 60)) < chances).sum(axis=1)
    assert 0.93 < np.mean((came >= wins.low) & (came <= wins.high)) < 0.97
    amount = expected_amount(
        float(chances.sum()), float((chances * (1 - chances)).sum()), 1_000.0, 250_000.0
    )
    sizes = rng.gamma(4.0, 250.0, (4_000, 60))
    sums = (sizes * (rng.random((4_000, 60)) < chances)).sum(axis=1)
    assert 0.92 < np.mean((sums >= amount.low) & (sums <= amount.high)) < 0.98
