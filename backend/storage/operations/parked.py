"""What failed and waits for a person, by cause."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.outbox.due_rows import SCORES
from backend.storage.outbox.writes import QUEUES
from backend.storage.tables.leads import leads

CAUSES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ParkedWork:
    """One lead or write: of which record in HubSpot, how often it was tried, and what went wrong
    last."""

    object_type: str  # "contacts", "companies", "deals", "leads"
    object_id: str
    attempts: int
    parked_at: datetime
    problem: str


def leads_by_cause(conn: Connection, portal_id: int) -> dict[str, int]:
    """Number of failed leads by their last error, the commonest first."""
    return _by_cause(conn, leads, portal_id)


def writes_by_cause(conn: Connection, portal_id: int) -> dict[str, int]:
    """The same of writes to HubSpot, on whatever kind of record."""
    found: Counter[str] = Counter()
    for box in SCORES:
        found.update(_by_cause(conn, box.table, portal_id))
    return dict(found.most_common(CAUSES_SHOWN))


def listed_leads(conn: Connection, portal_id: int, *, limit: int = 200) -> list[ParkedWork]:
    """Failed leads, the last first."""
    return _listed(conn, "contacts", leads.c.contact_id, portal_id, limit)


def listed_writes(conn: Connection, portal_id: int, *, limit: int = 200) -> list[ParkedWork]:
    """Failed writes to HubSpot, on whatever kind of record, the last first."""
    found = [
        row
        for queue in QUEUES.values()
        for row in _listed(
            conn, queue.object_type, queue.box.table.c[queue.box.key], portal_id, limit
        )
    ]
    return sorted(found, key=lambda row: row.parked_at, reverse=True)[:limit]


def _by_cause(conn: Connection, table: sa.Table, portal_id: int) -> dict[str, int]:
    number = sa.func.count().label("n")
    rows = conn.execute(
        sa.select(table.c.problem, number)
        .where(table.c.portal_id == portal_id, table.c.parked_at.is_not(None))
        .group_by(table.c.problem)
        .order_by(number.desc(), table.c.problem)
        .limit(CAUSES_SHOWN)
    )
    return {row.problem: row.n for row in rows}


def _listed(
    conn: Connection, object_type: str, key: sa.Column[str], portal_id: int, limit: int
) -> list[ParkedWork]:
    table = key.table.c
    rows = conn.execute(
        sa.select(key, table.attempts, table.parked_at, table.problem)
        .where(table.portal_id == portal_id, table.parked_at.is_not(None))
        .order_by(table.parked_at.desc(), key)
        .limit(limit)
    )
    return [ParkedWork(object_type, *row) for row in rows]
