"""What going live would write to HubSpot, drawn before anybody says yes."""

from __future__ import annotations

import click

from backend.cli.common.outlook_view import print_outlook
from backend.cli.portals.routing import hints
from backend.ports import Clock
from backend.scoring.write_back import LIST_OF_BAND, LISTS, names_in_portal
from backend.services.learning.thresholds import current_outlook
from backend.storage.database import Database
from backend.storage.leads import scores
from backend.storage.outbox import routes, writes
from backend.storage.portals.portals import Portal

EXAMPLES = 5


def print_preview(database: Database, clock: Clock, portal: Portal) -> None:
    """Properties, lists and the best leads as they would stand there; tasks that would be made
    only on the next change of band."""
    portal_id = portal.portal_id
    with database.read() as conn:
        bands = scores.by_band(conn, portal_id)
        best = scores.top(conn, portal_id, EXAMPLES)
        known = writes.last_written(conn, portal_id, [score.contact_id for score in best])
        skipped = routes.in_shadow(conn, portal_id)
    total = sum(bands.values())
    names = names_in_portal(portal.settings)
    click.echo(f"Going live writes {len(names)} properties of {total:,} contacts:")
    click.echo(f"  {', '.join(names)} (another prefix: `portals setup --prefix`)")
    for band, name in LIST_OF_BAND.items():
        click.echo(f"  {LISTS[name]:<32}{bands.get(band, 0):>7,} contacts")
    for score in best:
        before = known.get(score.contact_id, ({}, None))[0].get("ai_lead_score", "empty")
        click.echo(
            f"  contact {score.contact_id}: AI lead score {before} → {score.score}, "
            f"{score.band.value}, {score.next_action.value}"
        )
    for kind, number in sorted(skipped.items()):
        click.echo(f"  while it wrote nothing: {number} × {kind.replace('_', ' ')} would have been")
    click.echo("  No task is made for leads as they stand; `portals tasks` makes them on demand.")
    for line in hints(portal):
        click.echo(f"  note: {line}")
    if total:
        print_outlook(current_outlook(database, clock, portal_id), title="Leads by band")
