"""Accounts of the console. Email addresses are sealed; a keyed hash finds the row."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import Conflict, NotFound
from backend.storage.database import insert_new
from backend.storage.tables.access import saved_views, sessions, users
from backend.storage.tables.portals import members

PURPOSE = "user_email"
TOTP = "user_totp"
NO_PORTAL = 0  # a user can belong to several portals, so the address is bound to none


@dataclass(frozen=True, slots=True)
class User:
    """One person. `subject` is how members and the audit trail name them."""

    user_id: str
    email_sealed: str
    email_mac: str
    password_hash: str | None
    external_id: str | None
    must_change_password: bool
    created_at: datetime
    disabled_at: datetime | None
    last_sign_in_at: datetime | None
    totp_sealed: str | None
    totp_step: int | None

    @property
    def subject(self) -> str:
        """ "user:<id>" """
        return subject_of(self.user_id)


def subject_of(user_id: str) -> str:
    """ "user:<id>" """
    return f"user:{user_id}"


def _user(row: sa.Row[Any]) -> User:
    return User(**{name: getattr(row, name) for name in User.__dataclass_fields__})


def add(
    conn: Connection,
    *,
    email_sealed: str,
    email_mac: str,
    password_hash: str | None,
    must_change_password: bool,
    now: datetime,
) -> User:
    """A new account. Raises Conflict when it exists."""
    user_id = secrets.token_hex(8)
    made = conn.execute(
        insert_new(conn, users)
        .values(
            user_id=user_id,
            email_sealed=email_sealed,
            email_mac=email_mac,
            password_hash=password_hash,
            must_change_password=must_change_password,
            created_at=now,
        )
        .returning(users.c.user_id)
    ).first()
    if made is None:
        raise Conflict("there is an account with this email address already")
    return get(conn, user_id)


def get(conn: Connection, user_id: str) -> User:
    """Raises NotFound."""
    found = _one(conn, users.c.user_id == user_id)
    if found is None:
        raise NotFound("no such user")
    return found


def by_email(conn: Connection, email_mac: str) -> User | None:
    """By the keyed hash of the address."""
    return _one(conn, users.c.email_mac == email_mac)


def by_external_id(conn: Connection, external_id: str) -> User | None:
    """By the account at Supabase Auth."""
    return _one(conn, users.c.external_id == external_id)


def _one(conn: Connection, which: sa.ColumnElement[bool]) -> User | None:
    row = conn.execute(sa.select(users).where(which)).first()
    return None if row is None else _user(row)


def of_portal(conn: Connection, portal_id: int) -> list[tuple[User, str]]:
    """Accounts with a role there, oldest first."""
    subject = sa.literal("user:") + users.c.user_id
    rows = conn.execute(
        sa.select(users, members.c.role)
        .join(members, members.c.subject == subject)
        .where(members.c.portal_id == portal_id)
        .order_by(users.c.created_at, users.c.user_id)
    )
    return [(_user(row), row.role) for row in rows]


def set_password(
    conn: Connection, user_id: str, password_hash: str, *, must_change: bool = False
) -> None:
    """Replace it."""
    _set(conn, user_id, {"password_hash": password_hash, "must_change_password": must_change})


def set_totp(conn: Connection, user_id: str, totp_sealed: str | None, step: int | None) -> None:
    """Ask for codes of this secret from now on, or for none."""
    _set(conn, user_id, {"totp_sealed": totp_sealed, "totp_step": step})


def use_step(conn: Connection, user_id: str, step: int) -> bool:
    """Use a code up; False when it, or a newer one, was used meanwhile."""
    return (
        conn.execute(
            sa.update(users)
            .where(
                users.c.user_id == user_id,
                sa.or_(users.c.totp_step.is_(None), users.c.totp_step < step),
            )
            .values(totp_step=step)
        ).rowcount
        == 1
    )


def link(conn: Connection, user_id: str, external_id: str) -> None:
    """Bind the account at Supabase Auth for good."""
    _set(conn, user_id, {"external_id": external_id})


def signed_in(conn: Connection, user_id: str, now: datetime) -> None:
    """Remember when."""
    _set(conn, user_id, {"last_sign_in_at": now})


def set_disabled(conn: Connection, user_id: str, at: datetime | None) -> None:
    """Refuse sign-in from now on, or allow it again."""
    _set(conn, user_id, {"disabled_at": at})


def _set(conn: Connection, user_id: str, values: Mapping[str, Any]) -> None:
    conn.execute(sa.update(users).where(users.c.user_id == user_id).values(**values))


def delete(conn: Connection, user_id: str) -> None:
    """The account, its sessions and its roles."""
    conn.execute(sa.delete(sessions).where(sessions.c.user_id == user_id))
    conn.execute(sa.delete(members).where(members.c.subject == subject_of(user_id)))
    conn.execute(sa.delete(saved_views).where(saved_views.c.subject == subject_of(user_id)))
    conn.execute(sa.delete(users).where(users.c.user_id == user_id))


def roles(conn: Connection, subject: str) -> dict[int, str]:
    """Role by portal of one subject."""
    rows = conn.execute(
        sa.select(members.c.portal_id, members.c.role).where(members.c.subject == subject)
    )
    return {row.portal_id: row.role for row in rows}


def remove_role(conn: Connection, portal_id: int, subject: str) -> bool:
    """False when there was none. What the person kept there goes, too."""
    mine = saved_views.c.subject == subject
    conn.execute(sa.delete(saved_views).where(saved_views.c.portal_id == portal_id, mine))
    gone = conn.execute(
        sa.delete(members)
        .where(members.c.portal_id == portal_id, members.c.subject == subject)
        .returning(members.c.subject)
    )
    return gone.first() is not None


def admins(conn: Connection, portal_id: int) -> set[str]:
    """Subjects of console accounts that may manage users there and are not disabled."""
    return {
        user.subject
        for user, role in of_portal(conn, portal_id)
        if role == "admin" and user.disabled_at is None
    }
