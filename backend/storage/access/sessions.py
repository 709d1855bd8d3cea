"""Signed-in browsers: revocable, ended by age or by not being used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import SEEN_EVERY_S, SESSION_IDLE_S, SESSION_S
from backend.storage.tables.access import sessions


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One sign-in of one user."""

    token_hash: str
    user_id: str
    expires_at: datetime
    last_seen_at: datetime

    def is_stale(self, now: datetime) -> bool:
        """Whether "last seen" is old enough to be written anew."""
        return now - self.last_seen_at >= timedelta(seconds=SEEN_EVERY_S)


def start(conn: Connection, token_hash: str, user_id: str, now: datetime) -> datetime:
    """Returns when it ends at the latest; ended ones of this user are swept away."""
    conn.execute(
        sa.delete(sessions).where(sessions.c.user_id == user_id, sessions.c.expires_at <= now)
    )
    expires_at = now + timedelta(seconds=SESSION_S)
    conn.execute(
        sa.insert(sessions).values(
            token_hash=token_hash,
            user_id=user_id,
            created_at=now,
            expires_at=expires_at,
            last_seen_at=now,
        )
    )
    return expires_at


def find(conn: Connection, token_hash: str, now: datetime) -> StoredSession | None:
    """None when it is unknown, signed out, too old or unused for too long."""
    row = conn.execute(
        sa.select(sessions).where(
            sessions.c.token_hash == token_hash,
            sessions.c.expires_at > now,
            sessions.c.last_seen_at > now - timedelta(seconds=SESSION_IDLE_S),
        )
    ).first()
    if row is None:
        return None
    return StoredSession(row.token_hash, row.user_id, row.expires_at, row.last_seen_at)


def seen(conn: Connection, token_hash: str, now: datetime) -> None:
    """It is being used."""
    conn.execute(
        sa.update(sessions).where(sessions.c.token_hash == token_hash).values(last_seen_at=now)
    )


def end(conn: Connection, token_hash: str) -> None:
    """Sign out."""
    conn.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))


def end_all(conn: Connection, user_id: str, *, but: str = "") -> int:
    """Sign a user out everywhere, except for the session with the hash `but`."""
    gone = conn.execute(
        sa.delete(sessions)
        .where(sessions.c.user_id == user_id, sessions.c.token_hash != but)
        .returning(sessions.c.user_id)
    )
    return len(gone.all())
