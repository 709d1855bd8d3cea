"""The clock is set back: what was to wait for seconds would wait until the old time comes again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import CLOCK_LEAP_S
from backend.storage.database import upsert
from backend.storage.leases import take
from backend.storage.outbox.due_rows import OUTBOXES
from backend.storage.tables.leads import inbox_events, leads
from backend.storage.tables.operations import leases, missing_contacts

_LAST_SEEN: Final = "clock"  # a lease that nobody holds: its row remembers the time
_FOUND: Final = "clock:set back"
_ONCE_S: Final = 3_600.0
_WAITING: Final = (inbox_events, missing_contacts, *(box.table for box in OUTBOXES))


def set_back_by(conn: Connection, now: datetime) -> timedelta:
    """How far the clock was set back since the last call, over all processes; 0 for less than
    `CLOCK_LEAP_S`, and within an hour after the last time: two machines whose clocks differ would
    find it at every turn."""
    query = sa.select(leases.c.expires_at).where(leases.c.name == _LAST_SEEN)
    last = conn.execute(query).scalar()
    upsert(conn, leases, [{"name": _LAST_SEEN, "token": "", "expires_at": now}])
    if last is None or last - now <= timedelta(seconds=CLOCK_LEAP_S):
        return timedelta()
    found: timedelta = last - now
    return found if take(conn, _FOUND, now, seconds=_ONCE_S) else timedelta()


def all_due(conn: Connection, now: datetime) -> int:
    """Whatever waits is due now, early rather than late. How many rows that were."""
    moved = conn.execute(
        sa.update(leads).where(leads.c.due_at > now).values(due_at=now, due_since=now)
    ).rowcount
    for table in _WAITING:
        moved += conn.execute(
            sa.update(table).where(table.c.due_at > now).values(due_at=now)
        ).rowcount
    return moved
