"""Contacts that seem to be gone, or are: whoever finds one only marks it here.

`suspected` was left out of an answer, or answered with 404: it is checked, and nothing is erased
meanwhile. The other causes are those of tombstones: the job `erase_requested` erases them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import MISSING_AT_ONCE, MISSING_SHARE
from backend.storage.database import upsert
from backend.storage.leads import due_leads
from backend.storage.privacy import tombstones
from backend.storage.tables.operations import missing_contacts as m
from backend.storage.tables.portals import portals

SUSPECTED: Final = "suspected"


@dataclass(frozen=True, slots=True)
class Missing:
    """One contact. `since` is when it was first found missing; `confirmed`: a person said that so
    many may be gone."""

    contact_id: str
    cause: str
    since: datetime
    confirmed: bool


def suspect(conn: Connection, portal_id: int, contact_ids: Sequence[str], now: datetime) -> None:
    """Write down that HubSpot did not show these; what is marked already stays as it is."""
    upsert(conn, m, _rows(portal_id, contact_ids, SUSPECTED, now), update=())


def mark(
    conn: Connection, portal_id: int, contact_ids: Sequence[str], cause: str, now: datetime
) -> None:
    """These are to be erased, and why; what a person or a privacy deletion asked for stays so."""
    upsert(conn, m, _rows(portal_id, contact_ids, cause, now), update=())
    _set_cause(conn, portal_id, contact_ids, cause, now, m.c.cause.not_in(tombstones.PROTECTED))


def believe(conn: Connection, portal_id: int, contact_ids: Sequence[str], now: datetime) -> None:
    """What is still suspected of these is gone: to be erased unless it is seen alive before."""
    _set_cause(conn, portal_id, contact_ids, tombstones.BELIEF, now, m.c.cause == SUSPECTED)


def _set_cause(
    conn: Connection,
    portal_id: int,
    contact_ids: Sequence[str],
    cause: str,
    now: datetime,
    which: sa.ColumnElement[bool],
) -> None:
    these = sa.and_(m.c.portal_id == portal_id, m.c.contact_id.in_(contact_ids))
    conn.execute(sa.update(m).where(these, which).values(cause=cause, due_at=now))


def _rows(
    portal_id: int, contact_ids: Sequence[str], cause: str, now: datetime
) -> list[dict[str, object]]:
    return [
        {"portal_id": portal_id, "contact_id": i, "cause": cause, "since": now, "due_at": now}
        for i in contact_ids
    ]


def due(conn: Connection, portal_id: int, now: datetime, *, limit: int) -> list[Missing]:
    """Suspected contacts whose check is due, longest missing first."""
    rows = conn.execute(
        sa.select(m)
        .where(m.c.portal_id == portal_id, m.c.cause == SUSPECTED, m.c.due_at <= now)
        .order_by(m.c.since, m.c.contact_id)
        .limit(limit)
    )
    return [_missing(row) for row in rows]


def told(conn: Connection, portal_id: int) -> list[Missing]:
    """What is marked to be erased and is not erased yet."""
    rows = conn.execute(
        sa.select(m)
        .where(m.c.portal_id == portal_id, m.c.cause != SUSPECTED)
        .order_by(m.c.contact_id)
    )
    return [_missing(row) for row in rows]


def still(conn: Connection, portal_id: int, contact_ids: Sequence[str], cause: str) -> list[str]:
    """Which of these are still marked so: none that was seen alive meanwhile."""
    rows = conn.execute(
        sa.select(m.c.contact_id)
        .where(m.c.portal_id == portal_id, m.c.contact_id.in_(contact_ids), m.c.cause == cause)
        .order_by(m.c.contact_id)
    )
    return [row.contact_id for row in rows]


def put_off(conn: Connection, portal_id: int, contact_id: str, due_at: datetime) -> None:
    """Check it again then, while it is still suspected."""
    conn.execute(
        sa.update(m)
        .where(m.c.portal_id == portal_id, m.c.contact_id == contact_id, m.c.cause == SUSPECTED)
        .values(due_at=due_at)
    )


def clear(
    conn: Connection, portal_id: int, contact_ids: Sequence[str], *, restored: bool = False
) -> None:
    """These were seen alive: nothing is suspected or believed any more. `restored`: HubSpot's
    webhook said so, which also ends a deletion that waits."""
    ended = m.c.cause.in_((SUSPECTED, tombstones.BELIEF))
    which = m.c.cause.not_in(tombstones.PROTECTED) if restored else ended
    conn.execute(
        sa.delete(m).where(m.c.portal_id == portal_id, m.c.contact_id.in_(contact_ids), which)
    )


def alarming(conn: Connection, portal_id: int) -> int:
    """How many are suspected, where that is too many at once to believe without a person; else 0:
    MISSING_AT_ONCE or more, and more than MISSING_SHARE of the portal's leads."""
    suspected = _count(conn, portal_id, ~m.c.confirmed)
    if suspected < MISSING_AT_ONCE:
        return 0
    return suspected if suspected > MISSING_SHARE * due_leads.count(conn, portal_id) else 0


def how_many(conn: Connection, portal_id: int) -> int:
    """How many are checked just now."""
    return _count(conn, portal_id, sa.true())


def _count(conn: Connection, portal_id: int, which: sa.ColumnElement[bool]) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(m)
        .where(m.c.portal_id == portal_id, m.c.cause == SUSPECTED, which)
    )
    return int(conn.execute(query).scalar_one())


def confirm(conn: Connection, portal_id: int, now: datetime) -> int:
    """A person said that these may be gone: each is erased once HubSpot names it so again."""
    these = sa.and_(m.c.portal_id == portal_id, m.c.cause == SUSPECTED)
    return conn.execute(sa.update(m).where(these).values(confirmed=True, due_at=now)).rowcount


def dismiss(conn: Connection, portal_id: int) -> int:
    """A person said that these are not gone: nothing is suspected until they are missed again."""
    these = sa.and_(m.c.portal_id == portal_id, m.c.cause == SUSPECTED)
    return conn.execute(sa.delete(m).where(these)).rowcount


def portals_waiting(conn: Connection, now: datetime) -> set[int]:
    """Portals with something to erase, or to check while they are connected."""
    rows = conn.execute(
        sa.select(m.c.portal_id)
        .join(portals, portals.c.portal_id == m.c.portal_id)
        .where(m.c.due_at <= now, sa.or_(m.c.cause != SUSPECTED, portals.c.state == "connected"))
        .distinct()
    )
    return {row.portal_id for row in rows}


def _missing(row: sa.Row[tuple[object, ...]]) -> Missing:
    return Missing(row.contact_id, row.cause, row.since, row.confirmed)
