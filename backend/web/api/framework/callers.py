"""Who is asking: a session or an API key, its roles by portal. The one place that finds out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.errors import NotSignedIn
from backend.ports import Clock
from backend.security import api_keys as secrets_of
from backend.security import session_tokens
from backend.security.roles import Permission, may
from backend.storage.access import api_keys, sessions, users
from backend.storage.access.api_keys import ApiKey
from backend.storage.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Caller:
    """`subject` names the caller on the audit trail; `credential` is what limits are counted by."""

    subject: str
    roles: Mapping[int, str]
    credential: str
    must_change_password: bool = False
    session_hash: str = ""  # "" for an API key
    has_second_factor: bool = False

    @property
    def user_id(self) -> str:
        """Of a person; "" for an API key."""
        return self.subject.removeprefix("user:") if self.session_hash else ""


NOBODY = Caller("nobody", {}, "nobody")


def authenticate(database: Database, clock: Clock, authorization: str) -> Caller:
    """From the `Authorization` header's value. Raises NotSignedIn without saying why."""
    scheme, _, text = authorization.partition(" ")
    found = None
    if scheme.lower() == "bearer" and text:
        found = _of_session(database, clock, text) or _of_key(database, clock, text)
    if found is None:
        raise NotSignedIn("sign in, or send an API key, as `Authorization: Bearer …`")
    return found


def _of_session(database: Database, clock: Clock, text: str) -> Caller | None:
    token_hash = session_tokens.hash_of(text)
    if not token_hash:
        return None
    now = clock.now()
    with database.read() as conn:
        session = sessions.find(conn, token_hash, now)
        if session is None:
            return None
        user = users.get(conn, session.user_id)
        roles = users.roles(conn, user.subject)
    if user.disabled_at is not None:
        return None
    if session.is_stale(now):
        with database.write() as conn:
            sessions.seen(conn, token_hash, now)
    return Caller(
        user.subject,
        roles,
        f"session:{token_hash}",
        user.must_change_password,
        token_hash,
        user.totp_sealed is not None,
    )


def _maker_may(conn: Connection, key: ApiKey) -> bool:
    """A key ends with the right of the person who made it; the operator's stay."""
    if not key.made_by.startswith("user:"):
        return True
    role = users.roles(conn, key.made_by).get(key.portal_id, "")
    maker = users.get(conn, key.made_by.removeprefix("user:")) if role else None
    return maker is not None and maker.disabled_at is None and may(role, Permission.MANAGE_KEYS)


def _of_key(database: Database, clock: Clock, text: str) -> Caller | None:
    prefix = secrets_of.prefix_of(text)
    if not prefix:
        return None
    now = clock.now()
    with database.read() as conn:
        key = api_keys.find(conn, prefix)
        if key is None or not secrets_of.matches(text, key.key_hash) or not key.is_open(now):
            return None
        if not _maker_may(conn, key):
            return None
    if key.is_stale(now):
        with database.write() as conn:
            api_keys.used(conn, prefix, now)
    return Caller(f"key:{prefix}", {key.portal_id: key.role}, f"key:{prefix}")
