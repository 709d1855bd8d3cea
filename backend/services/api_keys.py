"""Keys with which other programs ask the API: made and revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend.errors import BadInput, NotFound
from backend.ports import Clock
from backend.security import api_keys as secrets_of
from backend.security.roles import Role
from backend.storage.access import api_keys, audit
from backend.storage.database import Database
from backend.storage.portals import portals

DAYS: Final = 90  # how long a key is good unless somebody says otherwise
DAYS_MAX: Final = 366


@dataclass(frozen=True, slots=True)
class NewKey:
    """`text` is the key itself: shown once, and stored only as a hash."""

    prefix: str
    text: str
    expires_at: datetime


def create(
    database: Database,
    clock: Clock,
    portal_id: int,
    *,
    role: Role,
    label: str,
    days: int,
    actor: str,
) -> NewKey:
    """A key of this portal for `days`. Raises BadInput, or NotFound for an unknown portal."""
    if not label.strip():
        raise BadInput("say what the key is for: it is all that tells keys apart later")
    if not 1 <= days <= DAYS_MAX:
        raise BadInput(f"a key is good for 1 to {DAYS_MAX} days")
    now = clock.now()
    made = secrets_of.make()
    key = api_keys.ApiKey(
        prefix=made.prefix,
        key_hash=made.key_hash,
        portal_id=portal_id,
        role=role.value,
        label=label,
        created_at=now,
        expires_at=now + timedelta(days=days),
        revoked_at=None,
        last_used_at=None,
        made_by=actor,
    )
    with database.write() as conn:
        portals.get(conn, portal_id)
        api_keys.add(conn, key)
        audit.append(
            conn,
            now=now,
            actor=actor,
            action="api_key.create",
            subject=f"api-key:{made.prefix}",
            portal_id=portal_id,
            detail={"role": role.value, "days": days},
        )
    return NewKey(made.prefix, made.text, now + timedelta(days=days))


def revoke(database: Database, clock: Clock, portal_id: int, prefix: str, *, actor: str) -> None:
    """Refuse this key from now on. Raises NotFound when the portal has no such open key."""
    now = clock.now()
    with database.write() as conn:
        if not api_keys.revoke(conn, portal_id, prefix, now):
            raise NotFound(f"there is no open key {prefix}")
        audit.append(
            conn,
            now=now,
            actor=actor,
            action="api_key.revoke",
            subject=f"api-key:{prefix}",
            portal_id=portal_id,
        )
