"""Figures against hand-made cases and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from backend.learning.fit.calibration import fit_blend, planned_slope
from backend.learning.metrics import (
    auc,
    average_precision,
    calibration_error,
    lift,
    measure,
    wilson,
)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_auc_and_average_precision_are_those_of_scikit_learn(seed: int, ties: int) -> None:
    rng = np.random.default_rng(seed)
    won = np.r_[1.0, 0.0, rng.integers(0, 2, 40)]
    scores = rng.integers(0, 4 * ties, 42).astype(np.float64)
    assert auc(won, scores) == pytest.approx(roc_auc_score(won, scores))
    assert average_precision(won, scores) == pytest.approx(average_precision_score(won, scores))


def test_one_kind_has_no_auc() -> None:
    assert measure(np.ones(5), np.arange(5.0), np.full(5, 0.5)).auc is None


def test_lift_of_a_perfect_ranking() -> None:
    won = np.r_[np.ones(10), np.zeros(90)]
    assert lift(won, -np.arange(100.0), 0.1) == pytest.approx(10.0)
    assert lift(won, np.zeros(100), 0.1) == pytest.approx(1.0)


def test_calibration_error_of_the_base_rate_is_nothing() -> None:
    won = np.r_[np.ones(30), np.zeros(70)]
    assert calibration_error(won, np.full(100, 0.3)) == pytest.approx(0.0, abs=1e-12)


def test_wilson_interval() -> None:
    low, high = wilson(24, 100)
    assert (round(low, 3), round(high, 3)) == (0.167, 0.332)
    assert wilson(0, 0) == (0.0, 1.0)


def test_overconfident_voices_are_turned_down() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=4_000)
    won = (rng.random(4_000) < 1 / (1 + np.exp(-truth))).astype(np.float64)
    blend = fit_blend(np.stack([2 * truth, 2 * truth], axis=1), won, np.array([0.5, 0.5]))
    assert blend.slope == pytest.approx(0.5, abs=0.1)


def test_few_of_the_rarer_kind_make_the_voices_more_timid() -> None:
    def slope(wins: int, losses: int) -> float:
        return planned_slope(np.r_[np.ones(wins), np.zeros(losses)])

    assert slope(3, 47) < 0.4 < slope(7, 43) < slope(25, 25) < 1.05 < slope(250, 250) < 1.1
    assert slope(7, 43) == slope(43, 7)  # losses may be the rarer kind as well
    assert slope(15, 4_985) < slope(500, 4_500)  # thousands of rows do not make up for few wins


def test_the_order_of_the_leads_moves_no_digit() -> None:
    rng = np.random.default_rng(4)
    won, chances = (rng.random(300) < 0.4).astype(np.float64), rng.random(300)
    found = set()
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(300)
        found.add(measure(won[order], chances[order], chances[order]))
    assert len(found) == 1
