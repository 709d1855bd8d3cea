"""Whose request is it, behind proxies? The nearest address that is not one of our own proxies."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

HOPS_MAX: Final = 20  # of X-Forwarded-For, from its end: the rest is the sender's own invention
IPV6_PREFIX: Final = 64  # a home or an office has as many addresses as it likes in one of these
Network = IPv4Network | IPv6Network


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The client's IPv4 address or IPv6 /64 network, as text; `peer` itself when it is no address.

    `forwarded_for` is believed only as far as `trusted` proxies have written it: from its end, as
    long as the one that wrote an entry is trusted.
    """
    hops = [hop.strip() for hop in forwarded_for.split(",")][-HOPS_MAX:]
    current = peer
    while hops and _is_in(current, trusted) and _is_address(hops[-1]):
        current = hops.pop()
    if not _is_address(current):
        return peer
    address = ip_address(current)
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return str(mapped)
    return str(address) if address.version == 4 else str(ip_network((address, IPV6_PREFIX), False))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(text: str, networks: Sequence[Network]) -> bool:
    if not _is_address(text):
        return False
    address = ip_address(text)
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in networks if network.version == address.version)
