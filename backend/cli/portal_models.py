"""`model train|publish|rollback|drift --portal ID`: the safe change of a portal's model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click
from sqlalchemy.engine import Connection

from backend.cli.drift_view import drift_command
from backend.cli.model import OnPortal
from backend.cli.model_show import number, show_command
from backend.cli.outlook_view import print_migration, print_outlook
from backend.cli.progress import follow, say
from backend.cli.session import Session, command, portal_option
from backend.config import MIN_OUTCOMES_TO_PUBLISH
from backend.errors import BadInput, NotFound
from backend.jobs.training import train as training
from backend.jobs.training.portal_backtest import portal_backtest
from backend.jobs.training.preview import preview
from backend.learning.bands import outlook
from backend.learning.migration import migrate
from backend.storage import audit, models, runs
from backend.storage.models import ModelVersion


def commands(session: Session) -> list[click.Command]:
    """To be added to the `model` group."""
    return [
        _train(session),
        show_command(session),
        _publish(session),
        _rollback(session),
        drift_command(session),
    ]


def backtest_of(session: Session) -> OnPortal:
    """What `model backtest --portal` runs, in this process."""

    def judge(portal_id: int, keep: tuple[str, ...], ignore: tuple[str, ...]) -> Mapping[str, Any]:
        portal = session.portal(portal_id)
        return portal_backtest(session.product, portal, keep=keep, ignore=ignore)

    return judge


def _train(session: Session) -> click.Command:
    @click.command("train")
    @portal_option
    @click.option("--keep", multiple=True, metavar="FIELD", help="Suspected leak to use after all.")
    @click.option("--ignore", multiple=True, metavar="FIELD", help="Field not to use.")
    @command
    def train(portal_id: int, keep: tuple[str, ...], ignore: tuple[str, ...]) -> None:
        """Train a challenger from the portal's outcomes; nothing changes until it is published."""
        product = session.product
        session.portal(portal_id)
        with product.database.write() as conn:
            run = training.begin(conn, portal_id, product.clock.now(), keep=keep, ignore=ignore)
        product.jobs.ring("train", portal_id=portal_id)
        follow(product, run, "Training")
        with product.database.read() as conn:
            newest = models.listed(conn, portal_id)[0]
        say(f"Model {newest.version} is a challenger. {newest.report['verdict']}")
        say(f"`model show --portal {portal_id}` compares, `model publish` puts it to use.")

    return train


def _publish(session: Session) -> click.Command:
    @click.command("publish")
    @portal_option
    @click.argument("version", type=int)
    @click.option("--force", is_flag=True, help="Although it did not win its backtest.")
    @click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
    @click.option("--weekly-capacity", type=click.FloatRange(min=0), help="Leads a week.")
    @command
    def publish(
        portal_id: int, version: int, force: bool, dry_run: bool, weekly_capacity: float | None
    ) -> None:
        """Score with this model from now on, and every lead again."""
        product = session.product
        session.portal(portal_id)
        with product.database.read() as conn:
            chosen = next((v for v in models.listed(conn, portal_id) if v.version == version), None)
        if chosen is None:
            raise NotFound(f"portal {portal_id} has no model version {version}")
        _show_effect(session, portal_id, version, weekly_capacity)
        if dry_run:
            return
        _may_publish(chosen, force)
        now = product.clock.now()
        with product.database.write() as conn:
            models.publish(conn, portal_id, version, now)
            _record(conn, now, portal_id, "model.publish", version)
            runs.restart(conn, portal_id, "population", now)
        product.jobs.ring("population", portal_id=portal_id)
        say(f"Model {version} is in use; every lead is being scored again.")

    return publish


def _show_effect(
    session: Session, portal_id: int, version: int, weekly_capacity: float | None
) -> None:
    """Bands and migration over all current leads, before anything changes."""
    product, portal = session.product, session.portal(portal_id)
    with product.database.read() as conn:
        card = models.scorecard(conn, portal_id, version)
    shown = preview(product, portal, card)
    thresholds = portal.settings.thresholds
    found = outlook(
        shown.after,
        thresholds,
        chances=shown.chances,
        weekly_capacity=weekly_capacity,
        weekly_leads=shown.weekly_leads,
    )
    print_outlook(found, title=f"Leads by band under model {version}")
    scored = shown.before >= 0
    leads = [lead for lead, known in zip(shown.leads, scored.tolist(), strict=True) if known]
    print_migration(migrate(leads, shown.before[scored], shown.after[scored], thresholds))


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
            f"({number(auc)} against {number(formula)}); --force publishes it all the same"
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
            runs.restart(conn, portal_id, "population", now)
        product.jobs.ring("population", portal_id=portal_id)
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
