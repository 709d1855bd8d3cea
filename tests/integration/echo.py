"""A WSGI app that says what it got: for tests of the server in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

LARGE = 8_000_000  # bytes: more than the network takes at once


def build() -> Callable[..., Iterable[bytes]]:
    """`/large` answers LARGE bytes, everything else path and body."""

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        path = environ["PATH_INFO"]
        answer = b"x" * LARGE if path == "/large" else path.encode() + b" " + body
        start("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]

    return app
