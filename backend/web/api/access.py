"""Who may come in: users with their roles, API keys, the audit trail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.engine import Connection

from backend.accounts import email_of, find_or_make, new_password
from backend.errors import Conflict, LeadlightError, NotFound
from backend.security import api_keys as secrets_of
from backend.security.roles import Permission, Role, may
from backend.storage import api_keys, audit, portals, sessions, users
from backend.storage.users import User, subject_of
from backend.web.api.paging import cursor_of, place_of
from backend.web.api.routing import Call, Routes
from backend.web.api.shapes import Email, Line, Nothing, PageQuery, Shape, Whole
from backend.wiring import Product

routes = Routes()
PORTAL = "/portals/<int:portal_id>"
KEY_DAYS_MAX = 366


class UserRow(Shape):
    """One person with a role in this portal."""

    user_id: str
    email: str
    role: str
    created_at: datetime
    last_sign_in_at: datetime | None
    disabled: bool
    must_change_password: bool


class UserList(Shape):
    """Oldest first."""

    items: list[UserRow]


class InviteBody(Shape):
    """Somebody who gets a role in this portal."""

    email: Email
    role: Role


class Invited(Shape):
    """`one_time_password` is shown once; empty where the account existed or signs in elsewhere."""

    user_id: str
    one_time_password: str


class RoleBody(Shape):
    """The role from now on."""

    role: Role


class KeyRow(Shape):
    """One key without its secret."""

    prefix: str
    label: str
    role: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class KeyList(Shape):
    """Newest first."""

    items: list[KeyRow]


class KeyBody(Shape):
    """What the key is for, what it may, and for how long."""

    label: Annotated[Line, Field(min_length=1)]
    role: Role
    days: Whole = Field(default=90, ge=1, le=KEY_DAYS_MAX)


class NewKey(Shape):
    """`key` is shown once."""

    prefix: str
    key: str
    expires_at: datetime


class AuditRow(Shape):
    """One deed."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


class AuditPage(Shape):
    """Newest first."""

    items: list[AuditRow]
    next: str | None


@routes.get(f"{PORTAL}/users", needs=Permission.MANAGE_USERS, answer=UserList)
def list_users(call: Call[Nothing, Nothing]) -> UserList:
    """People with a role in this portal."""
    with call.product.database.read() as conn:
        found = users.of_portal(conn, call.portal_id)
    return UserList(items=[_user_row(call.product, user, role) for user, role in found])


@routes.post(
    f"{PORTAL}/users", needs=Permission.MANAGE_USERS, body=InviteBody, answer=Invited, status=201
)
def add_user(call: Call[Nothing, InviteBody]) -> Invited:
    """Give somebody a role here; a new account gets a one-time password."""
    now = call.product.clock.now()
    with call.product.database.write() as conn:
        user, password = find_or_make(conn, call.product, call.body.email, now)
        if call.portal_id in users.roles(conn, user.subject):
            raise Conflict("this person has a role here already: change it instead")
        portals.add_member(conn, call.portal_id, user.subject, call.body.role.value, now)
        call.record(conn, "user.add", user.subject, {"role": call.body.role.value})
    return Invited(user_id=user.user_id, one_time_password=password)


@routes.put(
    f"{PORTAL}/users/<id:user_id>/role",
    needs=Permission.MANAGE_USERS,
    body=RoleBody,
    answer=Nothing,
)
def change_role(call: Call[Nothing, RoleBody]) -> Nothing:
    """Change what somebody may do here."""
    subject = subject_of(call.path["user_id"])
    now = call.product.clock.now()
    with call.product.database.write() as conn:
        before = _role_here(conn, call.portal_id, subject)
        if call.body.role is not Role.ADMIN:
            _keep_an_admin(conn, call.portal_id, subject)
        portals.add_member(conn, call.portal_id, subject, call.body.role.value, now)
        detail = {"before": before, "after": call.body.role.value}
        call.record(conn, "user.role", subject, detail)
    return Nothing()


@routes.delete(f"{PORTAL}/users/<id:user_id>", needs=Permission.MANAGE_USERS)
def remove_user(call: Call[Nothing, Nothing]) -> Nothing:
    """Take somebody's role away; without any role left they are signed out."""
    user_id = call.path["user_id"]
    subject = subject_of(user_id)
    with call.product.database.write() as conn:
        before = _role_here(conn, call.portal_id, subject)
        _keep_an_admin(conn, call.portal_id, subject)
        users.remove_role(conn, call.portal_id, subject)
        if not users.roles(conn, subject):
            sessions.end_all(conn, user_id)
        call.record(conn, "user.remove", subject, {"before": before})
    return Nothing()


@routes.post(f"{PORTAL}/users/<id:user_id>/password", needs=Permission.MANAGE_USERS, answer=Invited)
def reset_password(call: Call[Nothing, Nothing]) -> Invited:
    """A new one-time password for somebody who belongs to this portal alone; signs them out."""
    user_id = call.path["user_id"]
    with call.product.database.write() as conn:
        _role_here(conn, call.portal_id, subject_of(user_id))
        user = users.get(conn, user_id)
        if user.password_hash is None:
            raise Conflict("this account's password is kept by Supabase Auth")
        theirs = users.roles(conn, user.subject)
        mine = call.caller.roles
        if not all(may(mine.get(portal, ""), Permission.MANAGE_USERS) for portal in theirs):
            raise Conflict("this person belongs to other portals too: ask the operator")
        password = new_password(conn, user)
        call.record(conn, "user.password_reset", user.subject)
    return Invited(user_id=user_id, one_time_password=password)


@routes.get(f"{PORTAL}/api-keys", needs=Permission.MANAGE_KEYS, answer=KeyList)
def list_keys(call: Call[Nothing, Nothing]) -> KeyList:
    """Keys without their secrets."""
    with call.product.database.read() as conn:
        found = api_keys.listed(conn, call.portal_id)
    names = KeyRow.model_fields
    return KeyList(items=[KeyRow(**{name: getattr(k, name) for name in names}) for k in found])


@routes.post(
    f"{PORTAL}/api-keys", needs=Permission.MANAGE_KEYS, body=KeyBody, answer=NewKey, status=201
)
def add_key(call: Call[Nothing, KeyBody]) -> NewKey:
    """Make a key; it is shown once and stored as a hash."""
    now = call.product.clock.now()
    made = secrets_of.make()
    expires_at = now + timedelta(days=call.body.days)
    key = api_keys.ApiKey(
        prefix=made.prefix,
        key_hash=made.key_hash,
        portal_id=call.portal_id,
        role=call.body.role.value,
        label=call.body.label,
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
        last_used_at=None,
    )
    with call.product.database.write() as conn:
        api_keys.add(conn, key)
        detail = {"role": key.role, "days": call.body.days}
        call.record(conn, "api_key.create", f"api-key:{made.prefix}", detail)
    return NewKey(prefix=made.prefix, key=made.text, expires_at=expires_at)


@routes.delete(f"{PORTAL}/api-keys/<id:prefix>", needs=Permission.MANAGE_KEYS)
def revoke_key(call: Call[Nothing, Nothing]) -> Nothing:
    """Refuse this key from now on."""
    prefix = call.path["prefix"]
    now = call.product.clock.now()
    with call.product.database.write() as conn:
        if not api_keys.revoke(conn, call.portal_id, prefix, now):
            raise NotFound(f"there is no open key {prefix}")
        call.record(conn, "api_key.revoke", f"api-key:{prefix}")
    return Nothing()


@routes.get(f"{PORTAL}/audit", needs=Permission.READ_AUDIT, query=PageQuery, answer=AuditPage)
def list_audit(call: Call[PageQuery, Nothing]) -> AuditPage:
    """Who changed what in this portal, newest first."""
    place = place_of(call.query.cursor, (int,))
    before = int(str(place[0])) if place else None
    limit = call.query.limit
    with call.product.database.read() as conn:
        found = audit.listed(conn, call.portal_id, before=before, limit=limit + 1)
    rows = [
        AuditRow(
            seq=row.seq,
            at=row.at,
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            detail=dict(row.detail),
        )
        for row in found[:limit]
    ]
    return AuditPage(items=rows, next=cursor_of([rows[-1].seq]) if len(found) > limit else None)


def _user_row(product: Product, user: User, role: str) -> UserRow:
    try:
        email = email_of(product, user)
    except LeadlightError:
        email = ""
    return UserRow(
        user_id=user.user_id,
        email=email,
        role=role,
        created_at=user.created_at,
        last_sign_in_at=user.last_sign_in_at,
        disabled=user.disabled_at is not None,
        must_change_password=user.must_change_password,
    )


def _role_here(conn: Connection, portal_id: int, subject: str) -> str:
    found = users.roles(conn, subject).get(portal_id)
    if found is None:
        raise NotFound("no such user in this portal")
    return found


def _keep_an_admin(conn: Connection, portal_id: int, subject: str) -> None:
    if users.admins(conn, portal_id) == {subject}:
        raise Conflict("this is the last admin of the portal: give somebody else the role first")
