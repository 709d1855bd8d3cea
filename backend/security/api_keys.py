"""API keys: `ll_<public prefix>_<256 random bits>`; shown once, stored as a hash."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

_FORM = re.compile(r"(ll_[0-9a-f]{12})_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A fresh key. `text` is given to the user and never stored."""

    prefix: str
    key_hash: str
    text: str = field(repr=False)


def make() -> MadeKey:
    """A key with a 48-bit public prefix and a 256-bit secret."""
    prefix = f"ll_{secrets.token_hex(6)}"
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    return MadeKey(prefix, hash_of(text), text)


def prefix_of(text: str) -> str:
    """The public part of a presented key, to find its row; "" when it is no key of ours."""
    match = _FORM.fullmatch(text)
    return match.group(1) if match else ""


def hash_of(text: str) -> str:
    """SHA-256 in hex; the key has 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def matches(text: str, key_hash: str) -> bool:
    """Constant-time comparison of a presented key with a stored hash."""
    presented = hash_of(text).encode()
    return hmac.compare_digest(presented, key_hash.encode("utf-8", "replace")) and bool(
        prefix_of(text)
    )
