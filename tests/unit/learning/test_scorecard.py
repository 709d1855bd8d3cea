"""Points add up, unknown is 0, and a stored scorecard scores like the one that was trained."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backend.errors import BadInput
from backend.learning.fit.calibration import chance_bins
from backend.learning.fit.training import Trained, train
from backend.scoring.scorecard.cells import FieldCells
from backend.scoring.scorecard.explain import factors, missing
from backend.scoring.scorecard.scorecard import (
    Scorecard,
    apply,
    chance,
    whole_points,
)
from backend.scoring.values.words import UNKNOWN_FIELDS
from tests.unit.learning.tables import leads


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(leads(), "Outcome")


@settings(max_examples=200, deadline=None)
@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 6), st.integers(1, 9)),
        elements=st.floats(-80, 80, allow_nan=False),
    )
)
def test_whole_points_add_up_and_stay_close(points: np.ndarray) -> None:
    whole = whole_points(points)
    assert np.abs(whole.sum(axis=1) - points.sum(axis=1)).max() <= 0.5 + 1e-6
    assert np.abs(whole - points).max() < 1 + 1e-6


def test_no_points_stay_no_points() -> None:
    assert whole_points(np.array([[0.0, 3.4, 0.0, 2.3, 0.0]])).tolist() == [[0, 4, 0, 2, 0]]


@settings(max_examples=100, deadline=None)
@given(
    industry=st.one_of(st.none(), st.sampled_from(["Logistics", " retail", "Mining", "unknown"])),
    visits=st.one_of(st.none(), st.integers(-5, 90).map(str), st.just("many"), st.floats()),
)
def test_factors_add_up_for_any_lead(
    trained: Trained, industry: str | None, visits: str | float | None
) -> None:
    row = {"Industry": industry, "Visits": visits}
    scored = apply(trained.scorecard, [row])
    found = factors(trained.scorecard, scored, 0, row)
    assert 50 + sum(f.points for f in found) == scored.totals[0]
    exact = 50 + 15 / np.log(2) * scored.contributions.sum()
    assert abs(scored.totals[0] - exact) <= 0.5 + 1e-6


def test_fifty_points_are_the_base_rate_and_fifteen_double_the_odds(trained: Trained) -> None:
    scored = apply(trained.scorecard, leads().row_mappings())
    odds = scored.chances / (1 - scored.chances)
    rate = trained.scorecard.base_rate
    expected = 2 ** ((scored.totals - 50) / 15) * rate / (1 - rate)
    assert np.abs(np.log2(odds / expected)).max() <= 0.5 / 15 + 1e-6


def test_the_mean_chance_of_the_training_rows_is_the_base_rate(trained: Trained) -> None:
    scored = apply(trained.scorecard, leads().row_mappings())
    assert scored.chances.mean() == pytest.approx(trained.scorecard.base_rate, abs=1e-6)


def test_unknown_is_no_factor_but_listed_with_what_it_could_add(trained: Trained) -> None:
    row = {"Visits": "30", "Industry": "  n/a "}
    scored = apply(trained.scorecard, [row])
    names = [f.field for f in factors(trained.scorecard, scored, 0, row)]
    assert "Industry" not in names
    column = trained.scorecard.field_names.index("Industry")
    assert scored.points[0, column] == 0
    gains = {m.field: m.could_add for m in missing(trained.scorecard, scored, 0)}
    assert gains["Industry"] > 0
    assert set(names) <= {"Visits", "Colour", UNKNOWN_FIELDS}
    (together,) = (f for f in factors(trained.scorecard, scored, 0, row) if f.field not in row)
    assert (together.field, together.value) == (UNKNOWN_FIELDS, "Industry, Colour")


def test_a_factor_compares_with_the_average(trained: Trained) -> None:
    row = {"Industry": "logistics", "Visits": "20", "Colour": "red"}
    scored = apply(trained.scorecard, [row])
    industry = next(f for f in factors(trained.scorecard, scored, 0, row) if f.field == "Industry")
    assert industry.points > 0
    assert "times as often as average, n=" in industry.comparison


def test_a_stored_scorecard_scores_the_same(trained: Trained) -> None:
    again = Scorecard.from_json(trained.scorecard.to_json())
    rows = leads(seed=2).row_mappings()
    assert np.array_equal(apply(again, rows).logits, apply(trained.scorecard, rows).logits)


def test_the_same_data_and_seed_give_the_same_bytes(trained: Trained) -> None:
    assert train(leads(), "Outcome").scorecard.to_json() == trained.scorecard.to_json()


@pytest.mark.parametrize("change", [{"base_rate": 1.5}, {"chances": []}, {"strange": 1}])
def test_a_damaged_scorecard_is_refused(trained: Trained, change: dict[str, object]) -> None:
    text = json.dumps(json.loads(trained.scorecard.to_json()) | change)
    with pytest.raises(BadInput, match="not a valid scorecard"):
        Scorecard.from_json(text)


def test_chance_lies_within_its_interval(trained: Trained) -> None:
    for logit in (-6.0, -1.0, 0.0, 2.0, 6.0):
        found = chance(trained.scorecard, logit)
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.sample > 0


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.sampled_from([30, 200, 1_000]))
def test_a_higher_score_never_promises_less(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=rows)
    won = (rng.random(rows) < 0.4).astype(np.float64)
    bins = chance_bins(logits, won)
    shares = [b.won / b.rows for b in bins]
    assert shares == sorted(shares)
    assert sum(b.rows for b in bins) == rows
    assert bins[-1].upto is None


def test_a_promise_beyond_what_like_leads_brought_is_cut(trained: Trained) -> None:
    top = trained.scorecard.chances[-1]
    found = chance(trained.scorecard, 12.0)
    assert (found.low, found.high) == (top.low, top.high)
    assert found.value == top.high


def test_edges_belong_to_the_upper_cell() -> None:
    cells = FieldCells(name="n", kind="number", edges=(1.0, 2.0))
    assert cells.encode(["0.9", "1", "1.5", "2", "", "x", None]).tolist() == [1, 2, 2, 3, 0, 0, 0]


def test_levels_ignore_spaces_and_capitals_and_pool_the_unseen() -> None:
    cells = FieldCells(name="c", kind="levels", levels=("big",), labels=("Big",))
    assert cells.encode([" BIG ", "small", "", None]).tolist() == [2, 1, 0, 0]
