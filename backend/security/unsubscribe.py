"""The signature in an unsubscribe link: it proves that we sent it, and opens nothing else."""

from __future__ import annotations

import hashlib
import hmac


def signature(secret: str, portal_id: int, recipient_id: str) -> str:
    """32 hexadecimal digits under a key for this purpose alone."""
    key = hmac.new(secret.encode(), b"leadlight unsubscribe", hashlib.sha256).digest()
    return hmac.new(key, f"{portal_id}:{recipient_id}".encode(), hashlib.sha256).hexdigest()[:32]


def is_signed(secret: str, portal_id: int, recipient_id: str, given: str) -> bool:
    """Whether the link is ours."""
    return hmac.compare_digest(signature(secret, portal_id, recipient_id), given)
