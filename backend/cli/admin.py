"""`writes replay`, `leads replay`, `health`."""

from __future__ import annotations

from datetime import datetime

import click
from sqlalchemy.engine import Connection

from backend.cli.progress import say
from backend.cli.session import Session, command, portal_option, print_json
from backend.health import report
from backend.model import Urgency
from backend.storage import audit, leads, routes, writes


def writes_group(session: Session) -> click.Group:
    """Pending writes to HubSpot."""

    @click.group("writes", help="Pending writes to HubSpot.")
    def commands() -> None:
        pass

    @commands.command("replay")
    @portal_option
    @command
    def replay(portal_id: int) -> None:
        """Take parked writes, lists, tasks, notifications and workflow answers up again."""
        product = session.product
        session.portal(portal_id)
        now = product.clock.now()
        with product.database.write() as conn:
            count = writes.replay(conn, portal_id, now) + routes.replay(conn, portal_id, now)
            _record(conn, now, portal_id, "writes.replay", count)
        for job in ("flush_writes", "flush_routes", "answer_workflows"):
            product.jobs.ring(job, portal_id=portal_id)
        say(f"{count} writes taken up again.")

    return commands


def leads_group(session: Session) -> click.Group:
    """Leads that were given up."""

    @click.group("leads", help="Leads that were given up.")
    def commands() -> None:
        pass

    @commands.command("replay")
    @portal_option
    @click.argument("contacts", nargs=-1)
    @command
    def replay(portal_id: int, contacts: tuple[str, ...]) -> None:
        """Take parked leads up again, all of them or the named ones."""
        product = session.product
        session.portal(portal_id)
        now = product.clock.now()
        with product.database.write() as conn:
            count = leads.replay(conn, portal_id, now, contacts or None)
            _record(conn, now, portal_id, "leads.replay", count)
        product.jobs.ring("score_due", portal_id=portal_id, urgency=Urgency.EVENT.value)
        say(f"{count} leads taken up again.")

    return commands


def _record(conn: Connection, now: datetime, portal_id: int, action: str, count: int) -> None:
    audit.append(
        conn,
        now=now,
        actor="cli:operator",
        action=action,
        subject=f"portal:{portal_id}",
        portal_id=portal_id,
        detail={"count": count},
    )


def health(session: Session) -> click.Command:
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
