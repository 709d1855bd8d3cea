"""Sums over all portals, for health and metrics."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.outbox.due_rows import SCORES
from backend.storage.tables.leads import inbox_events, leads, scores


@dataclass(frozen=True, slots=True)
class WaitingWork:
    """What waits for a person or for HubSpot, by portal."""

    parked_leads: dict[int, int]
    parked_writes: dict[int, int]
    pending_writes: dict[int, int]
    failed_events: dict[int, int]


def waiting(conn: Connection) -> WaitingWork:
    """Failed and pending rows by portal; portals with none are left out."""
    return WaitingWork(
        _by_portal(conn, leads, leads.c.parked_at.is_not(None)),
        _writes(conn, parked=True),
        _writes(conn, parked=False),
        _by_portal(conn, inbox_events, inbox_events.c.state == "failed"),
    )


def bands(conn: Connection) -> dict[str, int]:
    """Current scores by band, all portals together."""
    query = sa.select(scores.c.band, sa.func.count().label("n")).group_by(scores.c.band)
    return {row.band: row.n for row in conn.execute(query)}


def database_now(conn: Connection) -> datetime | None:
    """The database server's clock; None for SQLite, which has none of its own."""
    if conn.dialect.name == "sqlite":
        return None
    found: datetime = conn.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return found


def _writes(conn: Connection, *, parked: bool) -> dict[int, int]:
    """To whatever kind of record."""
    found: Counter[int] = Counter()
    for box in SCORES:
        at = box.table.c.parked_at
        found.update(_by_portal(conn, box.table, at.is_not(None) if parked else at.is_(None)))
    return dict(found)


def _by_portal(conn: Connection, table: sa.Table, which: sa.ColumnElement[bool]) -> dict[int, int]:
    query: sa.Select[Any] = (
        sa.select(table.c.portal_id, sa.func.count().label("n"))
        .where(which)
        .group_by(table.c.portal_id)
    )
    return {row.portal_id: row.n for row in conn.execute(query)}
