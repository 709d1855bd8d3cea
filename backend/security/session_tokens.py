"""Console sessions: `lls_<256 random bits>`; held by the browser's side, stored as a hash."""

from __future__ import annotations

import hmac
import re
import secrets

from backend.security.hashes import token_hash
from backend.security.lookup import lookup_mac

_INVITATION = re.compile(r"lli_[A-Za-z0-9_-]{43}")
_FORM = re.compile(r"lls_[A-Za-z0-9_-]{43}")


def make() -> str:
    """A fresh token, given out once."""
    return f"lls_{secrets.token_urlsafe(32)}"


def hash_of(text: str) -> str:
    """What is stored and looked up; "" when it is no token of ours."""
    return token_hash(text) if _FORM.fullmatch(text) else ""


def make_invitation() -> str:
    """The secret of an invitation."""
    return f"lli_{secrets.token_urlsafe(32)}"


def hash_of_invitation(text: str) -> str:
    """What is stored and looked up; "" when it is no secret of ours."""
    return token_hash(text) if _INVITATION.fullmatch(text) else ""


def make_device(secret: str, account: str) -> str:
    """What a browser keeps that has signed in to this account: it gets tries of its own there."""
    nonce = secrets.token_urlsafe(16)
    return f"lld_{nonce}.{_device_mac(secret, account, nonce)}"


def device_of(secret: str, account: str, text: str) -> str:
    """The device's name, "" for a token that was not made for this account."""
    nonce, dot, mac = text.removeprefix("lld_").partition(".")
    expected = _device_mac(secret, account, nonce)
    known = (
        text.startswith("lld_")
        and bool(dot)
        and hmac.compare_digest(mac.encode("utf-8", "replace"), expected.encode())
    )
    return token_hash(nonce) if known else ""


def _device_mac(secret: str, account: str, nonce: str) -> str:
    return lookup_mac(secret, "device", f"{account}:{nonce}")


def one_time_password() -> str:
    """Four groups of five letters and digits, 100 random bits; to be changed after signing in."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
    groups = ("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))
    return "-".join(groups)
