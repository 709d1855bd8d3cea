"""Tombstones: a keyed hash of an erased id, so that late events cannot bring it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import upsert
from backend.storage.tables import tombstones


def put(conn: Connection, portal_id: int, macs: Sequence[str], now: datetime) -> None:
    """Remember erased contacts by their MAC."""
    rows = [{"portal_id": portal_id, "contact_mac": mac, "created_at": now} for mac in macs]
    upsert(conn, tombstones, rows, update=())


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
