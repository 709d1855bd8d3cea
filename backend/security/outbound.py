"""Which addresses a customer may have us call."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from backend.errors import Permanent
from backend.transit import LOOPBACK

URL_MAX: Final = 2_000  # characters
_PORTS: Final = frozenset({None, 443, 8443})


def check_url(url: str, *, on_loopback: bool) -> None:
    """Raises Permanent, with the cure, unless the address may be called.

    Only https to a public name, on the usual ports, without user and password. While the whole
    product runs on one machine, that machine may be called without encryption too. What a name
    resolves to is looked at when it is called.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Permanent("the notification address is not an address") from None
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > URL_MAX:
        raise Permanent("the notification address has characters that do not belong there")
    if on_loopback and parts.scheme in {"http", "https"} and host in LOOPBACK:
        return
    if parts.scheme != "https":
        raise Permanent("the notification address must start with https://")
    if parts.username or parts.password:
        raise Permanent("the notification address must not hold a user name or password")
    if port not in _PORTS:
        raise Permanent("the notification address may use port 443 or 8443 only")
    _check_host(host)


def _check_host(host: str) -> None:
    private = Permanent(
        "the notification address leads into a private network: set one that is public"
    )
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if "." not in host or host.endswith((".local", ".internal", ".localhost")):
            raise private from None
        return
    if not address.is_global:
        raise private
