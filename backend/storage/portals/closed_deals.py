"""How many deals of a portal have ended: what a model of its own needs."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.tables.leads import mirror_objects


def count(conn: Connection, portal_id: int, outcome: str, *, at_most: int) -> int:
    """Won or lost deals in the mirror. Stops at `at_most`: a large portal costs no more."""
    enough = (
        sa.select(mirror_objects.c.object_id)
        .where(
            mirror_objects.c.portal_id == portal_id,
            mirror_objects.c.object_type == "deals",
            mirror_objects.c.facts["outcome"].as_string() == outcome,
        )
        .limit(at_most)
        .subquery()
    )
    return int(conn.execute(sa.select(sa.func.count()).select_from(enough)).scalar_one())
