"""All ids of a portal, slice by slice, in transactions of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from sqlalchemy.engine import Connection

from backend.slices import SLICE
from backend.storage.database import Database


class IdsAfter(Protocol):
    """Reads up to `limit` ids in order, those after `after`."""

    def __call__(
        self, conn: Connection, portal_id: int, *, after: str = "", limit: int = SLICE
    ) -> list[str]:
        """The next ids; none at the end."""


def walk(database: Database, portal_id: int, ids_after: IdsAfter) -> Iterator[list[str]]:
    """Every id that `ids_after` knows, SLICE at a time; between two slices no transaction is
    open, so that a long walk stops nobody."""
    after = ""
    while True:
        with database.read() as conn:
            ids = ids_after(conn, portal_id, after=after, limit=SLICE)
        if not ids:
            return
        yield ids
        after = ids[-1]
