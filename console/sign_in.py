"""Sign in, sign out, choose a password: plain forms that any password manager understands."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from console import cookies
from console.client import ApiError
from console.doorway import SECOND_FACTOR, SIGN_IN, WELCOME
from console.forms import api_of, form_of, is_same_origin, local, page, signed_in
from console.second_factor import set_up, show_second_factor
from console.welcome import ELSEWHERE, accept, show_welcome

KEEP: Final = Path(__file__).parent / "keep.js"


def routes() -> list[Route]:
    """Forms and what they send."""
    return [
        Route(SIGN_IN, show_sign_in, methods=["GET"]),
        Route(SECOND_FACTOR, show_second_factor, methods=["GET"]),
        Route(SECOND_FACTOR, set_up, methods=["POST"]),
        Route(SIGN_IN, sign_in, methods=["POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
        Route(WELCOME, show_welcome, methods=["GET"]),
        Route(WELCOME, accept, methods=["POST"]),
        Route("/keep.js", keep_script, methods=["GET"]),
        Route("/password", show_password, methods=["GET"]),
        Route("/password", change_password, methods=["POST"]),
    ]


async def keep_script(request: Request) -> Response:
    """What saves a page as a file, in the browser."""
    return FileResponse(KEEP, media_type="text/javascript")


async def show_sign_in(request: Request) -> Response:
    """The form."""
    return _sign_in_page(request.query_params.get("next", "/"))


async def sign_in(request: Request) -> Response:
    """The cookie and the page that was wanted, or the form with what was wrong."""
    given = await form_of(request)
    back = local(given.get("next", "/"))
    if not is_same_origin(request):
        return _sign_in_page(back, ELSEWHERE, 403)
    body = {
        "email": given.get("email", "").strip(),
        "password": given.get("password", ""),
        "code": given.get("code", ""),
        "device": cookies.value(request.cookies, cookies.DEVICE),
    }
    try:
        found = await run_in_threadpool(api_of(request).send, "POST", "/session", body)
    except ApiError as error:
        return _sign_in_page(back, _refusal(error), 401 if error.status in (400, 401) else 503)
    goal = f"/password?next={quote(back)}" if found["must_change_password"] else back
    return signed_in(found, goal)


async def sign_out(request: Request) -> Response:
    """The token is refused from now on; the cookie goes. Another site's form does nothing."""
    if not is_same_origin(request):
        return RedirectResponse("/", 303)
    token = cookies.value(request.cookies, cookies.SESSION)
    if token:
        with suppress(ApiError):  # it has ended already, or ends by itself
            await run_in_threadpool(api_of(request, token).send, "DELETE", "/session")
    response = RedirectResponse(SIGN_IN, 303)
    cookies.forget(response, cookies.SESSION)
    return response


async def show_password(request: Request) -> Response:
    """The form."""
    return _password_page(request.query_params.get("next", "/"))


async def change_password(request: Request) -> Response:
    """Back to the page that was wanted, or the form with what was wrong."""
    given = await form_of(request)
    back = local(given.get("next", "/"))
    if not is_same_origin(request):
        return _password_page(back, ELSEWHERE, 403)
    if given.get("new", "") != given.get("again", ""):
        return _password_page(back, "The two new passwords differ.", 400)
    body = {
        "current": given.get("current", ""),
        "new": given.get("new", ""),
        "device": cookies.value(request.cookies, cookies.DEVICE),
    }
    client = api_of(request, cookies.value(request.cookies, cookies.SESSION))
    try:
        await run_in_threadpool(client.send, "PUT", "/session/password", body)
    except ApiError as error:
        if error.status == 401:
            return RedirectResponse(f"{SIGN_IN}?next={quote(back)}", 303)
        return _password_page(back, " ".join(error.problems) or str(error), 400)
    return RedirectResponse(back, 303)


def _refusal(error: ApiError) -> str:
    if error.code == "second_factor_needed":
        return "Enter your password again, with the code that your authenticator app shows now."
    if error.status in (400, 401):
        return "Email or password are not right."
    return str(error)


def _sign_in_page(back: str, problem: str = "", status: int = 200) -> Response:
    fields = (
        '<label for="email">Email</label>'
        '<input id="email" name="email" type="email" autocomplete="username" required autofocus>'
        '<label for="password">Password</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password"'
        " required>"
        '<label for="code">Code of your authenticator app, if you use one</label>'
        '<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code">'
    )
    lead = "Sign in to see your leads' scores."
    return page("Leadlight", lead, SIGN_IN, fields, "Sign in", back, problem, status)


def _password_page(back: str, problem: str = "", status: int = 200) -> Response:
    names = (
        ("current", "Present or one-time password", "current-password"),
        ("new", "New password (12 characters or more)", "new-password"),
        ("again", "New password again", "new-password"),
    )
    fields = "".join(
        f'<label for="{name}">{label}</label><input id="{name}" name="{name}" type="password"'
        f' autocomplete="{kind}" required>'
        for name, label, kind in names
    )
    lead = "Yours was made by somebody else, or you want another one."
    title = "Choose a password"
    return page(title, lead, "/password", fields, "Save", back, problem, status)
