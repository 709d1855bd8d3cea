"""Who may come in: users with their roles, API keys, the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from backend.config import INVITATION_DAYS
from backend.errors import LeadlightError
from backend.security.cipher import Cipher
from backend.security.roles import Permission, Role
from backend.services import accounts
from backend.services import api_keys as keys
from backend.services.accounts import email_mac
from backend.storage.access import api_keys, audit, user_invitations, users
from backend.storage.access.users import User, subject_of
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.paging import cursor_of, place_of
from backend.web.api.framework.shapes import Email, Line, Nothing, PageQuery, Shape, Whole

routes = Routes()
PORTAL = "/portals/<int:portal_id>"


class UserRow(Shape):
    """One person with a role in this portal."""

    user_id: str
    email: str
    role: str
    disabled: bool
    must_change_password: bool


class UserList(Shape):
    """Oldest first."""

    items: list[UserRow]


class InviteBody(Shape):
    """Somebody who is offered a role in this portal."""

    email: Email
    role: Role


class Invited(Shape):
    """`code` is accepted once and shown once; only the person chooses a password."""

    code: str
    days: int


class InvitationRow(Shape):
    """One invitation that nobody has accepted yet."""

    invitation_id: str
    email: str
    role: str
    created_at: datetime
    expires_at: datetime


class InvitationList(Shape):
    """Oldest first."""

    items: list[InvitationRow]


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
    made_by: str


class KeyList(Shape):
    """Newest first."""

    items: list[KeyRow]


class KeyBody(Shape):
    """What the key is for, what it may, and for how long."""

    label: Annotated[Line, Field(min_length=1)]
    role: Role
    days: Whole = Field(default=keys.DAYS, ge=1, le=keys.DAYS_MAX)


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
    with call.product.stores.database.read() as conn:
        found = users.of_portal(conn, call.portal_id)
    return UserList(
        items=[_user_row(call.product.stores.cipher, user, role) for user, role in found]
    )


@routes.post(
    f"{PORTAL}/users", needs=Permission.MANAGE_USERS, body=InviteBody, answer=Invited, status=201
)
def invite_user(call: Call[Nothing, InviteBody]) -> Invited:
    """Offer somebody a role here, the same whether or not they have an account."""
    now = call.product.stores.clock.now()
    with call.product.stores.database.write() as conn:
        code = accounts.invite(
            conn,
            call.product.stores.settings,
            call.product.stores.cipher,
            call.portal_id,
            call.body.email,
            call.body.role,
            made_by=call.caller.subject,
            now=now,
        )
    return Invited(code=code, days=INVITATION_DAYS)


@routes.get(f"{PORTAL}/users/invitations", needs=Permission.MANAGE_USERS, answer=InvitationList)
def list_invitations(call: Call[Nothing, Nothing]) -> InvitationList:
    """Who was invited and has not accepted yet."""
    with call.product.stores.database.read() as conn:
        found = user_invitations.invitations(conn, call.portal_id, call.product.stores.clock.now())
    no_name = email_mac(call.product.stores.settings, "")
    return InvitationList(
        items=[
            InvitationRow(
                invitation_id=one.invitation_id,
                email=_shown(call.product.stores.cipher, one.email_sealed, one.email_mac),
                role=one.role,
                created_at=one.created_at,
                expires_at=one.expires_at,
            )
            for one in found
            if one.email_mac != no_name  # an installer's, of no use once there is an admin
        ]
    )


@routes.delete(f"{PORTAL}/users/invitations/<id:invitation_id>", needs=Permission.MANAGE_USERS)
def withdraw_invitation(call: Call[Nothing, Nothing]) -> Nothing:
    """Nobody can accept it any more."""
    stores, actor = call.product.stores, call.caller.subject
    accounts.withdraw(stores, call.portal_id, call.path["invitation_id"], actor=actor)
    return Nothing()


@routes.put(
    f"{PORTAL}/users/<id:user_id>/role",
    needs=Permission.MANAGE_USERS,
    body=RoleBody,
    answer=Nothing,
)
def change_role(call: Call[Nothing, RoleBody]) -> Nothing:
    """Change what somebody may do here."""
    subject = subject_of(call.path["user_id"])
    actor, now = call.caller.subject, call.product.stores.clock.now()
    with call.product.stores.database.write() as conn:
        accounts.change_role(conn, call.portal_id, subject, call.body.role, made_by=actor, now=now)
    return Nothing()


@routes.delete(f"{PORTAL}/users/<id:user_id>", needs=Permission.MANAGE_USERS)
def remove_user(call: Call[Nothing, Nothing]) -> Nothing:
    """Take somebody's role away; their keys end, and without any role left they are signed out."""
    subject = subject_of(call.path["user_id"])
    actor, now = call.caller.subject, call.product.stores.clock.now()
    with call.product.stores.database.write() as conn:
        accounts.remove_from_portal(conn, call.portal_id, subject, made_by=actor, now=now)
    return Nothing()


@routes.get(f"{PORTAL}/api-keys", needs=Permission.MANAGE_KEYS, answer=KeyList)
def list_keys(call: Call[Nothing, Nothing]) -> KeyList:
    """Keys without their secrets."""
    with call.product.stores.database.read() as conn:
        found = api_keys.listed(conn, call.portal_id)
    names = KeyRow.model_fields
    return KeyList(items=[KeyRow(**{name: getattr(k, name) for name in names}) for k in found])


@routes.post(
    f"{PORTAL}/api-keys", needs=Permission.MANAGE_KEYS, body=KeyBody, answer=NewKey, status=201
)
def add_key(call: Call[Nothing, KeyBody]) -> NewKey:
    """Make a key; it is shown once and stored as a hash."""
    stores, body = call.product.stores, call.body
    made = keys.create(
        stores.database,
        stores.clock,
        call.portal_id,
        role=body.role,
        label=body.label,
        days=body.days,
        actor=call.caller.subject,
    )
    return NewKey(prefix=made.prefix, key=made.text, expires_at=made.expires_at)


@routes.delete(f"{PORTAL}/api-keys/<id:prefix>", needs=Permission.MANAGE_KEYS)
def revoke_key(call: Call[Nothing, Nothing]) -> Nothing:
    """Refuse this key from now on."""
    stores, actor = call.product.stores, call.caller.subject
    keys.revoke(stores.database, stores.clock, call.portal_id, call.path["prefix"], actor=actor)
    return Nothing()


@routes.get(f"{PORTAL}/audit", needs=Permission.READ_AUDIT, query=PageQuery, answer=AuditPage)
def list_audit(call: Call[PageQuery, Nothing]) -> AuditPage:
    """Who changed what in this portal, newest first."""
    place = place_of(call.query.cursor, (int,))
    before = int(str(place[0])) if place else None
    limit = call.query.limit
    with call.product.stores.database.read() as conn:
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


def _user_row(cipher: Cipher, user: User, role: str) -> UserRow:
    return UserRow(
        user_id=user.user_id,
        email=_shown(cipher, user.email_sealed, user.email_mac),
        role=role,
        disabled=user.disabled_at is not None,
        must_change_password=user.must_change_password,
    )


def _shown(cipher: Cipher, email_sealed: str, mac: str) -> str:
    try:
        return accounts.opened(cipher, email_sealed, mac)
    except LeadlightError:
        return ""
