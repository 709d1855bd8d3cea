"""Chances look at the newest leads too, and intervals hold what they promise."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from backend.learning.arrays import Floats, Ints
from backend.learning.data.table import Table
from backend.learning.fit.calibration import chance_bins
from backend.learning.fit.recent import recent_shift
from backend.learning.fit.training import TrainingChoices, train
from backend.scoring.scorecard.scorecard import apply, chance
from tests.unit.learning.tables import leads, with_column

MONTH_LEADS = 120


def _chances(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float64)


def _promised(months: int, seed: int, drift: list[float]) -> tuple[float, float]:
    """Month by month, the mean gap between the wins promised from all earlier months and those to
    come: without looking at the newest leads, and with."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-1.2, 1.2, (months, MONTH_LEADS))
    to_come = _chances(logits + np.array(drift)[:, None])
    won = (rng.random(logits.shape) < to_come).astype(np.float64)
    plain, recent = [], []
    for month in range(4, months):
        before, wins = logits[:month].ravel(), won[:month].ravel()
        before_shift = _at_rate(before, wins)
        fitted, times = before + before_shift, np.arange(len(before), dtype=np.float64)
        shift = recent_shift(fitted, wins, times)
        now = logits[month] + before_shift
        plain.append(abs(float(_chances(now).mean() - to_come[month].mean())))
        recent.append(abs(float(_chances(now + shift).mean() - to_come[month].mean())))
    return float(np.mean(plain)), float(np.mean(recent))


def _at_rate(logits: Floats, won: Floats) -> float:
    grid = np.linspace(-3, 3, 601)
    means = np.array([_chances(logits + shift).mean() for shift in grid])
    return float(grid[np.abs(means - won.mean()).argmin()])


@pytest.mark.parametrize("kind", ["falls", "rises", "drops at once"])
def test_promises_follow_a_drift_by_rolling_months(kind: str) -> None:
    months = np.arange(12)
    drift = {
        "falls": -0.12 * months,
        "rises": 0.12 * months,
        "drops at once": np.where(months < 6, 0.0, -0.8),
    }[kind]
    gaps = np.mean([_promised(12, seed, list(drift)) for seed in range(6)], axis=0)
    assert gaps[1] < 0.65 * gaps[0]


def test_without_a_drift_the_newest_leads_are_hardly_believed() -> None:
    gaps = np.mean([_promised(12, seed, [0.0] * 12) for seed in range(6)], axis=0)
    assert gaps[1] < gaps[0] + 0.004


def test_few_leads_or_no_dates_move_nothing() -> None:
    logits, won = np.zeros(200), (np.arange(200) < 100).astype(np.float64)
    assert recent_shift(logits, won, np.arange(200.0)) == 0
    assert recent_shift(np.zeros(900), np.zeros(900), np.full(900, np.nan)) == 0


def test_a_newest_stretch_without_a_win_moves_chances_down_and_no_further_than_sense() -> None:
    won = (np.arange(900) < 600).astype(np.float64) * (np.arange(900) % 2)
    shift = recent_shift(np.full(900, -0.7), won, np.arange(900.0))
    assert -1.5 <= shift < -0.5


@pytest.mark.slow
def test_a_date_that_is_not_ignored_is_looked_at_and_points_stay() -> None:
    table = leads(420, unknown_share=0.0)
    rng = np.random.default_rng(2)
    falling = [
        "Lost" if i > 250 and rng.random() < 0.7 else cell
        for i, cell in enumerate(table.column("Outcome"))
    ]
    days = [(date(2025, 1, 1) + timedelta(days=i)).isoformat() for i in range(420)]
    table = with_column(Table({**table.columns, "Outcome": falling}), "Created", [*days])
    looked = train(table, "Outcome").scorecard
    blind = train(table, "Outcome", TrainingChoices(ignore=("Created",))).scorecard
    assert blind.recent_shift == 0 > looked.recent_shift
    rows = table.row_mappings()[:50]
    assert np.array_equal(apply(looked, rows).totals, apply(blind, rows).totals)
    for logit in apply(looked, rows).logits.tolist():
        found = chance(looked, logit)
        assert found.low <= found.value <= found.high
        assert found.value < chance(blind, logit - looked.recent_shift).high


def _covered(seed: int, rows: int, company: int, alike: float) -> tuple[int, int]:
    """(leads whose bin's interval holds the bin's true share, leads)."""
    rng = np.random.default_rng(seed)
    groups: Ints = np.arange(rows) // company
    logits = rng.normal(-0.5, 1.0, rows)
    common = rng.random(rows // company + 1)[groups]
    own = np.where(rng.random(rows) < alike, common, rng.random(rows))
    won = (own < _chances(logits)).astype(np.float64)
    many = rng.normal(-0.5, 1.0, 20_000)
    bins = chance_bins(logits, won, groups)
    edges = [one.upto for one in bins if one.upto is not None]
    place = np.searchsorted(edges, many, side="right")
    held = 0
    for number, one in enumerate(bins):
        inside = many[place == number]
        held += len(inside) * (one.low <= float(_chances(inside).mean()) <= one.high)
    return held, len(many)


@pytest.mark.parametrize(("company", "alike"), [(1, 0.0), (4, 0.8), (10, 0.6)])
@pytest.mark.parametrize("rows", [200, 1_000])
def test_intervals_cover_what_they_promise(rows: int, company: int, alike: float) -> None:
    found = np.array([_covered(seed, rows, company, alike) for seed in range(60)])
    assert 0.92 <= found[:, 0].sum() / found[:, 1].sum() <= 0.99
