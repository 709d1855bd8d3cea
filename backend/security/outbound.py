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
    if not is_public(str(address)):
        raise private


# Where IPv6 carries an IPv4 address in its last 32 bits: mapped, and NAT64's public prefix
# (RFC 4291, 6052).
_EMBEDDING: Final = tuple(ipaddress.IPv6Network(net) for net in ("::ffff:0:0/96", "64:ff9b::/96"))
# Site-local, IPv4-compatible, translated (SIIT) and NAT64 within a network (RFC 3879, 2765, 8215).
_NOT_PUBLIC: Final = tuple(
    ipaddress.IPv6Network(net)
    for net in ("fec0::/10", "::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48")
)


def is_public(address: str) -> bool:
    """Whether an IP address is a public host, also by every IPv4 address that stands in it."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return found.is_global and not found.is_multicast
    if any(found in net for net in _NOT_PUBLIC) or found.is_site_local or found.is_multicast:
        return False
    inner = _embedded(found)
    if not inner:
        return found.is_global
    return all(each.is_global and not each.is_multicast for each in inner)


def _embedded(found: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    inner = [each for each in (found.ipv4_mapped, found.sixtofour) if each is not None]
    inner += found.teredo or ()
    if any(found in net for net in _EMBEDDING):
        inner.append(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
    return inner
