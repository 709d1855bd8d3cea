"""The CRM's users that own leads: their names are sealed like a lead's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import upsert
from backend.storage.tables.portals import owners


def put(conn: Connection, portal_id: int, sealed: Mapping[str, str], now: datetime) -> None:
    """Store or replace."""
    rows = [
        {"portal_id": portal_id, "owner_id": owner_id, "person_sealed": person, "seen_at": now}
        for owner_id, person in sealed.items()
    ]
    upsert(conn, owners, rows)


def sealed(conn: Connection, portal_id: int) -> dict[str, str]:
    """Sealed person by owner id."""
    rows = conn.execute(
        sa.select(owners.c.owner_id, owners.c.person_sealed).where(owners.c.portal_id == portal_id)
    )
    return {row.owner_id: row.person_sealed for row in rows}
