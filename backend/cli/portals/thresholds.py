"""`portals thresholds --portal ID [HIGH MEDIUM]`: see what they mean, set them."""

from __future__ import annotations

import click

from backend.cli.common.outlook_view import print_outlook
from backend.cli.common.progress import say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option
from backend.errors import BadInput
from backend.model import Thresholds
from backend.services.learning.thresholds import current_outlook
from backend.services.settings import set_thresholds


def thresholds_command(session: CliSession) -> click.Command:
    """To be added to the `portals` group."""

    @click.command("thresholds")
    @portal_option
    @click.argument("high", type=int, required=False)
    @click.argument("medium", type=int, required=False)
    @click.option("--apply-proposed", is_flag=True, help="Set the proposed thresholds.")
    @click.option(
        "--weekly-capacity", type=click.FloatRange(min=0), help="Leads the team can work a week."
    )
    @command
    def thresholds(
        portal_id: int,
        high: int | None,
        medium: int | None,
        apply_proposed: bool,
        weekly_capacity: float | None,
    ) -> None:
        """Leads and expected wins per band today; with HIGH MEDIUM, new thresholds."""
        product = session.product
        session.portal(portal_id)
        if high is not None and (medium is None or apply_proposed):
            raise BadInput("give HIGH and MEDIUM, or --apply-proposed, not half of both")
        found = current_outlook(
            product.stores.database,
            product.stores.clock,
            portal_id,
            weekly_capacity=weekly_capacity,
        )
        print_outlook(found, title="Leads by band")
        wanted = found.proposed if apply_proposed else None
        if high is not None and medium is not None:
            wanted = Thresholds(high, medium)
        if wanted is None:
            return
        set_thresholds(product, portal_id, wanted, actor=OPERATOR)
        say(f"High from {wanted.high}, Medium from {wanted.medium}; leads are scored again.")

    return thresholds
