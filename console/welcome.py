"""Accepting an invitation: its person chooses a password, or enters the one they have."""

from __future__ import annotations

from html import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from console import cookies
from console.client import ApiError
from console.doorway import SIGN_IN, WELCOME
from console.forms import api_of, form_of, is_same_origin, local, page, signed_in

START = "/start"  # what an installer is led to
ELSEWHERE = "Open this page in its own tab and try again."


async def show_welcome(request: Request) -> Response:
    """What an invitation offers, and the form that accepts it."""
    return await _shown(request, request.query_params.get("code", ""))


async def accept(request: Request) -> Response:
    """Signed in with the role that was offered, or the form with what was wrong."""
    given = await form_of(request)
    code, password = given.get("code", ""), given.get("password", "")
    if not is_same_origin(request):
        return await _shown(request, code, ELSEWHERE, 403)
    body = {
        "code": code,
        "password": password,
        "second_factor": given.get("second_factor", ""),
        "email": given.get("email", "").strip(),
        "device": cookies.value(request.cookies, cookies.DEVICE),
    }
    try:
        found = await run_in_threadpool(api_of(request).send, "POST", "/invitation/accepted", body)
    except ApiError as error:
        return await _shown(request, code, str(error), error.status if error.status else 503)
    return signed_in(found, local(given.get("next", "/")))


async def _shown(request: Request, code: str, problem: str = "", status: int = 200) -> Response:
    try:
        offer = await run_in_threadpool(
            api_of(request).send, "POST", "/invitation/shown", {"code": code}
        )
    except ApiError as error:
        known = error.status in (400, 404)
        told = (
            "This invitation was used or has expired: ask for a new one." if known else str(error)
        )
        return page("Welcome", "", SIGN_IN, "", "Sign in", "/", told, 404 if known else 503, "get")
    fields = (
        f'<input type="hidden" name="code" value="{escape(code)}">'
        '<label for="email">Email</label>'
        '<input id="email" name="email" type="email" autocomplete="username"'
        f' value="{escape(offer["email"])}" {"readonly" if offer["email"] else "required"}>'
        '<label for="password">Password (12 characters or more)</label>'
        '<input id="password" name="password" type="password" autocomplete="new-password" required'
        " autofocus>"
        '<label for="second">Code of your authenticator app, if you use one</label>'
        '<input id="second" name="second_factor" inputmode="numeric" autocomplete="one-time-code">'
    )
    if not offer["email"]:
        lead = (
            f"{escape(offer['portal'])} is connected. You become its first admin: with an account "
            "of your own, which anybody with this link could make until you do."
        )
        return page("Welcome to Leadlight", lead, WELCOME, fields, "Go on", START, problem, status)
    lead = (
        f"{escape(offer['portal'])} offers you the role {escape(offer['role'])}. Choose a "
        "password, or enter yours if you have an account with this address already."
    )
    return page("Welcome to Leadlight", lead, WELCOME, fields, "Accept", "/", problem, status)
