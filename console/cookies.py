"""The console's cookies: the session, and the token of a browser that has signed in before.

With CONSOLE_PUBLIC_URL on https they are `Secure` and carry the `__Host-` prefix, by which browsers
take them from this very host alone and over https alone. On plain http (a demo) they cannot.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

DEVICE_S: Final = 400 * 86_400  # the longest that browsers keep a cookie
SESSION: Final = "leadlight_session"
DEVICE: Final = "leadlight_device"


def is_secure() -> bool:
    """Whether the console is only ever opened over https."""
    return os.environ.get("CONSOLE_PUBLIC_URL", "").startswith("https://")


def value(cookies: Mapping[str, str], name: str) -> str:
    """Of SESSION or DEVICE; "" when the browser has none."""
    return cookies.get(_full(name), "")


def keep(response: Response, name: str, text: str, max_age_s: int | None = None) -> None:
    """No script reads it, no other site sends it."""
    response.set_cookie(
        _full(name),
        text,
        max_age_s,
        path="/",
        httponly=True,
        samesite="strict",
        secure=is_secure(),
    )


def forget(response: Response, name: str) -> None:
    """Take it away."""
    response.delete_cookie(
        _full(name), path="/", httponly=True, samesite="strict", secure=is_secure()
    )


def _full(name: str) -> str:
    return f"__Host-{name}" if is_secure() else name
