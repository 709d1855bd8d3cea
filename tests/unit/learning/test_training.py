"""Models from sound, odd and hopeless tables."""

from __future__ import annotations

import numpy as np
import pytest

from backend.errors import BadInput
from backend.learning.data.cutting import cut, quantile_edges
from backend.learning.data.encoding import encode
from backend.learning.data.kinds import kind_of
from backend.learning.data.table import Table
from backend.learning.fit.boosted import (
    Reading,
    TreeShape,
    _balanced_parts,
    _tabulated,
    boosted_trees,
)
from backend.learning.fit.folds import fold_numbers, groups_by_column
from backend.learning.fit.shrunken import shrunken_regression
from backend.learning.fit.training import TrainingChoices, group_rows, train
from backend.learning.metrics import auc
from backend.scoring.scorecard.scorecard import apply
from tests.unit.learning.tables import leads, with_column

pytestmark = pytest.mark.slow  # models are trained


def test_a_pattern_is_found_again_on_new_leads() -> None:
    card = train(leads(400), "Outcome").scorecard
    new = leads(400, seed=9)
    won = np.array([c == "Won" for c in new.column("Outcome")], dtype=np.float64)
    assert (auc(won, apply(card, new.row_mappings()).logits) or 0) > 0.7


def test_a_field_that_says_nothing_gets_hardly_any_points() -> None:
    card = train(leads(600), "Outcome").scorecard
    spread = {f.cells.name: np.ptp(f.logits[2:]) for f in card.fields}
    assert spread["Colour"] < 0.4 * spread["Industry"]


@pytest.mark.parametrize("kind", ["copy", "words", "near"])
def test_a_column_that_is_the_outcome_is_never_used(kind: str) -> None:
    table = leads(200)
    outcome = table.column("Outcome")
    cells: dict[str, list[str | None]] = {
        "copy": list(outcome),
        "words": ["signed" if c == "Won" else "gone" for c in outcome],
        "near": [("7" if c == "Won" else "3") if i % 100 else "5" for i, c in enumerate(outcome)],
    }
    table = with_column(table, "Answer", cells[kind])
    trained = train(table, "Outcome", TrainingChoices(keep=("Answer",)))
    assert "Answer" not in trained.choice.names
    assert trained.choice.suspects[0].certain


def test_a_field_filled_in_only_for_won_leads_is_suspected_and_can_be_readmitted() -> None:
    table = leads(400)
    cells = [
        "seen" if (c == "Won") == (i % 5 > 0) else None
        for i, c in enumerate(table.column("Outcome"))
    ]
    table = with_column(table, "Remark", [*cells])
    trained = train(table, "Outcome")
    assert [s.field for s in trained.choice.suspects] == ["Remark"]
    again = train(table, "Outcome", TrainingChoices(keep=("Remark",)))
    assert "Remark" in again.choice.names


def test_useless_columns_are_left_out_with_a_reason() -> None:
    table = leads(300)
    table = with_column(table, "Record ID", [str(10_000 + i) for i in range(300)])
    table = with_column(table, "Nothing", [""] * 300)
    table = with_column(table, "Created", [f"2024-01-{1 + i % 28:02d}" for i in range(300)])
    trained = train(table, "Outcome")
    assert set(trained.choice.excluded) == {"Record ID", "Nothing", "Created"}
    assert trained.choice.dates == ("Created",)


def test_every_column_that_was_left_out_can_be_kept_or_is_said_not_to_be() -> None:
    table = leads(300)
    odd: dict[str, list[str | None]] = {
        "Record ID": [str(10_000 + i) for i in range(300)],
        "Mail": [None if i % 3 else f"p{i}@example.com" for i in range(300)],
        "Created": [f"2024-01-{1 + i % 28:02d}" for i in range(300)],
        "Note": [f"they asked for a price on item {i} again" for i in range(300)],
        "Code": [f"x{i // 2}" if i < 60 else f"x{i}" for i in range(300)],
        "Nothing": [""] * 300,
        "ai_score": [str(i % 9) for i in range(300)],
        "Answer": list(table.column("Outcome")),
    }
    for name, cells in odd.items():
        table = with_column(table, name, cells)
    trained = train(table, "Outcome", TrainingChoices(keep=(*odd, "Outcome"), ignore=("Colour",)))
    assert set(trained.choice.names) == {
        *("Industry", "Visits", "Record ID", "Mail", "Created", "Code")
    }
    refused = {"Note", "Nothing", "ai_score", "Answer", "Outcome"}
    assert set(trained.choice.refused) == refused
    assert all(any(repr(n) in line for line in trained.warnings) for n in refused)


def test_a_column_to_ignore_and_to_keep_is_ignored_and_that_is_said() -> None:
    trained = train(leads(200), "Outcome", TrainingChoices(keep=("Colour",), ignore=("Colour",)))
    assert trained.warnings == ("'Colour' cannot be kept: ignored as asked",)


@pytest.mark.parametrize("rows", [3, 4, 6, 15])
def test_a_handful_of_rows_gives_a_model_or_a_message(rows: int) -> None:
    table = leads(400)
    wins = [i for i, c in enumerate(table.column("Outcome")) if c == "Won"]
    losses = [i for i, c in enumerate(table.column("Outcome")) if c == "Lost"]
    few = table.take(np.array([wins[0], *losses[: rows - 1]]))
    try:
        card = train(few, "Outcome").scorecard
    except BadInput as error:
        assert "no column is left" in str(error)
    else:
        chances = apply(card, few.row_mappings()).chances
        assert np.isfinite(chances).all()


def test_duplicates_do_not_break_the_folds() -> None:
    table = leads(30)
    copies = table.take(np.tile(np.arange(30), 6))
    card = train(copies, "Outcome").scorecard
    assert np.isfinite(apply(card, copies.row_mappings()).logits).all()


def test_all_values_missing_is_a_clear_message() -> None:
    table = Table({"a": [None] * 40, "b": [""] * 40, "y": ["won", "lost"] * 20})
    with pytest.raises(BadInput, match="no column is left to learn from"):
        train(table, "y")


def test_groups_are_never_parted() -> None:
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 40, 300)
    won = (rng.random(300) < 0.3).astype(np.float64)
    folds = fold_numbers(groups, won, seed=1)
    for group in range(40):
        assert len(set(folds[groups == group])) <= 1
    assert np.bincount(folds).min() > 30


def test_rows_that_differ_only_in_their_date_are_copies() -> None:
    base = leads(100)
    twice = base.take(np.tile(np.arange(100), 2))
    days: list[str | None] = [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(200)]
    table = with_column(twice, "Deal Date", days)
    table = with_column(table, "deal_month", [str(d)[5:7] for d in days])
    fine = with_column(table, "Amount", [str(1000 + i % 100) for i in range(200)])
    groups = group_rows(fine, "Outcome", None)
    assert np.array_equal(groups[:100], groups[100:])
    assert groups.max() == 99


def test_the_group_column_is_not_a_field() -> None:
    table = with_column(leads(200), "Company", [f"c{i % 60}" for i in range(200)])
    trained = train(table, "Outcome", TrainingChoices(group="Company"))
    assert "Company" not in trained.choice.names
    company = groups_by_column(table.column("Company"))[trained.rows]
    assert np.array_equal(trained.groups, groups_by_column([str(g) for g in company]))


def test_the_order_of_the_rows_does_not_matter() -> None:
    table = with_column(leads(400), "Day", [f"2024-01-{1 + i % 28:02d}" for i in range(400)])
    mixed = table.take(np.random.default_rng(3).permutation(400))
    trained, again = train(table, "Outcome"), train(mixed, "Outcome")
    assert trained.scorecard.to_json() == again.scorecard.to_json()
    assert np.array_equal(trained.out_of_fold, again.out_of_fold)
    won = [table.column("Outcome")[row] == "Won" for row in trained.rows]
    assert np.array_equal(trained.won, np.array(won, dtype=np.float64))


@pytest.mark.parametrize("reading", ["names", "shares"])
def test_tables_are_the_trees_exactly(reading: Reading) -> None:
    table = leads(500)
    kinds = [kind_of(n, table.column(n)) for n in ("Visits", "Industry", "Colour")]
    encoded = encode([cut(kind, table.column(kind.name)) for kind in kinds], table)
    won = np.array([c == "Won" for c in table.column("Outcome")], dtype=np.float64)
    shape = TreeShape(leaves=8, trees=20, pairs=((0, 1), (1, 2)))
    forest = boosted_trees(
        encoded, won, np.arange(500), reading=reading, shape=shape, bags=2, seed=3
    )
    assert forest is not None
    direct = forest.predict(encoded.codes)
    for bag in forest.bags:
        tabulated = _tabulated(bag, encoded, shape.pairs)
        assert np.abs(tabulated.predict(encoded.codes) - bag.predict(encoded.codes)).max() < 1e-9
    centred = forest.tables()
    assert np.abs(centred.predict(encoded.codes) - direct).max() < 1e-9
    assert abs(centred.tables[0][encoded.codes[:, 0]].mean()) < 1e-9


def test_another_seed_hardly_moves_a_score() -> None:
    table = leads(600)
    new = leads(300, seed=9).row_mappings()
    cards = [train(table, "Outcome", TrainingChoices(seed=seed)).scorecard for seed in (1, 2)]
    first, second = (apply(card, new).totals for card in cards)
    assert np.abs(first - second).mean() <= 1
    assert np.abs(first - second).max() <= 4


def test_what_folds_measure_does_not_depend_on_the_seed() -> None:
    first, second = (
        train(leads(150), "Outcome", TrainingChoices(seed=seed)).fitted for seed in (7, 8)
    )
    assert first.blend == second.blend
    assert np.array_equal(first.out_of_fold, second.out_of_fold)
    assert not np.array_equal(first.model.tables[0], second.model.tables[0])


def test_a_deal_of_bags_leaves_every_row_out_once() -> None:
    won = (np.arange(103) % 3 == 0).astype(np.float64)
    bags = _balanced_parts(won, 10, seed=5)
    for deal in (bags[:5], bags[5:]):
        assert np.array_equal(np.bincount(np.concatenate(deal)), np.full(103, 4))
    assert {int(won[rows].sum()) for rows in bags} <= {27, 28}


def test_no_trees_without_both_kinds_in_a_bag() -> None:
    table = leads(60)
    encoded = encode(
        [cut(kind_of("Visits", table.column("Visits")), table.column("Visits"))], table
    )
    alone, shape = np.arange(60), TreeShape()
    none_won = np.zeros(60)
    assert (
        boosted_trees(encoded, none_won, alone, reading="names", shape=shape, bags=2, seed=1)
        is None
    )


def test_the_regression_survives_a_heavy_value_and_a_rare_strong_one() -> None:
    rng = np.random.default_rng(3)
    days = np.where(rng.random(4_000) < 0.96, 999, rng.integers(1, 20, 4_000))
    won = (rng.random(4_000) < np.where(days < 999, 0.65, 0.08)).astype(np.float64)
    table = Table({"days": [str(d) for d in days]})
    encoded = encode([cut(kind_of("days", table.column("days")), table.column("days"))], table)
    assert (auc(won, shrunken_regression(encoded, won).predict(encoded.codes)) or 0) > 0.6


def test_a_value_that_fills_a_cell_leaves_the_others_finely_cut() -> None:
    edges = quantile_edges([999.0] * 900 + [float(i) for i in range(100)])
    assert len(edges) > 20


def test_a_field_written_after_the_outcome_is_left_out_and_few_outcomes_are_said() -> None:
    choices = TrainingChoices(filled_after={"Visits": 0.8})
    trained = train(leads(28), "Outcome", choices)
    assert "80% of its values were written after" in trained.choice.excluded["Visits"]
    assert trained.warnings[0].startswith("not enough outcomes yet (")
