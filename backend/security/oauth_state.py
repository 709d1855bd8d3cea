"""The OAuth `state`: 128 random bits, signed, ten minutes, bound to the browser that began.

It works once: the caller stores the nonce as used in the same transaction that goes on.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from backend.config import OAUTH_STATE_S
from backend.errors import BadInput

_LONGEST = 2_000  # characters


@dataclass(frozen=True, slots=True)
class State:
    """A state that was ours: its nonce (to be used once) and the invitation it began with."""

    nonce: str
    invitation: str
    issued_at: datetime


def make(secret: str, *, browser: str, invitation: str, now: datetime) -> str:
    """A URL-safe state. `browser`: the random value of the session cookie set alongside."""
    content = {
        "n": secrets.token_urlsafe(16),
        "i": invitation,
        "t": int(now.timestamp()),
    }
    body = _encode(json.dumps(content, separators=(",", ":")).encode())
    return f"{body}.{_encode(_mac(secret, browser, body))}"


def check(secret: str, text: str, *, browser: str, now: datetime) -> State:
    """Raises BadInput for a state that is missing, altered, expired, or another browser's."""
    body, dot, signature = text.partition(".")
    if not dot or not browser or len(text) > _LONGEST:
        raise BadInput("the state is missing or incomplete: start again from the invitation")
    expected = _encode(_mac(secret, browser, body))
    if not hmac.compare_digest(signature.encode("utf-8", "replace"), expected.encode()):
        raise BadInput("the state was not issued to this browser: start again")
    try:
        content = json.loads(_decode(body))
        issued_at = datetime.fromtimestamp(content["t"], UTC)
        state = State(str(content["n"]), str(content["i"]), issued_at)
    except (ValueError, KeyError, TypeError, binascii.Error, OverflowError) as error:
        raise BadInput("the state cannot be read: start again") from error
    age_s = (now - issued_at).total_seconds()
    if not -1 <= age_s <= OAUTH_STATE_S:
        raise BadInput(f"the state is older than {OAUTH_STATE_S // 60} minutes: start again")
    return state


def _mac(secret: str, browser: str, body: str) -> bytes:
    """Keyed for this purpose alone; lengths cannot be shifted between browser and body."""
    key = hmac.new(secret.encode(), b"leadlight oauth state", hashlib.sha256).digest()
    bound = hashlib.sha256(browser.encode("utf-8", "replace")).digest()
    return hmac.new(key, bound + body.encode("utf-8", "replace"), hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
