"""`model backtest`: prove a score on CSV files, without HubSpot, a key, a database or Redis; or on
a portal's own outcomes."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from backend import private_files
from backend.cli.learning.model_report import print_report
from backend.errors import BadInput, LeadlightError
from backend.learning.data.csv_reader import read_table
from backend.learning.fit.training import DEFAULT_SEED, TrainingChoices
from backend.learning.judge.backtest import Prediction, backtest

BAD_INPUT_EXIT = 2
FAILED_EXIT = 1
SEED_MAX = 1_000_000_000  # scikit-learn takes 32 bits, and bags are numbered from the seed
# (portal id, keep, ignore) → the backtest's JSON; wired by the operator's commands.
OnPortal = Callable[[int, tuple[str, ...], tuple[str, ...]], Mapping[str, Any]]


def group(on_portal: OnPortal | None = None) -> click.Group:
    """The `model` commands; without `on_portal` only CSV files can be judged."""

    @click.group("model", help="Train, judge, publish and roll back scoring models.")
    def commands() -> None:
        pass

    commands.add_command(_backtest(on_portal))
    return commands


def _backtest(on_portal: OnPortal | None) -> click.Command:
    @click.command("backtest")
    @click.option("--portal", "portal_id", type=int, help="Judge on this portal's own outcomes.")
    @click.option("--train", "train_file", help="CSV file with known outcomes.")
    @click.option("--test", "test_file", help="CSV file to judge on; else a part of --train.")
    @click.option("--outcome", help="Column that says won or lost.")
    @click.option("--won", help="Word in the outcome column that means won; all others mean lost.")
    @click.option("--group", help="Column of the company: its rows are never parted.")
    @click.option("--ignore", multiple=True, help="Field(s) not to use; repeat, or use commas.")
    @click.option("--keep", multiple=True, help="Field(s) to use although they would be left out.")
    @click.option("--seed", default=DEFAULT_SEED, show_default=True, help="Of every random draw.")
    @click.option("--predictions", help="Write row, chance and score of every test row here.")
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object, nothing else.")
    @click.pass_context
    def backtest_command(
        context: click.Context, /, as_json: bool, portal_id: int | None, **options: Any
    ) -> None:
        """Train on a part of the leads, judge on leads the model has not seen."""
        try:
            report = (
                _run(**_for_files(options))
                if portal_id is None
                else _of_portal(on_portal, portal_id, options)
            )
        except LeadlightError as error:
            click.echo(f"error: {error}", err=True)
            if as_json:
                click.echo(json.dumps({"error": _error(error)}))
            context.exit(BAD_INPUT_EXIT if isinstance(error, BadInput) else FAILED_EXIT)
        if as_json:
            click.echo(json.dumps(report, allow_nan=False))
        else:
            print_report(report)

    return backtest_command


def _for_files(options: dict[str, Any]) -> dict[str, Any]:
    for name, option in (("train_file", "--train"), ("outcome", "--outcome")):
        if options[name] is None:
            raise BadInput(f"{option} is missing: give a CSV file and its outcome, or --portal")
    return options


def _of_portal(
    on_portal: OnPortal | None, portal_id: int, options: Mapping[str, Any]
) -> Mapping[str, Any]:
    of_files = ("train_file", "test_file", "outcome", "won", "group", "predictions")
    given = [name for name in of_files if options[name]]
    if given:
        raise BadInput(f"--portal has its own leads: leave out --{given[0].partition('_')[0]}")
    if on_portal is None:
        raise BadInput("a portal is judged with `flask --app backend model backtest --portal ID`")
    return on_portal(portal_id, _listed(options["keep"]), _listed(options["ignore"]))


def _run(
    train_file: str,
    test_file: str | None,
    outcome: str,
    won: str | None,
    group: str | None,
    ignore: tuple[str, ...],
    keep: tuple[str, ...],
    seed: int,
    predictions: str | None,
) -> Mapping[str, Any]:
    if not 0 <= seed <= SEED_MAX:
        raise BadInput(f"--seed must lie between 0 and {SEED_MAX}, not {seed}")
    table = read_table(train_file)
    choices = TrainingChoices(
        group=group,
        ignore=_names(ignore, table.names),
        keep=_names(keep, table.names),
        seed=seed,
        won=won,
    )
    test = read_table(test_file) if test_file else None
    result = backtest(table, outcome, choices, test=test)
    if predictions:
        _write(Path(predictions), result.predictions)
    return result.report()


def _listed(given: Iterable[str]) -> tuple[str, ...]:
    parts = [part.strip() for value in given for part in value.split(",")]
    return tuple(dict.fromkeys(part for part in parts if part))


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
        with private_files.open_to_write(path, newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["row", "chance", "score"])
            writer.writerows((p.row, f"{p.chance:.6f}", p.score) for p in predictions)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror or error}") from error


def _error(error: LeadlightError) -> dict[str, Any]:
    problems = list(error.problems) if isinstance(error, BadInput) else []
    return {"code": error.code, "message": str(error), "problems": problems}


if __name__ == "__main__":
    group()()
