"""Filters of the list of leads that a person keeps under a name."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import upsert
from backend.storage.tables.access import saved_views


def listed(conn: Connection, portal_id: int, subject: str) -> dict[str, str]:
    """Filters by name, in the order of the names."""
    rows = conn.execute(
        sa.select(saved_views)
        .where(saved_views.c.portal_id == portal_id, saved_views.c.subject == subject)
        .order_by(saved_views.c.name)
    )
    return {row.name: row.filters for row in rows}


def put(
    conn: Connection, portal_id: int, subject: str, name: str, filters: str, now: datetime
) -> None:
    """Keep a view, in place of one of the same name."""
    row = {"portal_id": portal_id, "subject": subject, "name": name}
    upsert(conn, saved_views, [{**row, "filters": filters, "saved_at": now}])


def remove(conn: Connection, portal_id: int, subject: str, name: str) -> bool:
    """False when there was none."""
    gone = conn.execute(
        sa.delete(saved_views)
        .where(
            saved_views.c.portal_id == portal_id,
            saved_views.c.subject == subject,
            saved_views.c.name == name,
        )
        .returning(saved_views.c.name)
    )
    return gone.first() is not None
