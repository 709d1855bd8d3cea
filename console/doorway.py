"""In front of every page: security headers, and the sign-in page for whoever has no session."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console import cookies

SIGN_IN = "/sign-in"
SECOND_FACTOR = "/second-factor"
WELCOME = "/welcome"  # where an invitation is accepted
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
    """A page without a session's cookie becomes a redirect; what the cookie is worth, the API says.

    Streamlit's own files (scripts, fonts, health) are the same for everybody and pass.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
        if is_page(connection) and not cookies.value(connection.cookies, cookies.SESSION):
            response = RedirectResponse(f"{SIGN_IN}?next={quote(wanted(connection))}", 303)
            await response(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


def is_page(connection: HTTPConnection) -> bool:
    """A browser opening an address, as it says itself; never a file or a socket."""
    path = connection.url.path
    named = path.rpartition("/")[2]
    ours = path in {SIGN_IN, "/sign-out", "/password", WELCOME, SECOND_FACTOR}
    return (
        connection.scope["type"] == "http"
        and not ours
        and not path.startswith(("/static/", "/_stcore/", "/media/", "/component/", "/vendor/"))
        and "." not in named
    )


def wanted(connection: HTTPConnection) -> str:
    """The address to come back to, filters included."""
    query = connection.url.query
    return f"{connection.url.path}?{query}" if query else connection.url.path
