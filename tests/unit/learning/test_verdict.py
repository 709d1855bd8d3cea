"""What a manager is told about a backtest, and when nothing is claimed."""

from __future__ import annotations

import numpy as np
import pytest

from backend.learning.arrays import Floats
from backend.learning.judge.compare import sure_to_rank_better
from backend.learning.judge.verdict import Strongest, verdict
from backend.learning.metrics import Metrics, measure


def _metrics(auc: float, ece: float | None) -> Metrics:
    won = np.r_[np.ones(50), np.zeros(50)]
    found = measure(won, np.arange(100.0))
    return Metrics(**{**found.as_dict(), "auc": auc, "ece": ece})


@pytest.mark.parametrize(
    ("auc", "sure", "words"),
    [
        (0.80, 0.99, "beats every simple rule (next: naive Bayes, 0.70)"),
        (0.80, 0.60, "cannot be told from a simple rule, naive Bayes (0.70)"),
        (0.66, 0.30, "cannot be told from a simple rule, naive Bayes (0.70)"),
        (0.66, 0.01, "naive Bayes, does better here (0.70): do not publish"),
    ],
)
def test_a_difference_that_may_be_chance_is_not_called_one(
    auc: float, sure: float, words: str
) -> None:
    said = verdict(
        _metrics(auc, 0.03), Strongest("naive_bayes", _metrics(0.7, 0.04), sure), 50, 50, 0
    )
    assert words in said
    assert ("beats" in said) == (sure > 0.95)


def test_a_rule_that_ranks_alike_but_promises_wrongly_is_told_apart() -> None:
    rule = Strongest("naive_bayes", _metrics(0.7, 0.21), 0.5)
    said = verdict(_metrics(0.71, 0.012), rule, 50, 50, 0)
    assert "but the chances that rule promises are off by 21 points" in said
    assert "(off by 1 point of 100 on average)" in said


@pytest.mark.parametrize(("won", "lost", "first"), [(2, 1, True), (14, 90, True), (15, 15, False)])
def test_that_few_leads_were_tested_is_said_first(won: int, lost: int, first: bool) -> None:
    said = verdict(_metrics(0.75, 0.04), None, won, lost, 0)
    assert said.startswith(f"Only {won} won and {lost} lost leads were tested") == first


def test_a_model_whose_chances_are_off_says_by_how_much() -> None:
    said = verdict(_metrics(0.71, 0.12), None, 50, 50, 0)
    assert "miss what happened by 12 points of 100" in said
    assert "close to" not in said


def _ranked(rng: np.random.Generator, won: Floats, strength: float) -> Floats:
    found: Floats = strength * won + rng.normal(size=len(won))
    return found


def test_sure_grows_with_the_leads_that_were_tested() -> None:
    rng = np.random.default_rng(3)
    won = (np.arange(2_000) % 2).astype(np.float64)
    ours, theirs = _ranked(rng, won, 1.0), _ranked(rng, won, 0.8)
    many = sure_to_rank_better(won, ours, theirs, 0)
    assert many > 0.95 > sure_to_rank_better(won[:60], ours[:60], theirs[:60], 0)
    assert sure_to_rank_better(won, theirs, ours, 0) == pytest.approx(1 - many)
    assert sure_to_rank_better(np.ones(5), ours[:5], theirs[:5], 0) == 0.5
