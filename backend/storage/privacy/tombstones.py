"""Tombstones: a keyed hash of an erased id and who had it erased, so that late events cannot bring
it back.

What a person asked for, a privacy deletion, and what is from before causes were kept is obeyed for
ever. What HubSpot told (deletion, merge) or we concluded (belief) ends when the contact is seen
alive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import upsert
from backend.storage.tables.operations import tombstones

PERSON: Final = "person"  # asked for with us
PRIVACY: Final = "privacy"  # HubSpot's privacy deletion
DELETION: Final = "deletion"  # HubSpot's webhook
MERGE: Final = "merge"
BELIEF: Final = "belief"  # HubSpot named it as not found, twice
UNKNOWN: Final = "unknown"  # put before causes were kept
CAUSES: Final = (PERSON, PRIVACY, DELETION, MERGE, BELIEF, UNKNOWN)
PROTECTED: Final = frozenset({PERSON, PRIVACY})
FOR_EVER: Final = PROTECTED | {UNKNOWN}
RESTORABLE: Final = frozenset(CAUSES) - PROTECTED  # by HubSpot's word that it is restored
NOT_BELIEF: Final = frozenset(CAUSES) - {BELIEF}  # an event is no sign of life for these
_ERASING = 4_102  # our number among Postgres's advisory locks


def lock(conn: Connection, portal_id: int) -> None:
    """Until this transaction ends nobody who did `hold` stores facts of the portal's contacts."""
    if conn.dialect.name != "sqlite":
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_ERASING, portal_id % 2**31)))


def put(
    conn: Connection, portal_id: int, macs: Sequence[str], now: datetime, cause: str = PERSON
) -> None:
    """Remember erased contacts by their MAC, once nobody who did `hold` is storing any more.

    A cause that is obeyed for ever is never replaced by a weaker one.
    """
    lock(conn, portal_id)
    rows = [
        {"portal_id": portal_id, "contact_mac": mac, "created_at": now, "cause": cause}
        for mac in macs
    ]
    upsert(conn, tombstones, rows, update=())
    stronger = PROTECTED if cause in PROTECTED else FOR_EVER
    conn.execute(
        sa.update(tombstones)
        .where(
            tombstones.c.portal_id == portal_id,
            tombstones.c.contact_mac.in_(macs),
            tombstones.c.cause.not_in(stronger),
        )
        .values(cause=cause)
    )


def hold(conn: Connection, portal_id: int) -> None:
    """Until this transaction ends no contact of the portal becomes an erased one, so what `present`
    answers stays true while facts are stored (SQLite has one writer at a time anyway)."""
    if conn.dialect.name != "sqlite":
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(_ERASING, portal_id % 2**31)))


def present(
    conn: Connection, portal_id: int, macs: Sequence[str], causes: Collection[str] = CAUSES
) -> set[str]:
    """Which of these are erased, for one of these causes."""
    rows = conn.execute(
        sa.select(tombstones.c.contact_mac).where(
            tombstones.c.portal_id == portal_id,
            tombstones.c.contact_mac.in_(macs),
            tombstones.c.cause.in_(causes),
        )
    )
    return {row.contact_mac for row in rows}


def causes(conn: Connection, portal_id: int, macs: Sequence[str]) -> dict[str, str]:
    """Why each of these is erased, by MAC; those that are not are left out."""
    rows = conn.execute(
        sa.select(tombstones.c.contact_mac, tombstones.c.cause).where(
            tombstones.c.portal_id == portal_id, tombstones.c.contact_mac.in_(macs)
        )
    )
    return {row.contact_mac: row.cause for row in rows}


def clear(
    conn: Connection, portal_id: int, macs: Sequence[str], causes: Collection[str] = RESTORABLE
) -> None:
    """HubSpot has these contacts (again): tombstones of these causes end."""
    conn.execute(
        sa.delete(tombstones).where(
            tombstones.c.portal_id == portal_id,
            tombstones.c.contact_mac.in_(macs),
            tombstones.c.cause.in_(causes),
        )
    )


def by_cause(conn: Connection, portal_id: int) -> Mapping[str, list[str]]:
    """All MACs of a portal, oldest first, by cause."""
    found: dict[str, list[str]] = {}
    rows = conn.execute(
        sa.select(tombstones.c.cause, tombstones.c.contact_mac)
        .where(tombstones.c.portal_id == portal_id)
        .order_by(tombstones.c.created_at, tombstones.c.contact_mac)
    )
    for row in rows:
        found.setdefault(row.cause, []).append(row.contact_mac)
    return found


def every(conn: Connection) -> Iterator[tuple[int, str, str]]:
    """(portal id, MAC, cause) of every portal's."""
    for row in conn.execute(sa.select(tombstones)):
        yield row.portal_id, row.contact_mac, row.cause


def take_back(conn: Connection, portal_id: int, cause: str) -> list[str]:
    """Remove all tombstones of a cause; the MACs that were there."""
    macs = list(by_cause(conn, portal_id).get(cause, ()))
    conn.execute(
        sa.delete(tombstones).where(
            tombstones.c.portal_id == portal_id, tombstones.c.cause == cause
        )
    )
    return macs
