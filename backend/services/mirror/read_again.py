"""Read a kind of object again from the start."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from backend.model import OF_CONTACTS
from backend.storage import runs
from backend.storage.database import Connection
from backend.storage.portals import portals

OBJECT_TYPES = ("contacts", "companies", "deals", *OF_CONTACTS)

_FINISHED = "-"

_PART = "part"  # in a run's position: it reads some object types again, the others are not due


def read_again(
    conn: Connection, portal_id: int, object_types: Collection[str], now: datetime
) -> None:
    """Begin a pull of these types, because more or less of them is wanted; the caller enqueues.

    A portal that was never pulled, or is being pulled, gets a whole pull.
    """
    before = runs.latest(conn, portal_id, "pull")
    whole = portals.get(conn, portal_id).pulled_at is None or (
        before is not None and before.state == "running" and not before.position.get(_PART)
    )
    run = runs.restart(conn, portal_id, "pull", now)
    if not whole:
        position: dict[str, str | bool] = {_PART: True}
        position |= {kind: _FINISHED for kind in OBJECT_TYPES if kind not in object_types}
        runs.advance(conn, run, now, done=0, position=position)
