"""Setting up a second factor: a QR code for an authenticator app, and a code that proves it."""

from __future__ import annotations

from html import escape

import segno
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console import cookies
from console.client import ApiError, SignedOut
from console.doorway import SECOND_FACTOR, SIGN_IN
from console.forms import api_of, form_of, is_same_origin, page


async def show_second_factor(request: Request) -> Response:
    """A fresh secret, or the way to the sign-in page."""
    return await _offered(request)


async def set_up(request: Request) -> Response:
    """To the console, or the form with another secret and what was wrong."""
    given = await form_of(request)
    if not is_same_origin(request):
        return RedirectResponse(SECOND_FACTOR, 303)
    body = {name: given.get(name, "") for name in ("secret", "code", "password")}
    client = api_of(request, cookies.value(request.cookies, cookies.SESSION))
    try:
        await run_in_threadpool(client.send, "PUT", "/session/second-factor", body)
    except SignedOut:
        return RedirectResponse(SIGN_IN, 303)
    except ApiError as error:
        return await _offered(request, str(error), error.status or 503)
    return RedirectResponse("/", 303)


async def _offered(request: Request, problem: str = "", status: int = 200) -> Response:
    client = api_of(request, cookies.value(request.cookies, cookies.SESSION))
    try:
        offer = await run_in_threadpool(client.send, "POST", "/session/second-factor")
    except SignedOut:
        return RedirectResponse(SIGN_IN, 303)
    secret = offer["secret"]
    picture = segno.make(offer["address"], error="m").svg_inline(scale=4, title="QR code")
    fields = (
        f'<p style="text-align:center">{picture}</p>'
        f'<p style="word-break:break-all">Or type this key: <code>{escape(secret)}</code></p>'
        f'<input type="hidden" name="secret" value="{escape(secret)}">'
        '<label for="code">Code that the app shows now</label>'
        '<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required'
        " autofocus>"
        '<label for="password">Your password</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password"'
        " required>"
    )
    lead = "Scan this with an authenticator app. Every sign-in then asks for its code as well."
    return page("Second factor", lead, SECOND_FACTOR, fields, "Set up", "/", problem, status)
