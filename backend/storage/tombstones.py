"""Tombstones: a keyed hash of an erased id, so that late events cannot bring it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import upsert
from backend.storage.tables import tombstones

_ERASING = 4_102  # our number among Postgres's advisory locks


def put(conn: Connection, portal_id: int, macs: Sequence[str], now: datetime) -> None:
    """Remember erased contacts by their MAC, once nobody who did `hold` is storing any more."""
    if conn.dialect.name != "sqlite":
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_ERASING, portal_id % 2**31)))
    rows = [{"portal_id": portal_id, "contact_mac": mac, "created_at": now} for mac in macs]
    upsert(conn, tombstones, rows, update=())


def hold(conn: Connection, portal_id: int) -> None:
    """Until this transaction ends no contact of the portal becomes an erased one, so what `present`
    answers stays true while facts are stored (SQLite has one writer at a time anyway)."""
    if conn.dialect.name != "sqlite":
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(_ERASING, portal_id % 2**31)))


def present(conn: Connection, portal_id: int, macs: Sequence[str]) -> set[str]:
    """Which of these are erased."""
    rows = conn.execute(
        sa.select(tombstones.c.contact_mac).where(
            tombstones.c.portal_id == portal_id, tombstones.c.contact_mac.in_(macs)
        )
    )
    return {row.contact_mac for row in rows}


def clear(conn: Connection, portal_id: int, macs: Sequence[str]) -> None:
    """HubSpot restored these contacts."""
    conn.execute(
        sa.delete(tombstones).where(
            tombstones.c.portal_id == portal_id, tombstones.c.contact_mac.in_(macs)
        )
    )
