"""Who read or changed what through the API and the card: ids only, never what was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import insert_new
from backend.storage.tables.access import access_log


@dataclass(frozen=True, slots=True)
class LoggedAccess:
    """One request. `actor`: "hubspot:<user id>", "user:<id>" or "key:<prefix>"."""

    portal_id: int
    at: datetime
    actor: str
    action: str  # method and route, e.g. "GET /card/lead"
    subject: str
    status: int


def add(conn: Connection, accesses: Sequence[LoggedAccess]) -> None:
    """Append."""
    if accesses:
        names = LoggedAccess.__dataclass_fields__
        conn.execute(
            sa.insert(access_log), [{name: getattr(a, name) for name in names} for a in accesses]
        )


def add_once(conn: Connection, accesses: Mapping[str, LoggedAccess]) -> None:
    """Append those whose id (32 hex digits) is not stored yet."""
    if accesses:
        names = LoggedAccess.__dataclass_fields__
        conn.execute(
            insert_new(conn, access_log),
            [
                {"entry_id": entry_id} | {name: getattr(a, name) for name in names}
                for entry_id, a in accesses.items()
            ],
        )


def listed(
    conn: Connection, portal_id: int, *, limit: int = 200, before_id: int | None = None
) -> list[tuple[int, LoggedAccess]]:
    """(id, access) newest first; `before_id` turns the page."""
    query = sa.select(access_log).where(access_log.c.portal_id == portal_id)
    if before_id is not None:
        query = query.where(access_log.c.id < before_id)
    rows = conn.execute(query.order_by(access_log.c.id.desc()).limit(limit))
    return [
        (row.id, LoggedAccess(*(getattr(row, name) for name in LoggedAccess.__dataclass_fields__)))
        for row in rows
    ]
