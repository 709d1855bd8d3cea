"""Finding a row by an email address without storing it in the clear."""

from __future__ import annotations

import hashlib
import hmac


def normal_email(text: str) -> str:
    """One spelling per mailbox as people type it: trimmed, lower case."""
    return text.strip().casefold()


def lookup_mac(secret: str, purpose: str, text: str) -> str:
    """A keyed hash, 64 hex digits: equal texts find each other, the text cannot be guessed
    without `secret`."""
    bound = f"leadlight {purpose}\0{text}".encode()
    return hmac.new(secret.encode(), bound, hashlib.sha256).hexdigest()
