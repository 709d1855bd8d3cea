"""Voices are blended at the bounded optimum, and never worse than one of them alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from backend.learning.fit.calibration import _plan_precision, _solve, fit_blend
from backend.learning.metrics import log_loss, losses


def voices(seed: int, rows: int, signals: list[float], share: float):
    """Outcomes, and out-of-fold log-odds that know this much of them; negative: the contrary."""
    random = np.random.default_rng(seed)
    truth = random.normal(size=rows)
    base = np.log(share / (1 - share))
    won = (random.random(rows) < 1 / (1 + np.exp(-(base + 1.5 * truth)))).astype(np.float64)
    won[:2] = (0.0, 1.0)
    noise = random.normal(size=(rows, len(signals)))
    return base + truth[:, None] * np.array(signals) + noise, won


CASES = given(
    seed=st.integers(0, 10_000),
    rows=st.sampled_from([30, 100, 500, 2_000]),
    signals=st.lists(st.floats(-2.0, 2.0), min_size=1, max_size=4),
    share=st.floats(0.05, 0.95),
)


@settings(max_examples=60, deadline=None)
@CASES
def test_a_blend_is_not_worse_than_a_voice_alone_or_the_base_rate(
    seed, rows, signals, share
) -> None:
    raw, won = voices(seed, rows, signals, share)
    blend = fit_blend(raw, won, np.full(len(signals), 1.1 / len(signals)))
    base = np.full(rows, np.log(won.mean() / (1 - won.mean())))
    for one in (base, *raw.T):
        above = losses(won, blend.apply(raw)) - losses(won, one)
        chance = 2 * above.std() / rows**0.5 if rows < 2_000 else 0.0
        assert above.mean() <= chance + 1e-6
    assert min(blend.weights) >= 0.0


@settings(max_examples=30, deadline=None)
@CASES
def test_the_solver_finds_what_a_reference_finds(seed, rows, signals, share) -> None:
    raw, won = voices(seed, rows, signals, share)
    plan = np.full(len(signals), 1.1 / len(signals))
    precision = _plan_precision(plan, rows)
    target = np.append(plan, 0.0)

    def loss(at):
        logits, away = raw @ at[:-1] + at[-1], at - target
        return rows * log_loss(won, logits) + 0.5 * away @ precision @ away

    bounds = [(0.0, 10.0)] * len(signals) + [(None, None)]
    reference = minimize(loss, target, method="SLSQP", bounds=bounds, options={"ftol": 1e-12})
    found = _solve(raw, won, plan, precision, np.ones(len(won)))
    assert loss(np.append(found.weights, found.shift)) <= reference.fun + 1e-5 * rows


def test_a_voice_that_contradicts_is_silenced_and_the_others_are_solved_anew() -> None:
    """The weights that were left kept the values that belonged to a negative one."""
    raw, won = voices(3, 4_000, [2.0, -2.0], 0.2)
    blend = fit_blend(raw, won, np.array([0.55, 0.55]))
    assert blend.weights[1] == pytest.approx(0.0, abs=1e-6)
    alone = _solve(raw[:, :1], won, np.array([0.55]), np.zeros((2, 2)), np.ones(len(won)))
    reached = log_loss(won, blend.apply(raw))
    assert reached == pytest.approx(log_loss(won, alone.apply(raw[:, :1])), abs=0.01)
