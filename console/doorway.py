"""In front of every page: security headers, and the sign-in page for whoever has no session."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.bodies import FORM_MAX, UPLOAD_MAX, Refused, received
from console.client import ApiError
from console.sessions import Sessions

SIGN_IN = "/sign-in"
SIGN_OUT = "/sign-out"
SECOND_FACTOR = "/second-factor"
WELCOME = "/welcome"  # where an invitation is accepted
FORMS = frozenset({SIGN_IN, SIGN_OUT, "/password", WELCOME, SECOND_FACTOR})
# Streamlit sets styles and positions in `style` attributes and draws charts from blobs; no script
# but its own files runs, and nothing is sent or loaded from anywhere else.
CSP = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


class Doorway:
    """Pages, sockets and uploads are for sessions that the API knows; forms are bounded.

    Streamlit's own files (scripts, fonts, health) are the same for everybody and pass.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._sessions = Sessions()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        connection = HTTPConnection(scope)
        refusal = await self._refusal(connection)
        if refusal is None and scope["type"] == "http":
            limit = UPLOAD_MAX if needs_session(connection) else FORM_MAX
            try:
                receive = await received(connection, receive, limit)
            except Refused as error:
                refusal = _closing(str(error), error.status)
        if refusal is None:
            await self._app(scope, receive, with_headers)
            if connection.url.path == SIGN_OUT:
                self._sessions.forget(connection)
        elif scope["type"] == "http":
            await refusal(scope, receive, with_headers)
        else:
            await send({"type": "websocket.close", "code": 1008})  # policy violation

    async def _refusal(self, connection: HTTPConnection) -> Response | None:
        """The answer to whoever has no session where one is needed."""
        if not needs_session(connection):
            return None
        try:
            if await self._sessions.knows(connection):
                return None
        except ApiError as error:
            return _closing(str(error), 503)
        if is_page(connection):
            return RedirectResponse(f"{SIGN_IN}?next={quote(wanted(connection))}", 303)
        return _closing("Sign in first.", 401)


def _closing(message: str, status: int) -> Response:
    """What is still to come of the request is not read."""
    return PlainTextResponse(f"{message}\n", status, {"Connection": "close"})


def needs_session(connection: HTTPConnection) -> bool:
    """Pages, sockets, and whatever sends something that is not one of our forms."""
    if connection.scope["type"] == "websocket" or is_page(connection):
        return True
    sends = connection.scope["method"] not in {"GET", "HEAD", "OPTIONS"}
    return sends and connection.url.path not in FORMS


def is_page(connection: HTTPConnection) -> bool:
    """A browser opening an address, as it says itself; never a file or a socket."""
    path = connection.url.path
    named = path.rpartition("/")[2]
    return (
        connection.scope["type"] == "http"
        and path not in FORMS
        and not path.startswith(("/static/", "/_stcore/", "/media/", "/component/", "/vendor/"))
        and "." not in named
    )


def wanted(connection: HTTPConnection) -> str:
    """The address to come back to, filters included."""
    query = connection.url.query
    return f"{connection.url.path}?{query}" if query else connection.url.path
