"""`portals segments --portal ID`: several businesses in one portal, and how many leads each has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click
from rich.markup import escape
from rich.table import Table

from backend.cli.common.progress import say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option
from backend.errors import BadInput
from backend.model import PortalSettings, Segment, Thresholds
from backend.scoring.facts.segments import thresholds_of
from backend.services.portals.segments import caught
from backend.services.settings import change


def segments_command(session: CliSession) -> click.Command:
    """To be added to the `portals` group."""

    @click.command("segments")
    @portal_option
    @click.option(
        "--set", "name", metavar="NAME", help="Add a segment, or replace the one so called."
    )
    @click.option("--where", "field", metavar="PROPERTY", help="By label or internal name.")
    @click.option("--is", "values", multiple=True, metavar="VALUE", help="One of its values.")
    @click.option("--bands", nargs=2, type=int, help="HIGH MEDIUM; left out: the portal's.")
    @click.option("--remove", metavar="NAME", help="Take a segment away.")
    @click.option("--dry-run", is_flag=True, help="Only count the leads that each would catch.")
    @command
    def segments(
        portal_id: int,
        name: str | None,
        field: str | None,
        values: tuple[str, ...],
        bands: tuple[int, int] | None,
        remove: str | None,
        dry_run: bool,
    ) -> None:
        """The first segment that matches a lead is its own; a new one is asked last."""
        product = session.product
        asked = _asked(name, field, values, bands)

        def wanted(before: PortalSettings) -> PortalSettings:
            return replace(before, segments=_changed(before.segments, asked, remove))

        after = wanted(session.portal(portal_id).settings)
        if (asked or remove) and not dry_run:
            change(product, portal_id, wanted, actor=OPERATOR)
            after = session.portal(portal_id).settings
            say("Saved; leads are scored again.")
        found = caught(product, portal_id, after.segments)
        drawn = Table("Segment", "Property", "Values", "High from", "Medium from", "Leads")
        for one in after.segments:
            edges = thresholds_of(after, one.name)
            texts = (one.name, one.field, ", ".join(one.values), str(edges.high), str(edges.medium))
            drawn.add_row(*map(escape, texts), f"{found.leads.get(one.name, 0):,}")
        drawn.add_row("outside all segments", "", "", "", "", f"{found.leads.get('', 0):,}")
        session.console.print(drawn)
        if found.looked_at < found.contacts:
            say(f"Leads among {found.looked_at:,} of {found.contacts:,} contacts.")

    return segments


def _asked(
    name: str | None, field: str | None, values: tuple[str, ...], bands: tuple[int, int] | None
) -> Segment | None:
    if name is None and (field or values or bands):
        raise BadInput("--set NAME says which segment that is")
    if name is None:
        return None
    if not field or not values:
        raise BadInput(f"{name}: --where PROPERTY and --is VALUE say which leads it has")
    return Segment(name, field, values, Thresholds(*bands) if bands else None)


def _changed(
    before: Sequence[Segment], asked: Segment | None, remove: str | None
) -> tuple[Segment, ...]:
    """A replaced segment keeps its place. Raises BadInput for one to remove that there is not."""
    if remove is not None and remove not in {one.name for one in before}:
        raise BadInput(f"there is no segment {remove!r}")
    kept = [one for one in before if one.name != remove]
    if asked is None:
        return tuple(kept)
    if asked.name not in {one.name for one in kept}:
        return (*kept, asked)
    return tuple(asked if one.name == asked.name else one for one in kept)
