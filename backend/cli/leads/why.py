"""`leads why --portal ID CONTACT`: what changed between its last two scores, what would move it."""

from __future__ import annotations

from typing import Any

import click

from backend.cli.common.session import CliSession, command, portal_option, print_json
from backend.cli.leads.route_lines import route_lines, routes_json
from backend.errors import NotFound
from backend.model import Score
from backend.scoring.explain import FactorChange, ScoreMove, why_changed
from backend.services.scoring.moves import moves_of
from backend.storage.leads import scores
from backend.storage.outbox import routes


def why_command(session: CliSession) -> click.Command:
    """To be added to the `leads` group."""

    @click.command("why")
    @portal_option
    @click.argument("contact")
    @click.option("--json", "as_json", is_flag=True)
    @command
    def why(portal_id: int, contact: str, as_json: bool) -> None:
        """Factor by factor between the last two scores, and what would move the lead."""
        portal, stores = session.portal(portal_id), session.product.stores
        with stores.database.read() as conn:
            now = scores.current(conn, portal_id, [contact]).get(contact)
            rows = scores.history(conn, portal_id, contact, limit=2)
            decided = routes.of_lead(conn, portal_id, contact)
            moves = moves_of(conn, portal, now, stores.clock.now()) if now else []
        if now is None:
            raise NotFound(f"portal {portal_id} has no score of contact {contact}")
        changes = _changes(now, rows)
        if as_json:
            print_json(_json(now, rows, changes, moves) | {"routes": routes_json(decided)})
        else:
            _print(now, rows, changes, moves)
            for line in route_lines(decided):
                click.echo(line)

    return why


def _changes(now: Score, rows: list[dict[str, Any]]) -> list[FactorChange]:
    kept = [then for row in rows if (then := scores.as_then(now, row))]
    return why_changed(kept[1], kept[0]) if len(kept) == 2 else []


def _print(
    now: Score, rows: list[dict[str, Any]], changes: list[FactorChange], moves: list[ScoreMove]
) -> None:
    click.echo(f"contact {now.contact_id}: {now.score}, {now.band.value}")
    if len(rows) < 2:
        click.echo("It was scored once, or has not changed since: nothing to compare.")
    else:
        newer, older = rows
        click.echo(
            f"{older['score']} → {newer['score']} "
            f"({older['scored_at']:%Y-%m-%d %H:%M} to {newer['scored_at']:%Y-%m-%d %H:%M}, "
            f"cause: {newer['cause'] or 'unknown'})"
        )
        if older["model_version"] != newer["model_version"]:
            click.echo(f"  model {older['model_version']} → {newer['model_version']}")
        if older["profile_version"] != newer["profile_version"]:
            click.echo(f"  profile {older['profile_version']} → {newer['profile_version']}")
    for change in changes:
        click.echo(f"  {change.points:+4d}  {change.text} ({change.before:+d} → {change.after:+d})")
    if moves:
        click.echo("What would move it:")
    for move in moves:
        click.echo(f"  {move.points:+4d}  {move.text}")


def _json(
    now: Score, rows: list[dict[str, Any]], changes: list[FactorChange], moves: list[ScoreMove]
) -> dict[str, Any]:
    return {
        "contact_id": now.contact_id,
        "score": now.score,
        "before": rows[1]["score"] if len(rows) > 1 else None,
        "changes": [
            {"field": c.field, "before": c.before, "after": c.after, "text": c.text}
            for c in changes
        ],
        "moves": [{"field": m.field, "points": m.points, "text": m.text} for m in moves],
    }
