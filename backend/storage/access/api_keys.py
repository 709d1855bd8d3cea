"""API keys: shown once, kept as a hash, scoped to one portal and role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import SEEN_EVERY_S
from backend.storage.tables.access import api_keys


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key without its secret."""

    prefix: str
    key_hash: str
    portal_id: int
    role: str
    label: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    made_by: str

    def is_open(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)

    def is_stale(self, now: datetime) -> bool:
        """Whether "last used" is old enough to be written anew."""
        last = self.last_used_at
        return last is None or now - last >= timedelta(seconds=SEEN_EVERY_S)


def _key(row: sa.Row[tuple[object, ...]]) -> ApiKey:
    return ApiKey(**{name: getattr(row, name) for name in ApiKey.__dataclass_fields__})


def add(conn: Connection, key: ApiKey) -> None:
    """Store a new key's hash."""
    values = {name: getattr(key, name) for name in ApiKey.__dataclass_fields__}
    conn.execute(sa.insert(api_keys).values(**values))


def find(conn: Connection, prefix: str) -> ApiKey | None:
    """By its public prefix."""
    row = conn.execute(sa.select(api_keys).where(api_keys.c.prefix == prefix)).first()
    return None if row is None else _key(row)


def listed(conn: Connection, portal_id: int) -> list[ApiKey]:
    """A portal's keys, newest first."""
    rows = conn.execute(
        sa.select(api_keys)
        .where(api_keys.c.portal_id == portal_id)
        .order_by(api_keys.c.created_at.desc())
    )
    return [_key(row) for row in rows]


def revoke(conn: Connection, portal_id: int, prefix: str, now: datetime) -> bool:
    """False when the portal has no such open key."""
    return (
        conn.execute(
            sa.update(api_keys)
            .where(
                api_keys.c.portal_id == portal_id,
                api_keys.c.prefix == prefix,
                api_keys.c.revoked_at.is_(None),
            )
            .values(revoked_at=now)
        ).rowcount
        == 1
    )


def revoke_made_by(
    conn: Connection, subject: str, now: datetime, *, portal_id: int | None = None
) -> int:
    """Revoke the open keys that somebody made, in one portal or in all; how many."""
    which = [api_keys.c.made_by == subject, api_keys.c.revoked_at.is_(None)]
    if portal_id is not None:
        which.append(api_keys.c.portal_id == portal_id)
    return conn.execute(sa.update(api_keys).where(*which).values(revoked_at=now)).rowcount


def used(conn: Connection, prefix: str, now: datetime) -> None:
    """Remember when."""
    conn.execute(sa.update(api_keys).where(api_keys.c.prefix == prefix).values(last_used_at=now))
