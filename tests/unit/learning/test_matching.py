"""The backtest says when its two files do not belong together, or cannot be read as meant."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from backend.cli.learning.model import group
from backend.errors import BadInput
from backend.learning.data.csv_reader import parse_table
from backend.learning.data.kinds import kind_of
from backend.learning.data.labels import parse_outcomes
from backend.learning.data.table import Table
from backend.learning.fit.folds import times_of
from backend.learning.fit.training import TrainingChoices, train
from backend.learning.judge.backtest import backtest
from tests.unit.learning.tables import leads, with_column

pytestmark = pytest.mark.slow  # models are trained


def _file(path: Path, table: Table) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table.names)
        writer.writerows(zip(*table.columns.values(), strict=True))
    return str(path)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(group(), ["backtest", *arguments])


def _renamed(table: Table, names: dict[str, str]) -> Table:
    return Table({names.get(n, n): cells for n, cells in table.columns.items()})


def _told_apart(rows: int, seed: int) -> Table:
    table = leads(rows, seed)
    amounts = np.random.default_rng(seed).normal(1_000, 300, rows)
    return with_column(table, "Amount", [f"{amount:.2f}" for amount in amounts])


def test_test_rows_that_were_trained_on_are_counted_and_fresh_ones_are_not() -> None:
    train_rows, fresh = _told_apart(200, 1), _told_apart(60, 2)
    again = backtest(train_rows, "Outcome", test=train_rows.take(np.arange(60)))
    assert any("60 of 60 test rows are in the training file" in w for w in again.warnings)
    assert not backtest(train_rows, "Outcome", test=fresh).warnings


def test_companies_on_both_sides_are_counted() -> None:
    first = with_column(leads(200), "Firm", [f"f{i % 50}" for i in range(200)])
    second = with_column(leads(80, 2), "Firm", [f"f{i}" for i in range(80)])
    found = backtest(first, "Outcome", TrainingChoices(group="Firm"), test=second)
    assert any("50 of 80 test rows are of a 'Firm'" in w for w in found.warnings)


def test_a_column_that_does_not_match_is_named_with_the_nearest_and_nothing_is_judged() -> None:
    test = _renamed(leads(90, 3), {"Industry": "industry ", "Visits": "page_visits"})
    found = backtest(leads(200), "Outcome", test=test)
    assert any("no column 'Industry' (nearest: 'industry ')" in w for w in found.warnings)
    assert "hardly ranks" not in found.verdict
    assert "lack 2 of the fields" in found.verdict


def test_a_column_that_matches_already_is_nobodys_nearest() -> None:
    test = _renamed(leads(90, 3), {"Industry": "a", "Visits": "b", "Colour": "c"})
    test = _renamed(test, {"Outcome": "Colours"})
    with pytest.raises(BadInput, match=r"no column 'Colour'$"):
        backtest(_renamed(leads(200), {"Outcome": "Colours"}), "Colours", test=test)


@pytest.mark.parametrize(("firms", "warned"), [(50, True), (3, False)])
def test_companies_on_both_sides_are_counted_by_the_name_of_their_column(
    firms: int, warned: bool
) -> None:
    first = with_column(leads(200), "Account name", [f"f{i % firms}" for i in range(200)])
    second = with_column(leads(80, 2), "Account name", [f"f{i}" for i in range(80)])
    found = backtest(first, "Outcome", test=second)
    assert any("rows are of a 'Account name'" in w for w in found.warnings) == warned


def test_no_shared_column_is_an_error() -> None:
    names = {"Industry": "a", "Visits": "b", "Colour": "c"}
    with pytest.raises(BadInput, match="shares no field"):
        backtest(leads(200), "Outcome", test=_renamed(leads(90, 3), names))


@pytest.mark.parametrize("filled", ["wins", "all"])
def test_a_date_written_with_the_outcome_orders_nothing(filled: str) -> None:
    table = leads(200)
    won = [c == "Won" for c in table.column("Outcome")]
    days: list[str | None] = [
        f"2024-{2 if w else 1:02d}-{1 + i % 28:02d}" if w or filled == "all" else None
        for i, w in enumerate(won)
    ]
    found = backtest(with_column(table, "Close Date", days), "Outcome")
    assert "random leads" in found.split
    assert "recency" not in found.baselines


@pytest.mark.parametrize(
    ("cells", "day"),
    [
        (["3/4/2023 2:15 PM", "3/28/2023 9:05 AM"], (3, 4)),
        (["3/4/2023", "3/28/2023"], (3, 4)),
        (["3/4/2023", "28/3/2023"], (4, 3)),
        (["04.03.2023 14:15", "28.03.2023 09:05"], (3, 4)),
        (["04.03.2023 14:15:10", "28.03.2023 09:05:00"], (3, 4)),
        (["1677888000000", "1679961600000"], (3, 4)),
        (["2023-03-04T10:00:00Z", "2023-03-28T10:00:00Z"], (3, 4)),
    ],
)
def test_dates_of_europe_and_america(cells: list[str | None], day: tuple[int, int]) -> None:
    assert kind_of("created", cells * 20).kind == "date"
    first = datetime.fromtimestamp(float(times_of(cells)[0]), UTC)
    assert (first.month, first.day) == day


@pytest.mark.parametrize("closed", [True, False])
def test_a_stray_quote_is_named_with_its_line(closed: bool) -> None:
    lines = ["Industry,Visits,Outcome", *(f"Retail,{i},Won" for i in range(100))]
    lines[40] = '"Retail,39,Won'
    if closed:
        lines[90] = 'Retail,89",Won'
    with pytest.raises(BadInput, match="line 41: a stray quote"):
        parse_table("\n".join(lines).encode())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('"Retail,2,Won', "Bank,3,Lost"),
        ('Retail,2,"Won', "Bank,3,Lost"),
        ('Retail,"2,Won', 'Bank,"3,Lost'),
        ('"Retail,2,Won', 'Bank,3,"Lost'),
        ('"Retail,2,Won', 'Bank,3,Lost"'),
    ],
)
def test_a_stray_quote_that_swallows_one_row_is_named_too(first: str, second: str) -> None:
    with pytest.raises(BadInput, match="line 3: a stray quote makes one cell of 1 more line"):
        parse_table(f"Industry,Visits,Outcome\nRetail,1,Won\n{first}\n{second}\n".encode())


def test_a_file_of_delimiters_holds_no_header() -> None:
    with pytest.raises(BadInput, match="holds no header line"):
        parse_table(b",,,\n,,,\n")


def test_a_text_that_repeats_is_held_once() -> None:
    cells = parse_table(b"Industry,Outcome\nRetail trade,Won\nRetail trade,Lost\n").column(
        "Industry"
    )
    assert cells[0] is cells[1]


def test_a_quote_inside_a_cell_is_text() -> None:
    table = parse_table(b'Size,Note,Outcome\n5" pipe,"said "yes" twice",Won\n6",x,Lost\n')
    assert table.column("Size") == ['5" pipe', '6"']


def test_a_short_row_with_a_text_of_several_lines_is_read() -> None:
    table = parse_table(b'Note,Visits,Outcome\n"call,\nthen write"\nshort,2,Won\n')
    assert table.column("Visits") == [None, "2"]


def test_a_text_of_several_lines_is_no_stray_quote() -> None:
    note = '"Dear team,\nplease call.\nWe need it, soon, really, now.\nYours, Ann"'
    table = parse_table(f"Industry,Note,Outcome\nRetail,{note},Won\nBank,short,Lost\n".encode())
    assert len(table) == 2


def test_a_row_that_is_too_wide_is_named_by_its_line_in_the_file() -> None:
    with pytest.raises(BadInput, match="line 6 has 4 cells"):
        parse_table(b'a,b,c\n1,"x\ny\nz",2\n\n1,2,3,4\n')


def test_any_word_can_mean_won(tmp_path: Path) -> None:
    table = leads(200)
    words = ["Gold" if c == "Won" else "Tin" for c in table.column("Outcome")]
    file = _file(tmp_path / "a.csv", Table({**table.columns, "Outcome": words}))
    refused = _run("--train", file, "--outcome", "Outcome")
    assert refused.exit_code == 2
    assert "--won" in refused.stderr
    told = _run("--train", file, "--outcome", "Outcome", "--won", "gold", "--json")
    assert json.loads(told.stdout)["n_train_won"] > 20
    with pytest.raises(BadInput, match="no row of the outcome column 'Outcome' says 'silver'"):
        parse_outcomes(Table({"Outcome": words}), "Outcome", "silver")


@pytest.mark.parametrize("seed", ["-1", "99999999999"])
def test_a_seed_out_of_range_is_refused(tmp_path: Path, seed: str) -> None:
    file = _file(tmp_path / "a.csv", leads(60))
    refused = _run("--train", file, "--outcome", "Outcome", "--seed", seed)
    assert refused.exit_code == 2
    assert "--seed must lie between" in refused.stderr


def test_warnings_are_printed_for_people_too(tmp_path: Path) -> None:
    file = _file(tmp_path / "a.csv", leads(120))
    said = _run("--train", file, "--test", file, "--outcome", "Outcome", "--keep", "Outcome").stdout
    assert "warning: 'Outcome' cannot be kept: it is the outcome" in said


def test_a_duration_is_no_leak_by_its_name_and_a_strong_field_is_to_be_looked_at() -> None:
    table = leads(1_000)
    rng = np.random.default_rng(1)
    won = np.array([c == "Won" for c in table.column("Outcome")])
    weak, strong = rng.normal(0.3 * won), rng.normal(1.45 * won)
    table = with_column(table, "Contract duration", [f"{x:.3f}" for x in weak])
    table = with_column(table, "duration", [f"{-x:.2f}" for x in weak])
    table = with_column(table, "Distance", [f"{x:.3f}" for x in strong])
    trained = train(table, "Outcome")
    assert {"Contract duration", "duration", "Distance"} <= set(trained.choice.names)
    assert [one.field for one in trained.choice.look_at] == ["Distance"]
    assert any(w.startswith("look at 'Distance'") for w in trained.warnings)


@pytest.mark.parametrize(("rows", "looked_at"), [(24, ()), (200, ("Distance",))])
def test_on_few_outcomes_no_field_is_to_be_looked_at(rows: int, looked_at: tuple[str, ...]) -> None:
    won = np.arange(rows) % 2
    distance = np.random.default_rng(1).normal(1.6 * won)
    table = Table(
        {
            "Distance": [f"{x:.3f}" for x in distance],
            "Colour": [f"colour {i // 2 % 3}" for i in range(rows)],
            "Outcome": ["Won" if w else "Lost" for w in won],
        }
    )
    assert tuple(one.field for one in train(table, "Outcome").choice.look_at) == looked_at
