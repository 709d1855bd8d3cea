"""`python -m assistant`: the MCP server over HTTP, or with `--stdio` for a desktop assistant.

Over HTTP every caller sends an API key of their own; over stdio the key is `LEADLIGHT_API_KEY`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import uvicorn
from mcp.server.mcpserver import Context
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.deadline import WithDeadline
from assistant.tools import server
from console.api import Api

VERSION: Final = "1"
BODY_MAX: Final = 65_536  # bytes; the longest arguments are a few hundred
REQUESTS_MAX: Final = 40  # at once; each holds a thread while the API answers
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def main(argv: list[str], environ: Mapping[str, str]) -> None:
    """Serve until the end of input or a signal."""
    base = api_url(environ)
    if argv == ["--stdio"]:
        key = environ.get("LEADLIGHT_API_KEY", "")
        if not key:
            raise SystemExit("LEADLIGHT_API_KEY is not set: make a key in the console on Access")
        server(lambda _: Api(base, key), VERSION).run("stdio")
        return
    if argv:
        raise SystemExit("usage: python -m assistant [--stdio]")
    host = environ.get("MCP_HOST", "") or "127.0.0.1"
    uvicorn.run(
        app(base),
        host=host,
        port=port(environ),
        log_level="warning",
        limit_concurrency=REQUESTS_MAX,
        http=WithDeadline,
        ws="none",
    )


def port(environ: Mapping[str, str]) -> int:
    """Where to listen, 8600 where `MCP_PORT` says nothing."""
    text = environ.get("MCP_PORT", "") or "8600"
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65_536):
        raise SystemExit(f"MCP_PORT={text} is no port: a number from 1 to 65535")
    return int(text)


def api_url(environ: Mapping[str, str]) -> str:
    """Where `/api/v1` is; off this machine only encrypted, because keys travel there."""
    url = environ.get("LEADLIGHT_API_URL", "") or "http://localhost:8000"
    parts = urlsplit(url)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and (parts.hostname or "") in _LOOPBACK
    ):
        raise SystemExit(f"LEADLIGHT_API_URL={url} must start with https://")
    return url


def app(base: str) -> ASGIApp:
    """The server for HTTP at `/mcp`: no sessions, one JSON answer per request."""

    def ask(ctx: Context[Any, Any]) -> Api:
        scheme, _, key = (ctx.headers or {}).get("authorization", "").partition(" ")
        return Api(base, key.strip() if scheme.lower() == "bearer" else "")

    inner = server(ask, VERSION).streamable_http_app(
        json_response=True,
        stateless_http=True,
        max_request_body_size=BODY_MAX,
        # A page in a browser cannot send somebody's key, so it may come under any host's name.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return WithKey(inner)


class WithKey:
    """Nothing is answered without a key; whether it is a good one is the API's to say."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """401 for a request without `Authorization: Bearer …`."""
        if scope["type"] == "http":
            headers = {name: value for name, value in scope["headers"]}
            if not headers.get(b"authorization", b"").lower().startswith(b"bearer "):
                await _refuse(send)
                return
        await self._inner(scope, receive, send)


async def _refuse(send: Send) -> None:
    body = b'{"ok": false, "code": "not_signed_in", "message": "send an API key as a bearer token"}'
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"www-authenticate", b"Bearer"),
    ]
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
