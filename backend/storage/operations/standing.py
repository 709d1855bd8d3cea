"""Work that is due, by portal and kind, with what changes whenever any of it advances."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.outbox.due_rows import OUTBOXES
from backend.storage.tables.leads import inbox_events, leads
from backend.storage.tables.operations import leases, runs

Work = tuple[int, str]  # portal and what: "tasks", "events", "leads", "run pull"


def overdue(conn: Connection, now: datetime, held: Collection[str]) -> dict[Work, str]:
    """A text for each kind of work that is due; it is another as soon as a row of it is done, put
    off or tried, or a run moves on. `held` are kinds of runs that show their life by their lease
    alone: they have no progress to tell."""
    found: dict[Work, str] = {}
    for box in OUTBOXES:
        waits = (box.table.c.parked_at.is_(None), box.table.c.due_at <= now)
        found |= _sums(conn, box.name, box.table, *waits)
    events = (inbox_events.c.state == "waiting", inbox_events.c.due_at <= now)
    found |= _sums(conn, "events", inbox_events, *events)
    found |= _sums(conn, "leads", leads, leads.c.parked_at.is_(None), leads.c.due_at <= now)
    return found | _runs(conn, held)


def _sums(
    conn: Connection, what: str, table: sa.Table, *waits: sa.ColumnElement[bool]
) -> dict[Work, str]:
    c = table.c
    rows = conn.execute(
        sa.select(
            c.portal_id,
            sa.func.count().label("n"),
            sa.func.min(c.due_at).label("first"),
            sa.func.max(c.due_at).label("last"),
            sa.func.sum(c.attempts).label("tries"),
        )
        .where(*waits)
        .group_by(c.portal_id)
    )
    return {(row.portal_id, what): f"{row.n} {row.first} {row.last} {row.tries}" for row in rows}


def _runs(conn: Connection, held: Collection[str]) -> dict[Work, str]:
    until: dict[str, Any] = {
        row.name: row.expires_at
        for row in conn.execute(sa.select(leases.c.name, leases.c.expires_at))
    }
    rows = conn.execute(sa.select(runs).where(runs.c.state == "running"))
    return {
        (row.portal_id, f"run {row.kind}"): f"{row.done} {row.updated_at}"
        + (f" {until.get(f'{row.kind}:{row.portal_id}')}" if row.kind in held else "")
        for row in rows
    }
