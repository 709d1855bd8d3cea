"""`model backtest`: prove a score on CSV files, without HubSpot, a key, a database or Redis."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from backend.errors import BadInput
from backend.learning.backtest import Backtest, Prediction, backtest
from backend.learning.csv_reader import read_table
from backend.learning.training import DEFAULT_SEED, TrainingChoices

BAD_INPUT_EXIT = 2


@click.group("model")
def group() -> None:
    """Train, judge, publish and roll back scoring models."""


@group.command("backtest")
@click.option("--train", "train_file", required=True, help="CSV file with known outcomes.")
@click.option("--test", "test_file", help="CSV file to judge on; else a part of --train.")
@click.option("--outcome", required=True, help="Column that says won or lost.")
@click.option("--group", help="Column of the company: its rows are never parted.")
@click.option("--ignore", multiple=True, help="Column(s) not to use; repeat or separate by commas.")
@click.option("--keep", multiple=True, help="Suspected leak(s) to use all the same.")
@click.option("--seed", default=DEFAULT_SEED, show_default=True, help="Seed of every random draw.")
@click.option("--predictions", help="Write row, chance and score of every test row to this CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.pass_context
def backtest_command(context: click.Context, /, as_json: bool, **options: Any) -> None:
    """Train on one file, judge on leads the model has not seen."""
    try:
        result = _run(**options)
    except BadInput as error:
        click.echo(f"error: {error}", err=True)
        if as_json:
            click.echo(json.dumps({"error": _error(error)}))
        context.exit(BAD_INPUT_EXIT)
    if as_json:
        click.echo(json.dumps(result.report(), allow_nan=False))
    else:
        _print(result)


def _run(
    train_file: str,
    test_file: str | None,
    outcome: str,
    group: str | None,
    ignore: tuple[str, ...],
    keep: tuple[str, ...],
    seed: int,
    predictions: str | None,
) -> Backtest:
    table = read_table(train_file)
    choices = TrainingChoices(
        group=group,
        ignore=_names(ignore, table.names),
        keep=_names(keep, table.names),
        seed=seed,
    )
    test = read_table(test_file) if test_file else None
    result = backtest(table, outcome, choices, test=test)
    if predictions:
        _write(Path(predictions), result.predictions)
    return result


def _names(given: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Column names; a value that is no column itself may list several, separated by commas."""
    columns = set(known)
    names: list[str] = []
    for value in given:
        parts = [value] if value in columns else value.split(",")
        names += [part.strip() for part in parts if part.strip()]
    for name in names:
        if name not in columns:
            click.echo(f"note: there is no column {name!r}", err=True)
    return tuple(dict.fromkeys(names))


def _write(path: Path, predictions: Iterable[Prediction]) -> None:
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["row", "chance", "score"])
            writer.writerows((p.row, f"{p.chance:.6f}", p.score) for p in predictions)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror or error}") from error


def _error(error: BadInput) -> dict[str, Any]:
    return {"code": error.code, "message": str(error), "problems": list(error.problems)}


def _print(result: Backtest) -> None:
    report = result.report()
    click.echo(report["verdict"])
    click.echo(
        f"\ntrained on {report['n_train']} leads in {report['train_s']:.1f} s, tested on "
        f"{report['n_test']} ({report['split']})\n"
    )
    names = ("auc", "pr_auc", "brier", "ece", "lift_at_10", "lift_at_20")
    click.echo(f"{'':<14}" + "".join(f"{name:>11}" for name in names))
    for label, metrics in {"this model": report["metrics"], **report["baselines"]}.items():
        cells = ("-" if metrics[n] is None else f"{metrics[n]:.3f}" for n in names)
        click.echo(f"{label:<14}" + "".join(f"{cell:>11}" for cell in cells))
    click.echo("")
    for band in report["bands"]:
        share = "-" if band["share_won"] is None else f"{100 * band['share_won']:.0f} %"
        click.echo(
            f"{band['band']:<8}{band['rows']:>7} leads, won {share} "
            f"({100 * band['low']:.0f}-{100 * band['high']:.0f} %)"
        )
    click.echo("\nused: " + ", ".join(report["fields"]["used"]))
    for entry in report["fields"]["excluded"]:
        click.echo(f"left out: {entry['field']} ({entry['reason']})")


if __name__ == "__main__":
    group()
