"""Wrong passwords are counted per account and address; many of them have to wait.

A try is counted before the password is looked at, so that a hundred at once are a hundred.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import SIGN_IN_WAIT_MAX_S, SIGN_IN_WAIT_S
from backend.storage.database import upsert
from backend.storage.tables.access import sign_in_attempts as attempts

FORGIVEN_AFTER = timedelta(seconds=SIGN_IN_WAIT_MAX_S)


def begin(conn: Connection, key: str, now: datetime, *, free: int) -> float:
    """Count a try; the seconds to wait before it may be made, 0 when it may be made now."""
    conn.execute(sa.delete(attempts).where(attempts.c.last_at <= now - FORGIVEN_AFTER))
    upsert(conn, attempts, [{"key": key, "failures": 0, "last_at": now}], update=())
    row = conn.execute(sa.select(attempts).where(attempts.c.key == key).with_for_update()).one()
    if row.blocked_until is not None and row.blocked_until > now:
        return float((row.blocked_until - now).total_seconds())
    failures = row.failures + 1
    wait_s = wait_after(failures - free)
    conn.execute(
        sa.update(attempts)
        .where(attempts.c.key == key)
        .values(
            failures=failures,
            last_at=now,
            blocked_until=now + timedelta(seconds=wait_s) if wait_s else None,
        )
    )
    return 0.0


def forget(conn: Connection, key: str) -> None:
    """Nothing is counted for this key."""
    conn.execute(sa.delete(attempts).where(attempts.c.key == key))


def wait_after(over: int) -> float:
    """Seconds that the next try waits when this one is number `over` beyond the free ones."""
    if over < 0:
        return 0.0
    return float(min(SIGN_IN_WAIT_S * 2 ** min(over, 20), SIGN_IN_WAIT_MAX_S))


def give_back(conn: Connection, key: str) -> None:
    """The try that was counted was a right password."""
    conn.execute(
        sa.update(attempts)
        .where(attempts.c.key == key, attempts.c.failures > 0)
        .values(failures=attempts.c.failures - 1, blocked_until=None)
    )
