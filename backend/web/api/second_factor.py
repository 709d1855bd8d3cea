"""A second factor: set up by its owner, asked for at sign-in, required by a portal's admins."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from backend.errors import BadInput, Conflict, Forbidden
from backend.security import totp
from backend.security.passwords import LONGEST, matches
from backend.security.roles import Permission
from backend.services import settings
from backend.services.accounts import email_of
from backend.storage.access import users
from backend.storage.access.users import User
from backend.web.address import address_of
from backend.web.api.framework.endpoints import Access, Call, Routes
from backend.web.api.framework.shapes import Nothing, Shape
from backend.web.api.sign_in import count_try, forget_tries, seal_secret, tries_of, uses_code

routes = Routes()
Code = Annotated[str, Field(pattern=r"^[0-9 ]{6,10}$")]
Password = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class Offered(Shape):
    """`address` is what an authenticator app reads; nothing is stored before a code proves it."""

    secret: str
    address: str


class SetUpBody(Shape):
    """The secret that was offered, a code that the app made of it, and the present password."""

    secret: Annotated[str, Field(max_length=64)]
    code: Code
    password: Password


class RemoveBody(Shape):
    """A code and the present password."""

    code: Code
    password: Password


class RequiredBody(Shape):
    """Who needs a second factor in this portal."""

    second_factor: Literal["nobody", "admins", "everyone"]


@routes.post("/session/second-factor", needs=Access.SIGNED_IN, answer=Offered)
def offer(call: Call[Nothing, Nothing]) -> Offered:
    """A fresh secret to put into an authenticator app."""
    user = _person(call)
    secret = totp.make_secret()
    return Offered(
        secret=secret, address=totp.address(secret, email_of(call.product.stores.cipher, user))
    )


@routes.put("/session/second-factor", needs=Access.SIGNED_IN, body=SetUpBody, answer=Nothing)
def set_up(call: Call[Nothing, SetUpBody]) -> Nothing:
    """Ask for a code at every sign-in from now on."""
    product, body = call.product, call.body
    user = _proven(call, body.password)
    if user.totp_sealed is not None:
        raise Conflict("a second factor is set up already: remove it first")
    step = (
        totp.step_of(body.secret, body.code, product.stores.clock.now(), None)
        if totp.is_secret(body.secret)
        else None
    )
    if step is None:
        raise BadInput("this code is not right: enter the one that the app shows now")
    with product.stores.database.write() as conn:
        users.set_totp(
            conn, user.user_id, seal_secret(product.stores.cipher, user.user_id, body.secret), step
        )
        call.record(conn, "user.second_factor", user.subject, {"set_up": True})
    return Nothing()


@routes.post(
    "/session/second-factor/removal", needs=Access.SIGNED_IN, body=RemoveBody, answer=Nothing
)
def remove(call: Call[Nothing, RemoveBody]) -> Nothing:
    """Ask for the password alone from now on."""
    user = _proven(call, call.body.password)
    if not uses_code(call.product.stores, user, call.body.code):
        raise BadInput("this code is not right: enter the one that the app shows now")
    with call.product.stores.database.write() as conn:
        users.set_totp(conn, user.user_id, None, None)
        call.record(conn, "user.second_factor", user.subject, {"set_up": False})
    return Nothing()


@routes.put(
    "/portals/<int:portal_id>/settings/second-factor",
    needs=Permission.MANAGE_USERS,
    body=RequiredBody,
    answer=Nothing,
)
def require(call: Call[Nothing, RequiredBody]) -> Nothing:
    """Who sees nothing of this portal before having set up a second factor."""
    if call.body.second_factor != "nobody" and not call.caller.has_second_factor:
        raise Conflict("set up a second factor of your own first: you would be locked out")
    wanted, actor = call.body.second_factor, call.caller.subject
    settings.change(
        call.product,
        call.portal_id,
        lambda before: replace(before, second_factor=wanted),
        actor=actor,
    )
    return Nothing()


def _person(call: Call[Nothing, Any]) -> User:
    if not call.caller.user_id:
        raise Conflict("an API key has no second factor")
    with call.product.stores.database.read() as conn:
        return users.get(conn, call.caller.user_id)


def _proven(call: Call[Nothing, Any], password: str) -> User:
    """The person, whose password was right; with Supabase Auth it is asked. Raises Forbidden."""
    user, product = _person(call), call.product
    tries = tries_of(
        product.stores.settings, user.email_mac, address_of(product.stores.settings), ""
    )
    count_try(product.stores.database, product.stores.clock, tries)
    service = product.sign_in
    right = (
        matches(password, user.password_hash)
        if service is None
        else service.sign_in(email_of(product.stores.cipher, user), password) is not None
    )
    if not right:
        raise Forbidden("the present password is not right")
    with product.stores.database.write() as conn:
        forget_tries(conn, tries)
    return user
