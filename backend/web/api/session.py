"""Signing in and out, and what the signed-in person may do where."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.errors import Conflict, Forbidden, LeadlightError
from backend.security import passwords
from backend.security.cipher import Cipher
from backend.security.roles import PERMISSIONS, Role
from backend.services.accounts import email_of, opened
from backend.storage.access import sessions, users
from backend.storage.database import Database
from backend.storage.portals import portals
from backend.version import VERSION
from backend.web.address import address_of
from backend.web.api.accepting import accept, open_invitation
from backend.web.api.framework.callers import Caller
from backend.web.api.framework.endpoints import Access, Call, Routes
from backend.web.api.framework.shapes import Email, Line, Nothing, Shape
from backend.web.api.sign_in import count_try, forget_tries, sign_in, tries_of

routes = Routes()
Password = Annotated[str, Field(min_length=1, max_length=passwords.LONGEST)]


class SignInBody(Shape):
    """Of a local account, or of Supabase Auth where that is configured."""

    email: Email
    password: Password
    device: Line = ""
    code: Line = ""


class Session(Shape):
    """Send `token` as `Authorization: Bearer …`; it is not shown again. `device`, sent with the
    next sign-in, gives this browser tries of its own."""

    token: str
    expires_at: datetime
    must_change_password: bool
    device: str


class PortalAccess(Shape):
    """One HubSpot account and what the caller may do there."""

    portal_id: int
    name: str
    state: str
    mode: str
    role: str
    permissions: list[str]
    second_factor: Literal["nobody", "admins", "everyone"]  # who needs one
    time_zone: str  # of the HubSpot account, as "Europe/Berlin"; "UTC" before it is known


class Me(Shape):
    """Who the caller is. `email` is empty for an API key."""

    subject: str
    email: str
    must_change_password: bool
    has_second_factor: bool
    version: str  # of the product that answers
    portals: list[PortalAccess]


class InvitationBody(Shape):
    """The secret of an invitation."""

    code: Line


class InvitationShown(Shape):
    """Whom it is for, and what it offers; `email` is "" for whoever connected the portal."""

    email: str
    role: str
    portal: str


class AcceptBody(Shape):
    """`password`: of the account that the address has, or the one to choose."""

    code: Line
    password: Password
    device: Line = ""
    second_factor: Line = ""
    email: Email | Literal[""] = ""  # where the invitation names nobody


class PasswordBody(Shape):
    """Ends every other session of this person."""

    device: Line = ""
    current: Password
    new: Annotated[str, Field(min_length=passwords.SHORTEST, max_length=passwords.LONGEST)]


@routes.post("/session", needs=Access.ANYONE, body=SignInBody, answer=Session, status=201)
def start(call: Call[Nothing, SignInBody]) -> Session:
    """Sign in with email and password."""
    body, address = call.body, address_of(call.product.stores.settings)
    found = sign_in(call.product, body.email, body.password, address, body.device, body.code)
    return Session(
        token=found.token,
        expires_at=found.expires_at,
        must_change_password=found.user.must_change_password,
        device=found.device,
    )


@routes.post("/invitation/shown", needs=Access.ANYONE, body=InvitationBody, answer=InvitationShown)
def show_invitation(call: Call[Nothing, InvitationBody]) -> InvitationShown:
    """What an invitation offers; 404 when it cannot be used (any more)."""
    found = open_invitation(call.product.stores.database, call.product.stores.clock, call.body.code)
    with call.product.stores.database.read() as conn:
        portal = portals.get(conn, found.portal_id)
    return InvitationShown(
        email=opened(call.product.stores.cipher, found.email_sealed, found.email_mac),
        role=found.role,
        portal=portal.name or f"Portal {portal.portal_id}",
    )


@routes.post(
    "/invitation/accepted", needs=Access.ANYONE, body=AcceptBody, answer=Session, status=201
)
def accept_invitation(call: Call[Nothing, AcceptBody]) -> Session:
    """Accept an invitation: signed in with the role it offers."""
    body, address = call.body, address_of(call.product.stores.settings)
    found = accept(
        call.product,
        body.code,
        body.password,
        address,
        body.device,
        body.second_factor,
        email=body.email,
    )
    return Session(
        token=found.token,
        expires_at=found.expires_at,
        must_change_password=False,
        device=found.device,
    )


@routes.get("/session", needs=Access.SIGNED_IN, answer=Me)
def read(call: Call[Nothing, Nothing]) -> Me:
    """Who is asking, and their portals with roles and rights."""
    caller = call.caller
    with call.product.stores.database.read() as conn:
        known = [p for p in portals.listed(conn) if p.portal_id in caller.roles]
    return Me(
        subject=caller.subject,
        email=_email(call.product.stores.database, call.product.stores.cipher, caller),
        must_change_password=caller.must_change_password,
        has_second_factor=caller.has_second_factor,
        version=VERSION,
        portals=[
            PortalAccess(
                portal_id=portal.portal_id,
                name=portal.name or f"Portal {portal.portal_id}",
                state=portal.state,
                mode=portal.settings.mode.value,
                role=caller.roles[portal.portal_id],
                permissions=_permissions(caller.roles[portal.portal_id]),
                second_factor=portal.settings.second_factor,
                time_zone=str(portals.zone(portal)),
            )
            for portal in known
            if portal.state != "erased"
        ],
    )


@routes.delete("/session", needs=Access.SIGNED_IN)
def end(call: Call[Nothing, Nothing]) -> Nothing:
    """Sign out: the token is refused from now on."""
    if call.caller.session_hash:
        with call.product.stores.database.write() as conn:
            sessions.end(conn, call.caller.session_hash)
            call.record(conn, "session.end", call.caller.subject)
    return Nothing()


@routes.put("/session/password", needs=Access.SIGNED_IN, body=PasswordBody, answer=Nothing)
def change_password(call: Call[Nothing, PasswordBody]) -> Nothing:
    """Choose another password; needs the present one."""
    caller, product = call.caller, call.product
    if not caller.user_id or product.sign_in is not None:
        raise Conflict("this account has no password here")
    with product.stores.database.read() as conn:
        user = users.get(conn, caller.user_id)
    tries = tries_of(
        product.stores.settings,
        user.email_mac,
        address_of(product.stores.settings),
        call.body.device,
    )
    count_try(product.stores.database, product.stores.clock, tries)
    if not passwords.matches(call.body.current, user.password_hash):
        raise Forbidden("the present password is not right")
    if call.body.new == call.body.current:
        raise Conflict("choose another password than the present one")
    stored = passwords.hash_password(call.body.new, email_of(product.stores.cipher, user))
    with product.stores.database.write() as conn:
        forget_tries(conn, tries)
        users.set_password(conn, user.user_id, stored)
        sessions.end_all(conn, user.user_id, but=caller.session_hash)
        call.record(conn, "user.password", caller.subject)
    return Nothing()


def _email(database: Database, cipher: Cipher, caller: Caller) -> str:
    if not caller.user_id:
        return ""
    with database.read() as conn:
        user = users.get(conn, caller.user_id)
    try:
        return email_of(cipher, user)
    except LeadlightError:
        return ""


def _permissions(role: str) -> list[str]:
    held = PERMISSIONS[Role(role)] if role in PERMISSIONS else frozenset()
    return sorted(permission.value for permission in held)
