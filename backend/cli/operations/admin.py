"""`leads failed|replay`, `writes failed|replay`, `events failed|replay`, `health`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict

import click
from rich.table import Table

from backend.cli.common.progress import say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option, print_json
from backend.services.health.report import report
from backend.services.replay import What, replay
from backend.storage.database import Connection
from backend.storage.leads import inbox
from backend.storage.operations import parked

cause_option = click.option("--cause", help="Only those with exactly this last error.")


def writes_group(session: CliSession) -> click.Group:
    """Pending writes to HubSpot."""

    @click.group("writes", help="Pending writes to HubSpot.")
    def commands() -> None:
        pass

    commands.add_command(_failed(session, parked.listed_writes, parked.writes_by_cause))
    commands.add_command(_replay(session, "writes", ("writes", "routes")))
    return commands


def leads_group(session: CliSession) -> click.Group:
    """Leads that failed."""

    @click.group("leads", help="Leads that failed.")
    def commands() -> None:
        pass

    commands.add_command(_failed(session, parked.listed_leads, parked.leads_by_cause))
    commands.add_command(_replay(session, "leads", ("leads",)))
    return commands


def events_group(session: CliSession) -> click.Group:
    """Changes in HubSpot that could not be read."""

    @click.group("events", help="Changes in HubSpot that could not be read.")
    def commands() -> None:
        pass

    commands.add_command(_failed_events(session))
    commands.add_command(_replay(session, "events", ("events",)))
    return commands


def _failed_events(session: CliSession) -> click.Command:
    @click.command("failed")
    @portal_option
    @click.option("--json", "as_json", is_flag=True)
    @command
    def failed_command(portal_id: int, as_json: bool) -> None:
        """What failed: the object, tries, last error."""
        session.portal(portal_id)
        with session.product.stores.database.read() as conn:
            found = inbox.failed(conn, portal_id)
        if as_json:
            for one in found:
                print_json(asdict(one) | {"received_at": one.received_at.isoformat()})
            return
        table = Table("Object", "Id", "Tries", "Received", "Last error")
        for one in found:
            at = f"{one.received_at:%Y-%m-%d %H:%M}"
            table.add_row(one.object_type, one.object_id, str(one.attempts), at, one.problem)
        session.console.print(table)

    return failed_command


def _failed(
    session: CliSession,
    listed: Callable[[Connection, int], list[parked.ParkedWork]],
    by_cause: Callable[[Connection, int], dict[str, int]],
) -> click.Command:
    @click.command("failed")
    @portal_option
    @click.option("--json", "as_json", is_flag=True)
    @command
    def failed_command(portal_id: int, as_json: bool) -> None:
        """What failed: record, tries, last error; and how many by cause."""
        session.portal(portal_id)
        with session.product.stores.database.read() as conn:
            found, causes = listed(conn, portal_id), by_cause(conn, portal_id)
        if as_json:
            for one in found:
                print_json(asdict(one) | {"parked_at": one.parked_at.isoformat()})
            return
        table = Table("Type", "Id", "Tries", "Failed", "Last error")
        for one in found:
            when = f"{one.parked_at:%Y-%m-%d %H:%M}"
            table.add_row(one.object_type, one.object_id, str(one.attempts), when, one.problem)
        session.console.print(table)
        for cause, number in causes.items():
            say(f"{number} x {cause}")

    return failed_command


def _replay(session: CliSession, name: str, kinds: Sequence[What]) -> click.Command:
    @click.command("replay")
    @portal_option
    @click.argument("ids", nargs=-1)
    @cause_option
    @command
    def replay_command(portal_id: int, ids: tuple[str, ...], cause: str | None) -> None:
        """Take up again what failed: all, that of the named HubSpot ids, or by cause."""
        session.portal(portal_id)
        count = sum(
            replay(
                session.product.stores,
                portal_id,
                kind,
                actor=OPERATOR,
                contact_ids=ids or None,
                cause=cause,
            )
            for kind in kinds
        )
        say(f"{count} {name} taken up again.")

    return replay_command


def health(session: CliSession) -> click.Command:
    """What `GET /health` says, without a web server."""

    @click.command("health")
    @command
    def health_command() -> None:
        """Print the health report as JSON; exit code 1 when something is away."""
        found = report(session.product)
        print_json(found)
        if not found["ok"]:
            raise SystemExit(1)

    return health_command
