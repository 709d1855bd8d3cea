"""Sign in, sign out, choose a password: plain forms that any password manager understands."""

from __future__ import annotations

import os
from contextlib import suppress
from html import escape
from urllib.parse import parse_qs, quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from console.client import ApiError, Client
from console.doorway import COOKIE, SIGN_IN, WELCOME

BODY_MAX = 10_000  # bytes
CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
STYLE = """
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#1d2b3a;background:#f4f6f8;
display:grid;place-items:center;min-height:100vh}
main{background:#fff;padding:2.5rem;border-radius:12px;width:min(22rem,88vw);
box-shadow:0 2px 16px #1d2b3a14}
h1{margin:0 0 .25rem;font-size:1.5rem}p{margin:.25rem 0 1rem;color:#4a5b6c}
label{display:block;margin:.9rem 0 .25rem;font-weight:600;font-size:.9rem}
input{width:100%;box-sizing:border-box;padding:.6rem;border:1px solid #8a97a6;border-radius:6px;
font:inherit}
button{margin-top:1.4rem;width:100%;padding:.7rem;border:0;border-radius:6px;background:#0b7a75;
color:#fff;font:inherit;font-weight:600;cursor:pointer}
.problem{background:#fdecea;color:#8c1d18;padding:.6rem .8rem;border-radius:6px}
"""


def routes() -> list[Route]:
    """Forms and what they send."""
    return [
        Route(SIGN_IN, show_sign_in, methods=["GET"]),
        Route(SIGN_IN, sign_in, methods=["POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
        Route(WELCOME, show_welcome, methods=["GET"]),
        Route(WELCOME, accept, methods=["POST"]),
        Route("/password", show_password, methods=["GET"]),
        Route("/password", change_password, methods=["POST"]),
    ]


def api_url() -> str:
    """Where the backend answers."""
    return os.environ.get("CONSOLE_API_URL", "http://localhost:8000")


async def show_sign_in(request: Request) -> Response:
    """The form."""
    return _sign_in_page(request.query_params.get("next", "/"))


async def sign_in(request: Request) -> Response:
    """The cookie and the page that was wanted, or the form with what was wrong."""
    given = await _form(request)
    back = local(given.get("next", "/"))
    if not _same_origin(request):
        return _sign_in_page(back, "Open this page in its own tab and try again.", 403)
    body = {"email": given.get("email", "").strip(), "password": given.get("password", "")}
    try:
        found = await run_in_threadpool(Client(api_url(), "").send, "POST", "/session", body)
    except ApiError as error:
        return _sign_in_page(back, _refusal(error), 401 if error.status in (400, 401) else 503)
    goal = f"/password?next={quote(back)}" if found["must_change_password"] else back
    return _signed_in(request, found["token"], goal)


def _signed_in(request: Request, token: str, goal: str) -> Response:
    response = RedirectResponse(goal, 303)
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=_is_https(request))
    return response


async def show_welcome(request: Request) -> Response:
    """What an invitation offers, and the form that accepts it."""
    return await _welcome_page(request.query_params.get("code", ""))


async def accept(request: Request) -> Response:
    """Signed in with the role that was offered, or the form with what was wrong."""
    given = await _form(request)
    code, password = given.get("code", ""), given.get("password", "")
    if not _same_origin(request):
        return await _welcome_page(code, "Open this page in its own tab and try again.", 403)
    body = {"code": code, "password": password}
    try:
        found = await run_in_threadpool(
            Client(api_url(), "").send, "POST", "/invitation/accepted", body
        )
    except ApiError as error:
        return await _welcome_page(code, str(error), error.status if error.status else 503)
    return _signed_in(request, found["token"], "/")


async def _welcome_page(code: str, problem: str = "", status: int = 200) -> Response:
    try:
        offer = await run_in_threadpool(
            Client(api_url(), "").send, "POST", "/invitation/shown", {"code": code}
        )
    except ApiError as error:
        known = error.status in (400, 404)
        told = (
            "This invitation was used or has expired: ask for a new one." if known else str(error)
        )
        return _page("Welcome", "", SIGN_IN, "", "Sign in", "/", told, 404 if known else 503, "get")
    fields = (
        f'<input type="hidden" name="code" value="{escape(code)}">'
        '<label for="email">Email</label>'
        f'<input id="email" type="email" autocomplete="username" value="{escape(offer["email"])}"'
        " readonly>"
        '<label for="password">Password (12 characters or more)</label>'
        '<input id="password" name="password" type="password" autocomplete="new-password" required'
        " autofocus>"
    )
    lead = (
        f"{escape(offer['portal'])} offers you the role {escape(offer['role'])}. Choose a "
        "password, or enter yours if you have an account with this address already."
    )
    return _page("Welcome to Leadlight", lead, WELCOME, fields, "Accept", "/", problem, status)


async def sign_out(request: Request) -> Response:
    """The token is refused from now on; the cookie goes. Another site's form does nothing."""
    if not _same_origin(request):
        return RedirectResponse("/", 303)
    token = request.cookies.get(COOKIE, "")
    if token:
        with suppress(ApiError):  # it has ended already, or ends by itself
            await run_in_threadpool(Client(api_url(), token).send, "DELETE", "/session")
    response = RedirectResponse(SIGN_IN, 303)
    response.delete_cookie(COOKIE)
    return response


async def show_password(request: Request) -> Response:
    """The form."""
    return _password_page(request.query_params.get("next", "/"))


async def change_password(request: Request) -> Response:
    """Back to the page that was wanted, or the form with what was wrong."""
    given = await _form(request)
    back = local(given.get("next", "/"))
    if not _same_origin(request):
        return _password_page(back, "Open this page in its own tab and try again.", 403)
    if given.get("new", "") != given.get("again", ""):
        return _password_page(back, "The two new passwords differ.", 400)
    body = {"current": given.get("current", ""), "new": given.get("new", "")}
    client = Client(api_url(), request.cookies.get(COOKIE, ""))
    try:
        await run_in_threadpool(client.send, "PUT", "/session/password", body)
    except ApiError as error:
        if error.status == 401:
            return RedirectResponse(f"{SIGN_IN}?next={quote(back)}", 303)
        return _password_page(back, " ".join(error.problems) or str(error), 400)
    return RedirectResponse(back, 303)


def local(address: str) -> str:
    """A path on this console; anything that would lead elsewhere becomes the first page."""
    parts = urlsplit(address)
    elsewhere = parts.scheme or parts.netloc or not address.startswith("/")
    odd = address.startswith(("//", "/\\")) or any(ord(c) < 32 for c in address)
    return "/" if elsewhere or odd else address


async def _form(request: Request) -> dict[str, str]:
    body = (await request.body())[:BODY_MAX]
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def _same_origin(request: Request) -> bool:
    origin = request.headers.get("origin", "")
    return not origin or urlsplit(origin).netloc == request.headers.get("host", "")


def _is_https(request: Request) -> bool:
    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    return "https" in (request.url.scheme, forwarded)


def _refusal(error: ApiError) -> str:
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
    )
    lead = "Sign in to see your leads' scores."
    return _page("Leadlight", lead, SIGN_IN, fields, "Sign in", back, problem, status)


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
    return _page(title, lead, "/password", fields, "Save", back, problem, status)


def _page(
    title: str,
    lead: str,
    action: str,
    fields: str,
    button: str,
    back: str,
    problem: str,
    status: int,
    method: str = "post",
) -> Response:
    told = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>{title}</h1><p>{lead}</p>{told}"
        f'<form method="{method}" action="{action}">'
        f'<input type="hidden" name="next" value="{escape(local(back))}">{fields}'
        f"<button>{button}</button></form></main></body></html>"
    )
    headers = {"Content-Security-Policy": CSP, "Cache-Control": "no-store"}
    return HTMLResponse(html, status, headers)
