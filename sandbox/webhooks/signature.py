"""HubSpot's request signatures (ref 3), from its request-validation page and test vectors."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

# In the query HubSpot decodes only these before signing; all other escapes stay.
_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
_ESCAPE = re.compile("|".join(_DECODED), re.IGNORECASE)


def signed_uri(url: str) -> str:
    """The address as it takes part in the signature."""
    head, mark, query = url.partition("?")
    return head + mark + _ESCAPE.sub(lambda found: _DECODED[found.group().upper()], query)


def signature_v3(secret: str, method: str, url: str, body: bytes, timestamp_ms: int) -> str:
    """Base64 of HMAC-SHA256 over method, address, body and timestamp."""
    source = method.encode() + signed_uri(url).encode() + body + str(timestamp_ms).encode()
    return base64.b64encode(hmac.new(secret.encode(), source, hashlib.sha256).digest()).decode()


def signature_v2(secret: str, method: str, url: str, body: bytes) -> str:
    """Hex SHA-256 over secret, method, address and body."""
    return hashlib.sha256(secret.encode() + method.encode() + url.encode() + body).hexdigest()


def signature_v1(secret: str, body: bytes) -> str:
    """Hex SHA-256 over secret and body: the header classic deliveries carry besides v3."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


def webhook_headers(
    secret: str, url: str, body: bytes, timestamp_ms: int, method: str = "POST"
) -> dict[str, str]:
    """What a signed delivery carries."""
    return {
        "X-HubSpot-Signature-v3": signature_v3(secret, method, url, body, timestamp_ms),
        "X-HubSpot-Request-Timestamp": str(timestamp_ms),
        "X-HubSpot-Signature": signature_v1(secret, body),
        "X-HubSpot-Signature-Version": "v1",
    }
