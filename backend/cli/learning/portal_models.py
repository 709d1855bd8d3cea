"""`model train|publish|rollback|drift --portal ID`: the safe change of a portal's model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from backend.cli.common.outlook_view import print_migration, print_outlook
from backend.cli.common.progress import follow, say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option
from backend.cli.learning.drift_view import drift_command
from backend.cli.learning.model import OnPortal
from backend.cli.learning.model_show import show_command
from backend.cli.learning.own_properties import own_line
from backend.learning.judge.band_moves import migrate
from backend.learning.judge.bands import outlook
from backend.model import Thresholds
from backend.services.learning import model_changes, training
from backend.services.learning.portal_backtest import portal_backtest
from backend.services.learning.preview import preview
from backend.storage.learning import models


def commands(session: CliSession) -> list[click.Command]:
    """To be added to the `model` group."""
    return [
        _train(session),
        show_command(session),
        _publish(session),
        _rollback(session),
        drift_command(session),
    ]


def backtest_of(session: CliSession) -> OnPortal:
    """What `model backtest --portal` runs, in this process."""

    def judge(portal_id: int, keep: tuple[str, ...], ignore: tuple[str, ...]) -> Mapping[str, Any]:
        portal = session.portal(portal_id)
        return portal_backtest(session.product, portal, keep=keep, ignore=ignore)

    return judge


def _train(session: CliSession) -> click.Command:
    @click.command("train")
    @portal_option
    @click.option("--keep", multiple=True, metavar="FIELD", help="Field to use after all.")
    @click.option("--ignore", multiple=True, metavar="FIELD", help="Field not to use.")
    @command
    def train(portal_id: int, keep: tuple[str, ...], ignore: tuple[str, ...]) -> None:
        """Train a challenger from the portal's outcomes; nothing changes until it is published."""
        product = session.product
        session.portal(portal_id)
        run = training.ask_for(product.stores, portal_id, keep=keep, ignore=ignore, actor=OPERATOR)
        follow(product.stores, run, "Training")
        with product.stores.database.read() as conn:
            newest = models.listed(conn, portal_id)[0]
        say(f"Model {newest.version} is a challenger. {newest.report['verdict']}")
        for line in filter(None, [own_line(session.portal(portal_id))]):
            say(line)
        say(f"`model show --portal {portal_id}` compares, `model publish` puts it to use.")

    return train


def _publish(session: CliSession) -> click.Command:
    @click.command("publish")
    @portal_option
    @click.argument("version", type=int)
    @click.option("--force", is_flag=True, help="Although it did not win its backtest.")
    @click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
    @click.option("--weekly-capacity", type=click.FloatRange(min=0), help="Leads a week.")
    @click.option("--apply-proposed", is_flag=True, help="With the proposed thresholds.")
    @command
    def publish(
        portal_id: int,
        version: int,
        force: bool,
        dry_run: bool,
        weekly_capacity: float | None,
        apply_proposed: bool,
    ) -> None:
        """Score with this model from now on, and every lead again."""
        session.portal(portal_id)
        with session.product.stores.database.read() as conn:
            models.one(conn, portal_id, version)
        proposed = _show_effect(session, portal_id, version, weekly_capacity)
        if dry_run:
            return
        model_changes.publish(
            session.product.stores,
            portal_id,
            version,
            actor=OPERATOR,
            force=force,
            thresholds=proposed if apply_proposed else None,
        )
        say(f"Model {version} is in use; every lead is being scored again.")

    return publish


def _show_effect(
    session: CliSession, portal_id: int, version: int, weekly_capacity: float | None
) -> Thresholds:
    """Bands and migration over all current leads, before anything changes; the thresholds that
    would suit."""
    product, portal = session.product, session.portal(portal_id)
    with product.stores.database.read() as conn:
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
    return found.proposed


def _rollback(session: CliSession) -> click.Command:
    @click.command("rollback")
    @portal_option
    @command
    def rollback(portal_id: int) -> None:
        """Back to the version before, or to the formula when there was none."""
        session.portal(portal_id)
        older = model_changes.rollback(session.product.stores, portal_id, actor=OPERATOR)
        say(f"Back to {f'model {older}' if older else 'the formula without outcomes'}.")

    return rollback
