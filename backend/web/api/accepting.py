"""Accepting an invitation: the person proves to own the account, or makes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from backend.errors import BadInput, NeedsCode, NotFound, NotSignedIn
from backend.ports import Clock
from backend.security import passwords, session_tokens
from backend.services.accounts import add_account, email_mac, opened
from backend.storage.access import audit, user_invitations, users
from backend.storage.access.user_invitations import UserInvitation
from backend.storage.access.users import User
from backend.storage.database import Connection, Database
from backend.storage.portals import portals
from backend.web.api.sign_in import SignedIn, begin, count_try, forget_tries, tries_of, uses_code
from backend.wiring import Product

WRONG = "that is not the password of this account"
GONE = "this invitation was used or has expired: ask for a new one"


def open_invitation(database: Database, clock: Clock, code: str) -> UserInvitation:
    """Raises NotFound, the same for an unknown, a used and an expired one."""
    hashed = session_tokens.hash_of_invitation(code)
    with database.read() as conn:
        found = user_invitations.find(conn, hashed, clock.now()) if hashed else None
    if found is None:
        raise NotFound(GONE)
    return found


def accept(
    product: Product,
    code: str,
    password: str,
    address: str,
    device: str,
    second: str = "",
    *,
    email: str = "",
) -> SignedIn:
    """Use the invitation up and sign the person in with the role it offers.

    Makes the account where the address has none; where it has one, the password proves that its
    owner accepts. `email` is the installer's, for an invitation that names nobody. Raises NotFound
    for an invitation that cannot be used (any more), BadInput for a password that cannot be
    chosen, NotSignedIn for a wrong one, TooMany.
    """
    found = open_invitation(product.stores.database, product.stores.clock, code)
    invitation, email = _addressed(product, found, email)
    tries = tries_of(product.stores.settings, invitation.email_mac, address, device)
    count_try(product.stores.database, product.stores.clock, tries)
    known = _proven_owner(product, invitation, email, password)
    if (
        known is not None
        and known.totp_sealed is not None
        and not uses_code(product.stores, known, second)
    ):
        raise NeedsCode("enter the code that your authenticator app shows now")
    is_local = product.sign_in is None
    fresh = passwords.hash_password(password, email) if known is None and is_local else None
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        user = known or add_account(
            conn, product.stores.settings, product.stores.cipher, email, fresh, now
        )
        _take_role(conn, invitation, user, now)
        forget_tries(conn, tries)
        return begin(conn, product.stores.clock, product.stores.settings, user)


def _addressed(
    product: Product, invitation: UserInvitation, email: str
) -> tuple[UserInvitation, str]:
    """The invitation with the address of whoever accepts it. Raises BadInput, or NotFound for a
    portal that has an admin meanwhile."""
    named = opened(product.stores.cipher, invitation.email_sealed, invitation.email_mac)
    if named:
        return invitation, named
    if not email:
        raise BadInput("give your email address")
    with product.stores.database.read() as conn:
        if users.admins(conn, invitation.portal_id):
            raise NotFound(GONE)
    return replace(invitation, email_mac=email_mac(product.stores.settings, email)), email


def _proven_owner(
    product: Product, invitation: UserInvitation, email: str, password: str
) -> User | None:
    """The account of this address, its password checked; None where there is none yet."""
    with product.stores.database.read() as conn:
        known = users.by_email(conn, invitation.email_mac)
    if product.sign_in is not None:
        identity = product.sign_in.sign_in(email, password)
        is_theirs = (
            identity is not None
            and email_mac(product.stores.settings, identity.email) == invitation.email_mac
        )
    else:
        is_theirs = known is None or passwords.matches(password, known.password_hash)
    if not is_theirs or (known is not None and known.disabled_at is not None):
        raise NotSignedIn(WRONG)
    return known


def _take_role(conn: Connection, invitation: UserInvitation, user: User, now: datetime) -> None:
    if not user_invitations.use(conn, invitation.token_hash):
        raise NotFound(GONE)
    if invitation.portal_id in users.roles(conn, user.subject):
        return
    portals.add_member(conn, invitation.portal_id, user.subject, invitation.role, now)
    audit.append(
        conn,
        now=now,
        actor=user.subject,
        action="user.add",
        subject=user.subject,
        portal_id=invitation.portal_id,
        detail={"role": invitation.role, "invited_by": invitation.made_by},
    )
