"""Which addresses are public, with every way in which IPv6 carries an IPv4 address."""

from __future__ import annotations

import ipaddress

import pytest

from backend.clients.notifier import WebhookNotifier
from backend.errors import Permanent
from backend.security.outbound import check_url, is_public

PRIVATE_V4 = (
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "192.168.1.1",
    "172.16.0.1",
    "0.0.0.1",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "192.0.2.1",
)
PUBLIC_V4 = ("93.184.216.34", "8.8.8.8", "1.1.1.1")
PLAIN_V6 = (
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00::1",
    "fec0::1",
    "feff::1",
    "ff02::1",
    "2001:db8::1",
    "64:ff9b:1::1",
    "64:ff9b:1:ffff::8.8.8.8",
    "100::1",
    "::8.8.8.8",
    "::ffff:0:8.8.8.8",
)


def forms(address: str) -> list[str]:
    """An IPv4 address as IPv6 writes it."""
    number = int(ipaddress.IPv4Address(address))
    high, low = number >> 16, number & 0xFFFF
    turned = number ^ 0xFFFFFFFF
    return [
        address,
        f"::ffff:{address}",
        f"::{high:x}:{low:x}",
        f"::ffff:0:{high:x}:{low:x}",
        f"64:ff9b::{high:x}:{low:x}",
        f"64:ff9b:1::{high:x}:{low:x}",
        f"2002:{high:x}:{low:x}::1",
        f"2001:0:5db8:d822::{turned >> 16:x}:{turned & 0xFFFF:x}",
    ]


@pytest.mark.parametrize("address", [*(f for a in PRIVATE_V4 for f in forms(a)), *PLAIN_V6])
def test_no_form_of_a_private_address_is_public_and_none_is_called(address: str) -> None:
    assert not is_public(address)
    notifier = WebhookNotifier(on_loopback=False, resolve=lambda host, port: [address])
    with pytest.raises(Permanent, match="private network"):
        notifier.send("https://hooks.example.com/x", {})
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Permanent):
        check_url(f"https://{host}/x", on_loopback=False)


@pytest.mark.parametrize(
    "address", [*PUBLIC_V4, "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]
)
def test_public_addresses_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("text", ["", "x", "1.2.3", "0x7f.1", "2130706433", "::g", "1.2.3.4.5"])
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)
