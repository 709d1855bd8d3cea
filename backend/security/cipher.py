"""Secrets at rest: AES-256-GCM, a fresh nonce each, bound to portal and purpose.

A sealed text reads `v2:<key id>:<base64url of nonce, ciphertext and tag>`. The associated data
holds portal id, purpose, key id and whose value it is (a contact, an owner, a user), so a value
that is copied to another portal or another row does not open. `v1` names nobody: such a value is
still read, and sealed again by the daily maintenance and `keys rotate`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.config import EncryptionKey
from backend.errors import BadSettings, Undecipherable, UnknownKey

NONCE_BYTES = 12
_VERSION = "v2"
_UNBOUND = "v1"


class Cipher:
    """Several keys: the first writes, all of them read."""

    def __init__(self, keys: Sequence[EncryptionKey]) -> None:
        if not keys:
            raise BadSettings("ENCRYPTION_KEYS holds no key")
        self._keys = {key.key_id: AESGCM(key.key) for key in keys}
        self._checks = {key.key_id: key_check_value(key) for key in keys}
        self._current = keys[0].key_id

    def __repr__(self) -> str:
        return f"Cipher(keys={list(self._keys)})"

    def seal(self, text: str, *, portal_id: int, purpose: str, subject: str = "") -> str:
        """Encrypt with the current key. `purpose`: e.g. "access_token"; `subject`: the id of the
        row that it belongs to, "" where a portal has one such value."""
        nonce = os.urandom(NONCE_BYTES)
        bound = _bound(portal_id, purpose, self._current, subject)
        sealed = self._keys[self._current].encrypt(nonce, text.encode(), bound)
        return f"{_VERSION}:{self._current}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *, portal_id: int, purpose: str, subject: str = "") -> str:
        """Decrypt. Raises UnknownKey, or Undecipherable: altered, or another portal, purpose or
        subject."""
        version, key_id, encoded = _split(sealed)
        key = self._keys.get(key_id)
        if version not in {_VERSION, _UNBOUND} or key is None:
            raise UnknownKey(
                f"no key {key_id[:40]!r} in ENCRYPTION_KEYS: add the key that sealed this, "
                "or connect the portal again"
            )
        try:
            raw = base64.b64decode(encoded, altchars=b"-_", validate=True)
            nonce, body = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
            bound = _bound(portal_id, purpose, key_id, None if version == _UNBOUND else subject)
            return key.decrypt(nonce, body, bound).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise Undecipherable(
                f"the {purpose} of portal {portal_id} does not open with key {key_id!r}: "
                "altered, moved, or the key is another one of that name"
            ) from None

    def needs_rewrite(self, sealed: str) -> bool:
        """True when it was not sealed with the current key, or names nobody that it belongs to."""
        return _split(sealed)[:2] != (_VERSION, self._current)

    def check_values(self) -> Mapping[str, str]:
        """Key id → check value, to be stored at the first start and compared at every other."""
        return dict(self._checks)

    def compare(self, stored: Mapping[str, str]) -> None:
        """Raises BadSettings when a key id now stands for another key than when it was stored."""
        wrong = [i for i, value in self._checks.items() if stored.get(i, value) != value]
        if wrong:
            raise BadSettings(
                f"ENCRYPTION_KEYS: {', '.join(wrong)} is not the key that sealed the stored "
                "tokens; restore it, or give the new key a new id and put it first"
            )


def key_id_of(sealed: str) -> str:
    """Which key a sealed text needs."""
    return _split(sealed)[1]


def key_check_value(key: EncryptionKey) -> str:
    """Eight bytes in hex that identify a key and say nothing else about it."""
    return hmac.new(key.key, b"leadlight key check value", hashlib.sha256).hexdigest()[:16]


def _bound(portal_id: int, purpose: str, key_id: str, subject: str | None) -> bytes:
    """`subject` None: a value of version 1, which names none."""
    whose = "" if subject is None else f":{_VERSION}:{subject}"
    return f"leadlight:{portal_id}:{purpose}:{key_id}{whose}".encode()


def _split(sealed: str) -> tuple[str, str, str]:
    parts = sealed.split(":", 2)
    if len(parts) != 3:
        raise Undecipherable("the stored secret is not in a form that this version wrote")
    return parts[0], parts[1], parts[2]
