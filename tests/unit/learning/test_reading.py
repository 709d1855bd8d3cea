"""CSV files, outcomes and kinds of columns."""

from __future__ import annotations

import pytest

from backend.errors import BadInput
from backend.learning.data.csv_reader import parse_table, read_table
from backend.learning.data.cutting import cut
from backend.learning.data.kinds import kind_of
from backend.learning.data.labels import meaning, parse_outcomes, require_both
from backend.learning.data.table import Table, table_of
from backend.learning.fit.training import _sampled
from backend.learning.judge.backtest import backtest
from backend.scoring.scorecard.cells import decimal_mark, number_of


@pytest.mark.parametrize(
    "content",
    [
        "name;won\nÄpfel;1\nBirnen;0\n".encode(),
        "\ufeffname,won\r\nÄpfel,1\r\nBirnen,0\r\n".encode(),
        "name\twon\nÄpfel\t1\nBirnen\t0\n".encode("utf-16"),
        "name|won\nÄpfel|1\nBirnen|0\n".encode("cp1252"),
    ],
)
def test_encodings_and_delimiters_are_recognised(content: bytes) -> None:
    table = parse_table(content)
    assert table.column("name") == ["Äpfel", "Birnen"]
    assert table.column("won") == ["1", "0"]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"PK\x03\x04\x00\x00", "not text"), (b"a,b\n1,2,3\n", "line 2 has 3 cells")],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse_table(content, "leads.csv")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(BadInput, match="nowhere"):
        read_table("/nowhere.csv")


def test_repeated_and_empty_column_names_stay_apart() -> None:
    assert parse_table(b"a,a,\n1,2,3\n").names == ("a", "a (2)", "column 3")


@pytest.mark.parametrize("word", ["Won", "1", "1.0", "yes", "TRUE", "Closed Won", "closedwon", "Y"])
def test_words_for_won(word: str) -> None:
    assert meaning(word) == 1.0


@pytest.mark.parametrize("word", ["Lost", "0", "0.0", "no", "False", "Closed-Lost", "closedlost"])
def test_words_for_lost(word: str) -> None:
    assert meaning(word) == 0.0


def test_rows_without_outcome_are_left_out() -> None:
    outcomes = parse_outcomes(Table({"y": ["won", "", None, "lost", "n/a"]}), "y")
    assert outcomes.rows.tolist() == [0, 3]
    assert outcomes.won.tolist() == [1.0, 0.0]


def test_strange_outcomes_are_shown() -> None:
    with pytest.raises(BadInput, match=r"'stage'.*'blue', 'seven'"):
        parse_outcomes(Table({"stage": ["won", "blue", "seven"]}), "stage")


def test_an_absent_outcome_column_lists_the_columns_there_are() -> None:
    with pytest.raises(BadInput, match="the columns are: a, b"):
        parse_outcomes(Table({"a": ["1"], "b": ["2"]}), "c")


def test_one_kind_of_outcome_is_refused() -> None:
    with pytest.raises(BadInput, match="no won row"):
        require_both(parse_outcomes(Table({"y": ["lost", "lost"]}), "y"), "y")


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("visits", [str(i % 7) for i in range(100)], "number"),
        ("amount", [f"{i * 137.5 + i * i:.2f}" for i in range(100)], "number"),
        ("revenue", [str((i * 7919) % 99_991 * 1000) for i in range(100)], "number"),
        ("industry", ["a", "b"] * 50, "levels"),
        ("created", [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(100)], "date"),
        ("when", [f"{1 + i % 28}/{1 + i % 12}/2023" for i in range(100)], "date"),
        ("Lead Number", [str(600_000 + 3 * i) for i in range(100)], "id"),
        ("row_key", [f"{i * 7_777_777_777:016x}a1"[-16:] for i in range(1000, 1100)], "id"),
        ("mail", [f"p{i}@example.com" for i in range(100)], "id"),
        ("note", [f"they asked for a price on item {i} again" for i in range(100)], "text"),
        ("city", [f"town {i}" for i in range(100)], "id"),
        ("town", [f"town {i // 2}" if i < 20 else f"town {i // 1.5}" for i in range(90)], "levels"),
        ("same", ["x"] * 100, "constant"),
        ("blank", [""] * 100, "empty"),
        ("ai_lead_score", ["1", "2"] * 50, "ours"),
        ("landing_page", [f"{i % 40:04x}c0ffee{i % 40:022x}" for i in range(400)], "levels"),
        ("form", [f"{i % 30:08x}-aaaa-bbbb-cccc-{i % 30:012x}" for i in range(300)], "levels"),
        ("owner", [f"rep{i % 25}@example.com" for i in range(300)], "levels"),
        ("ad set", [f"AD-{i % 40:05d}-x" for i in range(300)], "levels"),
        ("campaign id", [str(90_000_000_000 + 7_919 * (i % 45)) for i in range(400)], "levels"),
        ("form_guid", [f"{i // 1.3:.0f}ab{i // 1.3:030.0f}" for i in range(300)], "id"),
        ("number of employees", [str(i % 45) for i in range(400)], "number"),
    ],
)
def test_kinds_of_columns(name: str, cells: list[str | None], kind: str) -> None:
    assert kind_of(name, cells).kind == kind


def test_forty_thousand_levels_are_too_many() -> None:
    cells: list[str | None] = [f"code {i % 40_000}" for i in range(60_000)]
    assert kind_of("code", cells).kind in {"many_levels", "levels"}
    spread: list[str | None] = [f"code {i}" for i in range(40_000)]
    assert not kind_of("code", spread).usable


# how a column writes its numbers, a cell of it, and what the cell means; a line is a case
COLUMNS = [
    (("12,5", "0,5", "7"), "12,5", 12.5),
    (("1.234,56", "999,00"), "1.234,56", 1234.56),
    (("1.234,56", "2.500"), "2.500", 2500.0),
    (("1.234.567", "850", "1.250"), "1.250", 1250.0),
    (("850", "1.250"), "1.250", 1250.0),
    (("1,234,567", "1,250"), "1,250", 1250.0),
    (("0.123", "0.456"), "0.456", 0.456),
    (("1.250", "2.5"), "1.250", 1.25),
    (("€ 1.200,00",), "€ 1.200,00", 1200.0),
    (("1.234.567,89",), "1.234.567,89", 1234567.89),
    (("1'234.50",), "1'234.50", 1234.5),
    (("1’234.50",), "1’234.50", 1234.5),
    (("250K",), "250K", 250e3),
    (("1.2M",), "1.2M", 1.2e6),
    (("1,2 Mio.",), "1,2 Mio.", 1.2e6),
    (("(500)",), "(500)", -500.0),
    (("($1,200.50)",), "($1,200.50)", -1200.5),
    (("-3,5",), "-3,5", -3.5),
    (("1\u00a0234,5",), "1\u00a0234,5", 1234.5),
    (("1\u202f234",), "1\u202f234", 1234.0),
    (("1\u2009234",), "1\u2009234", 1234.0),
    (("35 %",), "35 %", 35.0),
    (("USD 12",), "USD 12", 12.0),
    (("12,5",), "1234.5", 1234.5),
    (("1.5", "2.5"), "12,5", 12.5),
    (("10.0.0.1",), "10.0.0.1", None),
    (("01.02.2024",), "01.02.2024", None),
    (("12 apples",), "12 apples", None),
    (("PHP 8",), "PHP 8", None),
    (("1.200,-",), "1.200,-", 1200.0),
    (("CHF 1'200.-",), "CHF 1'200.-", 1200.0),
    (("1 200,50 zł",), "1 200,50 zł", 1200.5),
    (("R$ 1.200,00",), "R$ 1.200,00", 1200.0),
    (("kr 1 200",), "kr 1 200", 1200.0),
]


@pytest.mark.parametrize(("column", "cell", "number"), COLUMNS)
def test_a_column_decides_how_its_numbers_are_written(
    column: tuple[str, ...], cell: str, number: float | None
) -> None:
    assert number_of(cell, decimal_mark(column)) == number


@pytest.mark.parametrize("style", ["{:,.2f}", "{:.2f} €", "{:,.0f}"])
@pytest.mark.parametrize("swap", [",.", ".,", "\u202f,", "\u00a0,", "\u2009."])
def test_a_model_is_the_same_however_its_numbers_are_written(style: str, swap: str) -> None:
    """The same twenty rows, in the spelling of another country."""
    plain = [float(i * i * 137 % 9_999 + i * 250) + i % 4 / 4 for i in range(20)]
    if ".0" in style:
        plain = [float(round(value)) for value in plain]
    marks = str.maketrans({",": swap[0], ".": swap[1]})
    written = [style.format(value).translate(marks) for value in plain]
    kind = kind_of("amount", written)
    assert kind.kind == "number"
    cells = cut(kind, written)
    exact = cut(kind_of("amount", [repr(v) for v in plain]), [repr(v) for v in plain])
    assert cells.encode(written).tolist() == exact.encode([repr(v) for v in plain]).tolist()


WORDS = [("ja", "nein"), ("Gewonnen", "Verloren"), ("gagné", "perdu"), ("Ganado", "Perdido")]
WORDS += [("Closed Won (Sales Pipeline)", "Closed Lost (Sales Pipeline)"), ("sim", "não")]
WORDS += [("Sales Pipeline: Closed Won", "Sales Pipeline: Closed Lost"), ("Vinto", "Perso")]
WORDS += [
    ("成立", "不成立"),
    ("クローズ(成約)", "クローズ(失注)"),
    ("Menang", "Kalah"),
    ("已成交", "失败"),
]
WORDS += [("Negocio ganado", "Negocio perdido"), ("Affaire gagnée", "Affaire perdue")]
WORDS += [("受注", "失注"), ("Vunnet", "Tapt"), ("Closed-Won - Europe", "Closed-Lost - Europe")]


@pytest.mark.parametrize(("won", "lost"), WORDS)
def test_outcomes_are_read_in_the_words_of_a_portal(won: str, lost: str) -> None:
    assert (meaning(won), meaning(lost)) == (1.0, 0.0)


def test_open_rows_are_left_out_and_counted() -> None:
    cells = ["won", "Open", "lost", "In progress", "offen", "Appointment scheduled"]
    outcomes = parse_outcomes(Table({"y": cells}), "y")
    assert outcomes.rows.tolist() == [0, 2]
    assert outcomes.undecided == 4


def test_open_rows_that_a_backtest_leaves_out_are_counted() -> None:
    rows = [
        {"outcome": ("won", "lost", "open", "Proposal sent")[i % 4], "x": f"{i % 7}", "c": f"{i}"}
        for i in range(400)
    ]
    report = backtest(table_of(rows), "outcome").report()
    assert report["left_out_open"] == 200


def test_a_huge_file_is_trained_on_a_sample_and_that_is_said() -> None:
    table = Table({"x": [str(i) for i in range(90)], "Outcome": ["won", "lost", "open"] * 30})
    known = parse_outcomes(table, "Outcome")
    some = known.first(20)
    assert some.rows.tolist() == known.rows[:20].tolist()
    assert (len(some.won), some.undecided) == (20, known.undecided)
    assert _sampled(20, 60) == ("trained on a random sample: 20 of 60 outcomes",)
    assert _sampled(60, 60) == ()
