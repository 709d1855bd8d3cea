"""The CRM's users that own leads: their names are sealed like a lead's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.model import NOTHING
from backend.storage.database import upsert
from backend.storage.tables.portals import owners


def put(
    conn: Connection,
    portal_id: int,
    sealed: Mapping[str, str],
    now: datetime,
    teams: Mapping[str, str] = NOTHING,
) -> None:
    """Store or replace; `teams` by owner id, none for who is left out."""
    rows = [
        {
            "portal_id": portal_id,
            "owner_id": owner_id,
            "person_sealed": person,
            "team": teams.get(owner_id, ""),
            "seen_at": now,
        }
        for owner_id, person in sealed.items()
    ]
    upsert(conn, owners, rows)


def sealed(conn: Connection, portal_id: int) -> dict[str, str]:
    """Sealed person by owner id."""
    rows = conn.execute(
        sa.select(owners.c.owner_id, owners.c.person_sealed).where(owners.c.portal_id == portal_id)
    )
    return {row.owner_id: row.person_sealed for row in rows}


def teams(conn: Connection, portal_id: int) -> dict[str, str]:
    """Team by owner id; who has none is left out."""
    rows = conn.execute(
        sa.select(owners.c.owner_id, owners.c.team).where(
            owners.c.portal_id == portal_id, owners.c.team != ""
        )
    )
    return {row.owner_id: row.team for row in rows}
