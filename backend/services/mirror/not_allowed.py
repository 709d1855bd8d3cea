"""A type of object that the portal does not let us read is the portal's problem, said once."""

from __future__ import annotations

from typing import Final

import structlog

from backend.errors import MissingScopes
from backend.storage.portals import portals
from backend.wiring import Stores

# "tasks" alone is the name of what we make there, which may be allowed all the same
READING: Final = "{} (reading)"
log = structlog.get_logger()


def not_allowed(stores: Stores, portal_id: int, object_type: str, error: MissingScopes) -> None:
    """Scores do without it; Setup names it with its cure until the next set-up asks again."""
    name = READING.format(object_type)
    with stores.database.write() as conn:
        if portals.refuses(portals.get(conn, portal_id), name):
            return
        portals.refused(conn, portal_id, name, error.sentence or str(error))
    log.warning("reading_not_allowed", portal_id=portal_id, type=object_type, scopes=error.scopes)
