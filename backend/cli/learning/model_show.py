"""`model show --portal ID [VERSION]`: all versions, or one in full."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from backend.cli.common.progress import say
from backend.cli.common.session import CliSession, command, portal_option, print_json
from backend.cli.learning.model_report import print_fields
from backend.errors import NotFound
from backend.scoring.scorecard.scorecard import FieldPoints, Scorecard
from backend.scoring.scorecard.table import points_lines, spread
from backend.storage.learning import models
from backend.storage.learning.models import ModelVersion

SHOWN_LEVELS = 3  # levels with the most, and with the least points of a field


def show_command(session: CliSession) -> click.Command:
    """To be added to the `model` group."""

    @click.command("show")
    @portal_option
    @click.argument("version", type=int, required=False)
    @click.option("--json", "as_json", is_flag=True)
    @command
    def show(portal_id: int, version: int | None, as_json: bool) -> None:
        """All versions with what their backtest measured; with VERSION, its fields and points."""
        session.portal(portal_id)
        with session.product.stores.database.read() as conn:
            versions = models.listed(conn, portal_id)
            card = None if version is None else models.scorecard(conn, portal_id, version)
        if card is not None:
            chosen = next((v for v in versions if v.version == version), None)
            if chosen is None:
                raise NotFound(f"portal {portal_id} has no model version {version}")
            versions = [chosen]
        if as_json:
            for v in versions:
                print_json({"version": v.version, "state": v.state, "report": dict(v.report)})
        elif card is not None:
            _detail(versions[0], card)
        else:
            session.console.print(_list(versions))
            if not versions:
                say("No model yet: the formula without outcomes scores. Try `model train`.")

    return show


def number(value: Any) -> str:
    """Three decimals, or a dash for what is not known."""
    return "–" if value is None else f"{value:.3f}"


def _list(versions: list[ModelVersion]) -> Table:
    table = Table("Version", "State", "Won", "Lost", "AUC", "Formula's AUC", "Trained")
    for v in versions:
        table.add_row(
            str(v.version),
            v.state,
            str(v.report["won"]),
            str(v.report["lost"]),
            number(v.report["metrics"]["auc"]),
            number(v.report["formula"]["auc"]),
            f"{v.created_at:%Y-%m-%d %H:%M}",
        )
    return table


def _detail(version: ModelVersion, card: Scorecard) -> None:
    report = version.report
    click.echo(f"Model {version.version} ({version.state}): {card.model}")
    click.echo(
        f"{card.won} won and {card.lost} lost within {card.horizon_days} days, "
        f"seed {card.seed}, data {card.data_sha256[:12]}"
    )
    click.echo(report["verdict"])
    _feedback(report.get("feedback", {}))
    _duel(report.get("duel"))
    print_fields(report)
    for field in sorted(card.fields, key=spread, reverse=True):
        _points(field)
    click.echo("\nChance, out of fold: leads of one bin and what became of them")
    for bin_ in card.chances:
        share = 100 * bin_.won / max(bin_.rows, 1)
        click.echo(
            f"  n={bin_.rows:<6} won {share:>5.1f} % ({100 * bin_.low:.0f}-{100 * bin_.high:.0f} %)"
        )
    click.echo("\nCalibration on the test leads: predicted and actual")
    for part in report.get("calibration", ()):
        click.echo(
            f"  n={part['leads']:<6} predicted {100 * part['promised']:>5.1f} %, "
            f"came {100 * part['share_won']:>5.1f} % "
            f"({100 * part['low']:.0f}-{100 * part['high']:.0f} %)"
        )


def _points(field: FieldPoints) -> None:
    """Of many levels only the best and worst."""
    lines = points_lines(field)
    if field.cells.kind == "levels" and len(lines) > 2 * SHOWN_LEVELS:
        lines = [*lines[:SHOWN_LEVELS], *lines[-SHOWN_LEVELS:]]
    title = f" ({field.cells.title})" if field.cells.title else ""
    click.echo(f"\n{field.cells.name}{title}")
    for line in lines:
        click.echo(f"  {line.points:>+6.1f}  {line.value}  (won {line.won} of {line.leads})")


def _feedback(tried: dict[str, Any]) -> None:
    if not tried.get("opinions"):
        return
    if "log_loss_with" not in tried:
        click.echo(f"{tried['opinions']} opinions of reps: too few to try as labels")
        return
    used = "used" if tried["used"] else "not used: the backtest is no better with them"
    click.echo(
        f"{tried['opinions']} opinions of reps: {used} (log loss "
        f"{tried['log_loss_without']:.4f} without, {tried['log_loss_with']:.4f} with)"
    )


def _duel(found: dict[str, Any] | None) -> None:
    if found:
        word = "clearly better than" if found["clearly"] else "not clearly better than"
        click.echo(
            f"On the same {found['leads']} test leads it is {word} the model then in use: AUC "
            f"{found['auc_challenger']:.3f} against {found['auc_now']:.3f}, better in "
            f"{100 * found['sure']:.0f} % of resampled tests"
        )
