"""Hashes of high-entropy tokens: what is stored instead of an invitation or a nonce."""

from __future__ import annotations

import hashlib


def token_hash(token: str) -> str:
    """SHA-256 in hex; enough for 128 random bits and more, never for passwords."""
    return hashlib.sha256(token.encode()).hexdigest()
