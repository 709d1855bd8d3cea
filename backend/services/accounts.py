"""Accounts of the console: invited, given a role, taken away. For the web and commands.

An account belongs to whoever opens the link that was sent to its address, or knows its password:
no admin ever chooses or sees a password, and no role is given to an existing account without its
owner accepting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.config import INVITATION_DAYS, Settings
from backend.errors import BadInput, Conflict, NotFound
from backend.security import session_tokens
from backend.security.cipher import Cipher
from backend.security.lookup import lookup_mac, normal_email
from backend.security.passwords import hash_password
from backend.security.roles import Role
from backend.security.session_tokens import one_time_password
from backend.storage.access import (
    api_keys,
    audit,
    sessions,
    sign_in_attempts,
    user_invitations,
    users,
)
from backend.storage.access.user_invitations import UserInvitation
from backend.storage.access.users import NO_PORTAL, PURPOSE, User
from backend.storage.database import Connection
from backend.storage.portals import portals
from backend.wiring import Product, Stores

EMAIL_MAX = 254  # characters, RFC 5321
EMAIL = r"^[!-?A-~]+@[!-?A-~]+$"  # ASCII without spaces and one @: mail servers know the rest
_EMAIL_FORM = re.compile(EMAIL)


def email_mac(settings: Settings, email: str) -> str:
    """By which an account is found."""
    return lookup_mac(settings.session_secret, "email", normal_email(email))


def email_of(cipher: Cipher, user: User) -> str:
    """Opened only to show it to somebody who may see it. Raises Undecipherable."""
    return opened(cipher, user.email_sealed, user.email_mac)


def opened(cipher: Cipher, email_sealed: str, mac: str) -> str:
    """A stored address in the clear; `mac` by `email_mac`, of the same row. Raises
    Undecipherable."""
    return cipher.open(email_sealed, portal_id=NO_PORTAL, purpose=PURPOSE, subject=mac)


def _sealed(settings: Settings, cipher: Cipher, email: str) -> str:
    return cipher.seal(
        email.strip(), portal_id=NO_PORTAL, purpose=PURPOSE, subject=email_mac(settings, email)
    )


def create(conn: Connection, product: Product, email: str, now: datetime) -> tuple[User, str]:
    """A new account and its one-time password ("" with Supabase Auth), for the operator alone.

    Raises BadInput, or Conflict when the address has an account: its owner has to accept then.
    """
    password = "" if product.sign_in else one_time_password()
    hashed = hash_password(password) if password else None
    return add_account(
        conn,
        product.stores.settings,
        product.stores.cipher,
        _checked(email),
        hashed,
        now,
        must_change=True,
    ), password


def add_account(
    conn: Connection,
    settings: Settings,
    cipher: Cipher,
    email: str,
    password_hash: str | None,
    now: datetime,
    *,
    must_change: bool = False,
) -> User:
    """The account of an address that has none. Raises Conflict."""
    return users.add(
        conn,
        email_sealed=_sealed(settings, cipher, email),
        email_mac=email_mac(settings, email),
        password_hash=password_hash,
        must_change_password=must_change and password_hash is not None,
        now=now,
    )


def invite(
    conn: Connection,
    settings: Settings,
    cipher: Cipher,
    portal_id: int,
    email: str,
    role: Role,
    *,
    made_by: str,
    now: datetime,
) -> str:
    """The code of a link by which the person takes the role, once, within INVITATION_DAYS.

    The answer is the same whether or not the address has an account. Raises BadInput, or Conflict
    when the person has a role in this very portal.
    """
    mac = email_mac(settings, _checked(email))
    known = users.by_email(conn, mac)
    if known is not None and portal_id in users.roles(conn, known.subject):
        raise Conflict("this person has a role here already: change it instead")
    code = session_tokens.make_invitation()
    invitation = UserInvitation(
        token_hash=session_tokens.hash_of_invitation(code),
        portal_id=portal_id,
        role=role.value,
        email_sealed=_sealed(settings, cipher, email),
        email_mac=mac,
        made_by=made_by,
        created_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    user_invitations.put(conn, invitation)
    subject, detail = f"invitation:{invitation.invitation_id}", {"role": role.value}
    _record(conn, subject, "user.invite", made_by, now, portal_id, detail)
    return code


def claim(
    conn: Connection,
    settings: Settings,
    cipher: Cipher,
    portal_id: int,
    *,
    made_by: str,
    now: datetime,
) -> str:
    """The code of a link by which whoever connected a portal becomes its first admin, once, with an
    address of their own; "" where the portal has an admin already."""
    if users.admins(conn, portal_id):
        return ""
    code = session_tokens.make_invitation()
    invitation = UserInvitation(
        token_hash=session_tokens.hash_of_invitation(code),
        portal_id=portal_id,
        role=Role.ADMIN.value,
        email_sealed=_sealed(settings, cipher, ""),
        email_mac=email_mac(settings, ""),
        made_by=made_by,
        created_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    user_invitations.put(conn, invitation)
    subject, detail = f"invitation:{invitation.invitation_id}", {"role": invitation.role}
    _record(conn, subject, "user.invite", made_by, now, portal_id, detail)
    return code


def change_role(
    conn: Connection, portal_id: int, subject: str, role: Role, *, made_by: str, now: datetime
) -> None:
    """Another role for somebody who has one here. Raises NotFound, or Conflict for the last
    admin."""
    before = role_in(conn, portal_id, subject)
    if role is not Role.ADMIN:
        _keep_an_admin(conn, portal_id, subject)
    portals.add_member(conn, portal_id, subject, role.value, now)
    detail = {"before": before, "after": role.value}
    _record(conn, subject, "user.role", made_by, now, portal_id, detail)


def remove_from_portal(
    conn: Connection, portal_id: int, subject: str, *, made_by: str, now: datetime
) -> None:
    """Take somebody's role away; their API keys end with it, and without any role their sessions.

    Raises NotFound, or Conflict for the last admin.
    """
    before = role_in(conn, portal_id, subject)
    _keep_an_admin(conn, portal_id, subject)
    users.remove_role(conn, portal_id, subject)
    api_keys.revoke_made_by(conn, subject, now, portal_id=portal_id)
    if not users.roles(conn, subject):
        sessions.end_all(conn, subject.removeprefix("user:"))
    _record(conn, subject, "user.remove", made_by, now, portal_id, {"before": before})


def delete(conn: Connection, product: Product, user: User, *, made_by: str, now: datetime) -> None:
    """Nothing of the account is left but its pseudonym on the audit trail. Raises Conflict while
    the person is the last admin of a portal."""
    for portal_id in users.roles(conn, user.subject):
        remove_from_portal(conn, portal_id, user.subject, made_by=made_by, now=now)
    user_invitations.forget_user(conn, user.email_mac)
    sign_in_attempts.forget(conn, account_key(user.email_mac))
    users.delete(conn, user.user_id)
    _record(conn, user.subject, "user.delete", made_by, now)


def account_key(mac: str) -> str:
    """By which wrong passwords of an account are counted."""
    return f"account:{mac}"


@dataclass(frozen=True, slots=True)
class Given:
    """How somebody got a role: at once with a new account and its one-time `password` ("" with
    Supabase Auth), at once instead of the role `before`, or by a link with this `code`, which the
    owner of the account has to open."""

    before: str = ""
    password: str = ""
    code: str = ""


def give_role(product: Product, portal_id: int, email: str, role: Role, *, actor: str) -> Given:
    """For the operator: a role in a portal for whoever has this address.

    Raises BadInput, NotConnected for an unknown portal, or Conflict for the last admin.
    """
    stores = product.stores
    now = stores.clock.now()
    with stores.database.write() as conn:
        portals.get(conn, portal_id)
        known = users.by_email(conn, email_mac(stores.settings, email))
        if known is None:
            user, password = create(conn, product, email, now)
            portals.add_member(conn, portal_id, user.subject, role.value, now)
            detail = {"role": role.value}
            _record(conn, user.subject, "user.add", actor, now, portal_id, detail)
            return Given(password=password)
        before = users.roles(conn, known.subject).get(portal_id, "")
        if before:
            change_role(conn, portal_id, known.subject, role, made_by=actor, now=now)
            return Given(before=before)
        code = invite(
            conn, stores.settings, stores.cipher, portal_id, email, role, made_by=actor, now=now
        )
        return Given(code=code)


def withdraw(stores: Stores, portal_id: int, invitation_id: str, *, actor: str) -> None:
    """Nobody can accept this invitation any more. Raises NotFound."""
    now = stores.clock.now()
    with stores.database.write() as conn:
        if not user_invitations.withdraw(conn, portal_id, invitation_id):
            raise NotFound("there is no such open invitation")
        _record(conn, f"invitation:{invitation_id}", "user.uninvite", actor, now, portal_id)


def reset_password(product: Product, email: str, *, actor: str) -> str:
    """A new one-time password, as `new_password`. Raises NotFound, or BadInput with Supabase
    Auth."""
    if product.sign_in is not None:
        raise BadInput("passwords are kept by Supabase Auth: reset it there")
    stores = product.stores
    with stores.database.write() as conn:
        user = account_of(conn, stores, email)
        password = new_password(conn, user)
        _record(conn, user.subject, "user.password_reset", actor, stores.clock.now())
    return password


def set_disabled(stores: Stores, email: str, *, disabled: bool, actor: str) -> None:
    """Refuse somebody in every portal from now on, or no longer. Raises NotFound."""
    now = stores.clock.now()
    with stores.database.write() as conn:
        user = account_of(conn, stores, email)
        users.set_disabled(conn, user.user_id, now if disabled else None)
        sessions.end_all(conn, user.user_id)
        action = "user.disable" if disabled else "user.enable"
        _record(conn, user.subject, action, actor, now)


def account_of(conn: Connection, stores: Stores, email: str) -> User:
    """The account with this address. Raises NotFound."""
    user = users.by_email(conn, email_mac(stores.settings, email))
    if user is None:
        raise NotFound("there is no account with this email address")
    return user


def _record(
    conn: Connection,
    subject: str,
    action: str,
    actor: str,
    now: datetime,
    portal_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    audit.append(
        conn,
        now=now,
        actor=actor,
        action=action,
        subject=subject,
        portal_id=portal_id,
        detail=detail,
    )


def role_in(conn: Connection, portal_id: int, subject: str) -> str:
    """Raises NotFound."""
    found = users.roles(conn, subject).get(portal_id)
    if found is None:
        raise NotFound("no such user in this portal")
    return found


def _keep_an_admin(conn: Connection, portal_id: int, subject: str) -> None:
    if users.admins(conn, portal_id) == {subject}:
        raise Conflict("this is the last admin of the portal: give somebody else the role first")


def new_password(conn: Connection, user: User) -> str:
    """A one-time password for somebody who forgot theirs or lost their phone; signs them out
    everywhere and takes the second factor away."""
    password = one_time_password()
    users.set_password(conn, user.user_id, hash_password(password), must_change=True)
    users.set_totp(conn, user.user_id, None, None)
    sessions.end_all(conn, user.user_id)
    return password


def _checked(email: str) -> str:
    if len(email) > EMAIL_MAX or not _EMAIL_FORM.match(email.strip()):
        raise BadInput("that is not an email address")
    return email
