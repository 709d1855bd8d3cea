"""When a user of HubSpot last looked at a lead on the card: two times, under a keyed hash of who.

No score is kept: what a person saw then stands in the score history.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import upsert
from backend.storage.tables.leads import card_looks

VISIT: Final = timedelta(minutes=30)  # looks that are closer together are one
NOTED_EVERY: Final = timedelta(minutes=1)  # an open card asks every few seconds


def last_visit(
    conn: Connection, portal_id: int, contact_id: str, looker: str, now: datetime
) -> datetime | None:
    """When the visit before this one ended; None for a first one."""
    row = _row(conn, portal_id, contact_id, looker)
    if row is None:
        return None
    found: datetime | None = (
        row["looked_at"] if now - row["looked_at"] > VISIT else row["before_at"]
    )
    return found


def note(conn: Connection, portal_id: int, contact_id: str, looker: str, now: datetime) -> None:
    """This user looks now; saying it twice is saying it once."""
    before_at = last_visit(conn, portal_id, contact_id, looker, now)
    values = {
        "portal_id": portal_id,
        "contact_id": contact_id,
        "looker": looker,
        "looked_at": now,
        "before_at": before_at,
    }
    upsert(conn, card_looks, [values])


def is_noted(conn: Connection, portal_id: int, contact_id: str, looker: str, now: datetime) -> bool:
    """Whether that was written down a moment ago."""
    row = _row(conn, portal_id, contact_id, looker)
    return row is not None and now - row["looked_at"] < NOTED_EVERY


def _row(conn: Connection, portal_id: int, contact_id: str, looker: str) -> sa.RowMapping | None:
    c = card_looks.c
    return (
        conn.execute(
            sa.select(c.looked_at, c.before_at).where(
                c.portal_id == portal_id, c.contact_id == contact_id, c.looker == looker
            )
        )
        .mappings()
        .first()
    )
