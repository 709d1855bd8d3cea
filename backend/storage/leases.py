"""Named leases: one holder at a time, over all processes and machines, lapsing by themselves."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import CLOCK_LEAP_S
from backend.ports import Clock
from backend.storage.database import Database, insert_once, upsert
from backend.storage.tables.operations import leases

WRITE_PROBE = "health:write"


def take(conn: Connection, name: str, now: datetime, *, seconds: float) -> str | None:
    """The holder's token, or None while somebody else holds it."""
    token = secrets.token_hex(16)
    expires_at = now + timedelta(seconds=seconds)
    if insert_once(conn, leases, {"name": name, "token": token, "expires_at": expires_at}):
        return token
    taken = conn.execute(
        sa.update(leases)
        .where(
            leases.c.name == name,
            sa.or_(
                leases.c.expires_at <= now,
                # the clock was set back far since: nobody renews what it cannot see lapse
                leases.c.expires_at > expires_at + timedelta(seconds=CLOCK_LEAP_S),
            ),
        )
        .values(token=token, expires_at=expires_at)
    ).rowcount
    return token if taken == 1 else None


def renew(conn: Connection, name: str, token: str, now: datetime, *, seconds: float) -> bool:
    """False when it has lapsed and somebody else took it."""
    return (
        conn.execute(
            sa.update(leases)
            .where(leases.c.name == name, leases.c.token == token)
            .values(expires_at=now + timedelta(seconds=seconds))
        ).rowcount
        == 1
    )


def give_back(conn: Connection, name: str, token: str) -> None:
    """Only the holder's own lease is released."""
    conn.execute(sa.delete(leases).where(leases.c.name == name, leases.c.token == token))


def held(conn: Connection, name: str, now: datetime) -> bool:
    """Whether somebody holds it."""
    query = sa.select(leases.c.name).where(leases.c.name == name, leases.c.expires_at > now)
    return conn.execute(query).first() is not None


def write_probe(conn: Connection, now: datetime) -> None:
    """Write a row that nobody waits for: raises what any other write would."""
    upsert(conn, leases, [{"name": WRITE_PROBE, "token": "", "expires_at": now}])


def forget_all(conn: Connection) -> None:
    """Nobody works: their holders died with another database."""
    conn.execute(sa.delete(leases))


class DatabaseLeases:
    """The Leases port: each call a transaction of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def take(self, name: str, seconds: float) -> str | None:
        """The holder's token, or None while somebody else holds it."""
        with self._database.write() as conn:
            return take(conn, name, self._clock.now(), seconds=seconds)

    def renew(self, name: str, token: str, seconds: float) -> bool:
        """False when it has lapsed and somebody else took it."""
        with self._database.write() as conn:
            return renew(conn, name, token, self._clock.now(), seconds=seconds)

    def give_back(self, name: str, token: str) -> None:
        """Only the holder's own lease is released."""
        with self._database.write() as conn:
            give_back(conn, name, token)
