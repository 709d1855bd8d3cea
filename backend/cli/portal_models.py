"""`model train|show|publish|rollback --portal ID`: the safe change of a portal's model."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from rich.table import Table
from sqlalchemy.engine import Connection

from backend.cli.progress import follow, say
from backend.cli.session import Session, command, portal_option, print_json
from backend.config import MIN_OUTCOMES_TO_PUBLISH
from backend.errors import BadInput, NotFound
from backend.storage import audit, models, runs
from backend.storage.models import ModelVersion


def commands(session: Session) -> list[click.Command]:
    """To be added to the `model` group."""
    return [_train(session), _show(session), _publish(session), _rollback(session)]


def _train(session: Session) -> click.Command:
    @click.command("train")
    @portal_option
    @command
    def train(portal_id: int) -> None:
        """Train a challenger from the portal's outcomes; nothing changes until it is published."""
        product = session.product
        session.portal(portal_id)
        with product.database.write() as conn:
            run = runs.start(conn, portal_id, "train", product.clock.now())
        product.jobs.ring("train", portal_id=portal_id)
        follow(product, run, "Training")
        with product.database.read() as conn:
            newest = models.listed(conn, portal_id)[0]
        say(f"Model {newest.version} is a challenger. {newest.report['verdict']}")
        say(f"`model show --portal {portal_id}` compares, `model publish` puts it to use.")

    return train


def _show(session: Session) -> click.Command:
    @click.command("show")
    @portal_option
    @click.option("--json", "as_json", is_flag=True)
    @command
    def show(portal_id: int, as_json: bool) -> None:
        """All versions with what their backtest measured."""
        session.portal(portal_id)
        with session.product.database.read() as conn:
            versions = models.listed(conn, portal_id)
        if as_json:
            for v in versions:
                print_json({"version": v.version, "state": v.state, "report": dict(v.report)})
            return
        table = Table("Version", "State", "Won", "Lost", "AUC", "Formula's AUC", "Trained")
        for v in versions:
            table.add_row(
                str(v.version),
                v.state,
                str(v.report["won"]),
                str(v.report["lost"]),
                _number(v.report["metrics"]["auc"]),
                _number(v.report["formula"]["auc"]),
                f"{v.created_at:%Y-%m-%d %H:%M}",
            )
        session.console.print(table)
        if not versions:
            say("No model yet: the formula without outcomes scores. Try `model train`.")

    return show


def _number(value: Any) -> str:
    return "–" if value is None else f"{value:.3f}"


def _publish(session: Session) -> click.Command:
    @click.command("publish")
    @portal_option
    @click.argument("version", type=int)
    @click.option("--force", is_flag=True, help="Although it did not win its backtest.")
    @command
    def publish(portal_id: int, version: int, force: bool) -> None:
        """Score with this model from now on, and every lead again."""
        product = session.product
        session.portal(portal_id)
        now = product.clock.now()
        with product.database.write() as conn:
            chosen = next((v for v in models.listed(conn, portal_id) if v.version == version), None)
            if chosen is None:
                raise NotFound(f"portal {portal_id} has no model version {version}")
            _may_publish(chosen, force)
            models.publish(conn, portal_id, version, now)
            _record(conn, now, portal_id, "model.publish", version)
            runs.restart(conn, portal_id, "backfill", now)
        product.jobs.ring("backfill", portal_id=portal_id)
        say(f"Model {version} is in use; every lead is being scored again.")

    return publish


def _may_publish(chosen: ModelVersion, force: bool) -> None:
    """Enough outcomes always; a won backtest, or a person's word."""
    report = chosen.report
    if min(report["won"], report["lost"]) < MIN_OUTCOMES_TO_PUBLISH:
        raise BadInput(
            f"not enough outcomes yet: {report['won']} won and {report['lost']} lost of "
            f"{MIN_OUTCOMES_TO_PUBLISH} each"
        )
    auc, formula = report["metrics"]["auc"], report["formula"]["auc"]
    if not force and (auc is None or (formula is not None and auc <= formula)):
        raise BadInput(
            f"model {chosen.version} did not beat the formula in its backtest "
            f"({_number(auc)} against {_number(formula)}); --force publishes it all the same"
        )


def _rollback(session: Session) -> click.Command:
    @click.command("rollback")
    @portal_option
    @command
    def rollback(portal_id: int) -> None:
        """Back to the version before, or to the formula when there was none."""
        product = session.product
        session.portal(portal_id)
        now = product.clock.now()
        with product.database.write() as conn:
            if models.published(conn, portal_id) is None:
                raise NotFound(f"portal {portal_id} has no published model")
            older = models.previous(conn, portal_id)
            if older is None:
                models.unpublish(conn, portal_id)
            else:
                models.publish(conn, portal_id, older, now)
            _record(conn, now, portal_id, "model.rollback", older or 0)
            runs.restart(conn, portal_id, "backfill", now)
        product.jobs.ring("backfill", portal_id=portal_id)
        say(f"Back to {f'model {older}' if older else 'the formula without outcomes'}.")

    return rollback


def _record(conn: Connection, now: datetime, portal_id: int, action: str, version: int) -> None:
    audit.append(
        conn,
        now=now,
        actor="cli:operator",
        action=action,
        subject=f"model:{version}",
        portal_id=portal_id,
    )
