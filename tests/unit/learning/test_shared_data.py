"""What must hold on the public sets: points add up on every lead, leaks are caught."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.learning.data.csv_reader import read_table
from backend.learning.data.fields import choose_fields
from backend.learning.data.labels import parse_outcomes
from backend.learning.fit.folds import fold_numbers
from backend.learning.fit.training import TrainingChoices, train
from backend.scoring.scorecard.explain import factors
from backend.scoring.scorecard.scorecard import apply
from bench.quality_sets import SETS, DataSet

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs_data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is absent"),
]
LEAKS = {
    "xeducation": {
        "Converted",
        "Tags",
        "Lead Quality",
        "Lead Profile",
        "Last Activity",
        "Last Notable Activity",
        "What matters most to you in choosing a course",
        "Asymmetrique Activity Score",
        "Prospect ID",
        "Lead Number",
    },
    "it_win_prediction": {"Deal Status Code", "Deal Date", "row_key"},
    "salvirt_b2b": {"Status", "row_key"},
    "uci_bank": {"y", "duration", "row_key"},
}
HONEST = {
    "xeducation": {"Total Time Spent on Website", "What is your current occupation", "Lead Origin"},
    "it_win_prediction": {"Solution Type", "Deal Cost", "Manager Name"},
    "salvirt_b2b": {"Client", "Up_sale", "Seller"},
    "uci_bank": {"pdays", "previous", "month", "contact"},
}


@pytest.mark.parametrize("data", SETS, ids=lambda d: d.name)
def test_leaks_are_caught_unasked_and_honest_fields_stay(data: DataSet) -> None:
    table = read_table(DATA / data.name / "dev.csv")
    won = parse_outcomes(table, "label").won
    folds = fold_numbers(np.arange(len(table)), won, 1)
    used = set(choose_fields(table, won, folds, outcome="label").names)
    assert not used & LEAKS[data.name]
    assert used >= HONEST[data.name]


@pytest.mark.parametrize("data", SETS, ids=lambda d: d.name)
def test_factor_points_add_up_on_every_lead(data: DataSet) -> None:
    table = read_table(DATA / data.name / "dev.csv")
    some = table.take(np.arange(0, len(table), max(len(table) // 400, 1)))
    card = train(some, "label", TrainingChoices(ignore=data.ignore)).scorecard
    rows = table.row_mappings()
    scored = apply(card, rows)
    assert np.array_equal(scored.totals, 50 + scored.points.sum(axis=1))
    exact = 50 + 15 / np.log(2) * scored.contributions.sum(axis=1)
    assert np.abs(scored.totals - exact).max() <= 0.5 + 1e-6
    for lead in range(0, len(rows), 97):
        found = factors(card, scored, lead, rows[lead])
        assert 50 + sum(f.points for f in found) == scored.totals[lead]
