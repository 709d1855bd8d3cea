"""What remains of an erased contact: a keyed hash of its id, which nobody else can compute."""

from __future__ import annotations

import hashlib
import hmac


def tombstone(secret: str, portal_id: int, contact_id: str) -> str:
    """HMAC-SHA256 in hex over portal and contact id, under a key for this purpose alone."""
    key = hmac.new(secret.encode(), b"leadlight tombstone", hashlib.sha256).digest()
    return hmac.new(key, f"{portal_id}:{contact_id}".encode(), hashlib.sha256).hexdigest()


def looker_mac(secret: str, portal_id: int, user_id: str) -> str:
    """What stands for a user who looks at leads: 16 hexadecimal digits under a key of its own."""
    key = hmac.new(secret.encode(), b"leadlight looker", hashlib.sha256).digest()
    return hmac.new(key, f"{portal_id}:{user_id}".encode(), hashlib.sha256).hexdigest()[:16]


def pseudonym(secret: str, portal_id: int, contact_id: str) -> str:
    """What names a contact on the audit trail: found again by who knows the id, and nobody else."""
    return f"mac:{tombstone(secret, portal_id, contact_id)[:16]}"
