"""Challenger against model in use, calibration by bin, drift that few leads cannot fake."""

from __future__ import annotations

import numpy as np
import pytest

from backend.learning.fit.calibration import calibration_bins
from backend.learning.judge.compare import duel
from backend.learning.judge.drift import field_drift
from backend.model import Band
from backend.scoring.scorecard.cells import FieldCells
from backend.services.learning.opinions import label_of

RNG = np.random.default_rng(5)
TRUTH = RNG.normal(size=2_000)
WON = (RNG.random(2_000) < 1 / (1 + np.exp(-TRUTH))).astype(np.float64)


def test_a_clearly_better_challenger_is_told_from_an_equal_one() -> None:
    weak, equal = TRUTH / 3 + RNG.normal(size=2_000), TRUTH + RNG.normal(0, 0.01, 2_000)
    better = duel(WON, weak, TRUTH, seed=1)
    assert better is not None and better.clearly and better.sure == 1.0
    same = duel(WON, equal, TRUTH, seed=1)
    assert same is not None and not same.clearly
    worse = duel(WON, TRUTH, weak, seed=1)
    assert worse is not None and not worse.clearly


def test_a_challenger_with_worse_chances_is_not_clearly_better() -> None:
    weak = TRUTH / 3 + RNG.normal(size=2_000)
    found = duel(WON, weak, TRUTH * 20, seed=1)
    assert found is not None and found.sure == 1.0 and not found.clearly


def test_few_leads_never_prove_a_challenger() -> None:
    found = duel(WON[:20], -TRUTH[:20], TRUTH[:20], seed=1)
    assert found is None or not found.clearly
    assert duel(np.ones(20), TRUTH[:20], TRUTH[:20], seed=1) is None


def test_a_challenger_too_good_to_be_true_is_left_to_a_person() -> None:
    found = duel(WON, TRUTH, WON * 10 - 5 + RNG.normal(size=2_000), seed=1)
    assert found is not None and found.auc_challenger > 0.95 and not found.clearly


def test_calibration_bins_hold_every_lead_once() -> None:
    chances = 1 / (1 + np.exp(-TRUTH))
    bins = calibration_bins(chances, WON)
    assert sum(b.leads for b in bins) == 2_000
    assert sum(b.won for b in bins) == WON.sum()
    assert sum(b.low <= b.promised <= b.high for b in bins) >= len(bins) - 2
    assert calibration_bins(np.zeros(0), np.zeros(0)) == ()


NUMBER = FieldCells(name="n", kind="number", edges=tuple(float(i) for i in range(47)))
LEVELS = FieldCells(
    name="l", kind="levels", levels=tuple("abcdefghijklmnop"), labels=tuple("ABCDEFGHIJKLMNOP")
)


@pytest.mark.parametrize("cells", [NUMBER, LEVELS])
def test_small_samples_of_the_same_leads_are_not_drift(cells: FieldCells) -> None:
    alarms = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        before, now = (
            np.bincount(rng.integers(0, cells.size, n), minlength=cells.size).tolist()
            for n in (400, 60)
        )
        alarms += field_drift(cells, before, now).level != "stable"
    assert alarms <= 12  # 5 of 100 are expected by chance


@pytest.mark.parametrize("cells", [NUMBER, LEVELS])
def test_a_real_shift_is_an_alarm_and_names_where(cells: FieldCells) -> None:
    before, now = [20] * cells.size, [20] * cells.size
    now[0] = 600
    found = field_drift(cells, before, now)
    assert (found.level, found.most_moved) == ("alarm", "unknown")


def test_opinions_become_labels_only_outside_medium() -> None:
    assert label_of(Band.HIGH, True) == label_of(Band.LOW, False) == "won"
    assert label_of(Band.HIGH, False) == label_of(Band.LOW, True) == "lost"
    assert label_of(Band.MEDIUM, True) is None
