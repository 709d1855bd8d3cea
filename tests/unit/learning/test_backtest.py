"""The backtest as a person runs it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from backend.cli.learning.model import group
from backend.learning.data.table import Table
from backend.learning.fit.folds import newest_splits
from backend.learning.fit.training import TrainingChoices
from backend.learning.judge.backtest import backtest
from backend.learning.judge.rolling import rolling_months
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


def test_json_holds_what_tools_depend_on(tmp_path: Path) -> None:
    train, test = _file(tmp_path / "a.csv", leads(200)), _file(tmp_path / "b.csv", leads(90, 5))
    out = tmp_path / "p.csv"
    result = _run(
        "--train",
        train,
        "--test",
        test,
        "--outcome",
        "Outcome",
        "--json",
        "--predictions",
        str(out),
    )
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert {
        "n_train",
        "n_test",
        "model",
        "metrics",
        "baselines",
        "fields",
        "train_s",
        "predict_s",
        "verdict",
    } <= set(report)
    assert {"auc", "pr_auc", "brier", "ece", "lift_at_10", "lift_at_20"} <= set(report["metrics"])
    assert report["n_test"] == 90
    assert {"random", "naive_bayes", "base_rate"} <= set(report["baselines"])
    lines = list(csv.DictReader(out.read_text().splitlines()))
    assert [line["row"] for line in lines] == [str(i + 1) for i in range(90)]
    assert all(0 <= float(line["chance"]) <= 1 and 0 <= int(line["score"]) <= 100 for line in lines)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--outcome", "Result"), "there is no column 'Result'"),
        (("--outcome", "Colour"), "must say won or lost"),
        (("--outcome", "Outcome", "--group", "Firm"), "there is no column 'Firm'"),
    ],
)
def test_bad_input_is_exit_code_2_and_json_only(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    train = _file(tmp_path / "a.csv", leads(60))
    result = _run("--train", train, *arguments, "--json")
    assert result.exit_code == 2
    assert words in result.stderr
    assert words in json.loads(result.stdout)["error"]["message"]


def test_ignore_takes_several_names_and_forgives_absent_ones(tmp_path: Path) -> None:
    train = _file(tmp_path / "a.csv", leads(120))
    result = _run("--train", train, "--outcome", "Outcome", "--ignore", "Colour, Gone", "--json")
    report = json.loads(result.stdout)
    assert "Colour" not in report["fields"]["used"]
    assert "no column 'Gone'" in result.stderr


def test_without_a_test_file_the_newest_outcomes_are_the_test() -> None:
    table = leads(200)
    days: list[str | None] = [f"2024-{1 + i // 20:02d}-{1 + i % 20:02d}" for i in range(200)]
    result = backtest(with_column(table, "created", days), "Outcome")
    assert "newest" in result.split
    assert min(p.row for p in result.predictions) > 120
    assert "recency" in result.baselines


@pytest.mark.parametrize(("companies", "parts"), [(200, 1), (40, 3)])
def test_companies_that_go_on_bringing_leads_are_judged_by_models_of_the_others(
    companies: int, parts: int
) -> None:
    days = np.arange(200) * 86_400.0
    groups, won = np.arange(200) % companies, np.arange(200) % 3 == 0
    splits = newest_splits(days, groups, won.astype(float), 1)
    assert len(splits) == parts
    assert sorted(row for _, test in splits for row in test) == list(range(140, 200))
    for train_rows, test_rows in splits:
        assert days[train_rows].max() < days[test_rows].min()
        assert not set(groups[train_rows]) & set(groups[test_rows])
        assert len(train_rows) > 80


def test_a_backtest_in_parts_judges_every_newest_lead_once() -> None:
    table = leads(300)
    days: list[str | None] = [f"2024-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(300)]
    company: list[str | None] = [f"c{i % 60}" for i in range(300)]
    dated = with_column(with_column(table, "created", days), "company", company)
    result = backtest(dated, "Outcome", TrainingChoices(group="company"))
    assert "in 3 parts" in result.split
    rows = [p.row for p in result.predictions]
    assert rows == sorted(set(rows)) and len(rows) == result.n_test == len(result.logits)
    assert min(rows) > 200
    assert result.report()["n_train"] > 100
    assert result.metrics.auc is not None and result.metrics.auc > 0.6
    chances = np.array([p.chance for p in result.predictions])
    assert np.allclose(chances, 1 / (1 + np.exp(-result.logits)), atol=1e-9)
    assert {"naive_bayes", "recency", "random"} <= set(result.baselines)


def test_the_order_of_the_rows_changes_nothing_but_their_numbers() -> None:
    table = leads(300)
    order = np.random.default_rng(3).permutation(300)
    first, second = backtest(table, "Outcome"), backtest(table.take(order), "Outcome")
    assert first.verdict == second.verdict
    assert first.metrics == second.metrics
    scores = {p.row - 1: p.score for p in first.predictions}
    assert {int(order[p.row - 1]): p.score for p in second.predictions} == scores
    assert [p.row for p in second.predictions] == sorted(p.row for p in second.predictions)


def test_a_test_file_without_outcomes_is_scored_but_not_judged() -> None:
    test = leads(40, 3)
    bare = Table({n: c for n, c in test.columns.items() if n != "Outcome"})
    result = backtest(leads(200), "Outcome", test=bare)
    assert result.n_test == 0
    assert len(result.predictions) == 40
    assert result.metrics.auc is None
    json.dumps(result.report(), allow_nan=False)


@pytest.mark.parametrize("rows", [2, 3, 5])
def test_tiny_files_never_end_in_a_traceback(tmp_path: Path, rows: int) -> None:
    table = leads(200)
    both = [list(table.column("Outcome")).index(w) for w in ("Won", "Lost")]
    picked = np.array([*both, *range(100, 98 + rows)])[:rows]
    result = _run("--train", _file(tmp_path / "a.csv", table.take(picked)), "--outcome", "Outcome")
    assert result.exit_code in {0, 2}
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_the_portals_own_score_is_a_rival() -> None:
    table = leads(200)
    scored = with_column(table, "hubspotscore", [str(i % 50) for i in range(200)])
    assert "hubspotscore" in backtest(scored, "Outcome").baselines


def by_month(company: list[str]) -> dict[str, int]:
    """Leads that each month's model was trained on; forty leads a month, from January on."""
    days: list[str | None] = [f"2024-{1 + i // 40:02d}-{1 + i % 28:02d}" for i in range(240)]
    table = with_column(with_column(leads(240), "created", days), "company", list(company))
    months = rolling_months(table, "Outcome", "created", TrainingChoices(group="company"))
    return {month.as_of: month.result.report()["n_train"] for month in months}


def test_a_month_is_judged_by_a_model_of_other_companies() -> None:
    company = [f"c{i}" for i in range(240)]
    company[160:180] = company[:20]  # half of May: companies of January
    found = by_month(company)
    assert (found["2024-04-01"], found["2024-05-01"], found["2024-06-01"]) == (120, 140, 200)


def test_a_month_of_known_companies_only_is_passed_over_and_an_older_one_is_not() -> None:
    company = [f"c{i % 40}" for i in range(240)]
    company[160:180] = [f"new{i}" for i in range(20)]
    found = by_month(company)
    assert "2024-06-01" not in found  # twenty leads of May are all that is left for it
    assert found["2024-05-01"] == 80


def test_rolling_months_train_on_what_came_before() -> None:
    days: list[str | None] = [f"2024-{1 + i // 60:02d}-{1 + i % 28:02d}" for i in range(240)]
    found = rolling_months(with_column(leads(240), "created", days), "Outcome", "created", months=2)
    assert [month.as_of for month in found] == ["2024-03-01", "2024-04-01"]
    assert [month.result.trained.scorecard.won > 0 for month in found] == [True, True]
    assert [month.result.n_test for month in found] == [60, 60]
