"""Proof that a request comes from HubSpot: signature v3, and v2 where workflows still use it.

Rules and escapes: HubSpot's "Validating requests" guide. The address is built from the configured
public one, never from `Host` or `X-Forwarded-*`; the body is taken as raw bytes. Every failure,
odd headers included, is `BadSignature` and never another exception.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl

from backend.config import SIGNATURE_TOLERANCE_S
from backend.errors import BadSignature

HEADER_V3: Final = "X-HubSpot-Signature-v3"
HEADER_TIMESTAMP: Final = "X-HubSpot-Request-Timestamp"
HEADER_V2: Final = "X-HubSpot-Signature"
HEADER_VERSION: Final = "X-HubSpot-Signature-Version"
IDENTITY_PARAMETERS: Final = ("userId", "portalId", "userEmail", "appId")

# HubSpot signs the query with these twelve decoded and everything else as sent.
_ESCAPES: Final = {
    "3A": ":",
    "2F": "/",
    "3F": "?",
    "40": "@",
    "21": "!",
    "24": "$",
    "27": "'",
    "28": "(",
    "29": ")",
    "2A": "*",
    "2C": ",",
    "3B": ";",
}
_ESCAPED: Final = re.compile(f"%({'|'.join(_ESCAPES)})", re.IGNORECASE)
_DIGITS_MAX: Final = 15  # of a time stamp in milliseconds


def sign_v3(secret: str, method: str, url: str, body: bytes, timestamp_ms: int) -> str:
    """The value of `X-HubSpot-Signature-v3` for a request to the full `url`."""
    source = _bytes(method.upper() + decoded(url)) + body + str(timestamp_ms).encode()
    digest = hmac.new(secret.encode(), source, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def sign_v2(secret: str, method: str, url: str, body: bytes) -> str:
    """The value of `X-HubSpot-Signature` with version v2."""
    return hashlib.sha256(_bytes(secret + method.upper() + url) + body).hexdigest()


def verify_v3(
    *,
    method: str,
    target: str,
    body: bytes,
    headers: Mapping[str, str],
    base_urls: Sequence[str],
    secrets: Sequence[str],
    now: datetime,
) -> None:
    """Raises BadSignature unless one secret signed this request to one of our addresses.

    `target`: path and query exactly as received. Old and new secrets are accepted side by side
    while rotating. The time stamp may be 300 s off in either direction.
    """
    given = _header(headers, HEADER_V3)
    timestamp = _timestamp(_header(headers, HEADER_TIMESTAMP), now)
    expected = [
        sign_v3(secret, method, base + _path(target), body, timestamp)
        for secret in secrets
        for base in base_urls
    ]
    _require_one(given, expected)


def verify_workflow(
    *,
    method: str,
    target: str,
    body: bytes,
    headers: Mapping[str, str],
    base_urls: Sequence[str],
    secrets: Sequence[str],
    now: datetime,
) -> None:
    """For the custom workflow action only: v3 when that header is there, else v2.

    HubSpot's guide names only v2 for action executions. v2 has no time stamp, so a caller
    protects itself against replays by the execution's `callbackId`.
    """
    if _has(headers, HEADER_V3):
        verify_v3(
            method=method,
            target=target,
            body=body,
            headers=headers,
            base_urls=base_urls,
            secrets=secrets,
            now=now,
        )
        return
    if _header(headers, HEADER_VERSION).strip().casefold() != "v2":
        raise BadSignature("neither signature v3 nor v2 is present")
    urls = [base + _path(target) for base in base_urls]
    expected = [
        sign_v2(secret, method, url, body)
        for secret in secrets
        for address in urls
        for url in dict.fromkeys((address, decoded(address)))
    ]
    _require_one(_header(headers, HEADER_V2), expected)


def identity_of(target: str) -> dict[str, str]:
    """The four parameters that HubSpot's proxy for cards appends; call it after the signature was
    verified.

    A client can put its own `portalId` into the URL before HubSpot adds the real one: raises
    BadSignature unless each of the four stands exactly once, in whatever case, and is not empty.
    """
    pairs = parse_qsl(target.partition("?")[2], keep_blank_values=True)
    names = [name.casefold() for name, _ in pairs]
    given = dict(pairs)
    for name in IDENTITY_PARAMETERS:
        if names.count(name.casefold()) != 1 or not given.get(name):
            raise BadSignature(f"{name} must stand exactly once in the query")
    return {name: given[name] for name in IDENTITY_PARAMETERS}


def decoded(url: str) -> str:
    """`url` with the twelve escapes of its query decoded, in either hex case; nothing else."""
    path, mark, query = url.partition("?")
    return path + mark + _ESCAPED.sub(lambda match: _ESCAPES[match.group(1).upper()], query)


def _timestamp(text: str, now: datetime) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX):
        raise BadSignature("the request's time stamp is not a number of milliseconds")
    if abs(now.timestamp() * 1000 - int(text)) > SIGNATURE_TOLERANCE_S * 1000:
        raise BadSignature(f"the request is more than {SIGNATURE_TOLERANCE_S} s old or ahead")
    return int(text)


def _require_one(given: str, expected: Sequence[str]) -> None:
    """Constant time: every candidate is compared, whichever fits."""
    matches = [hmac.compare_digest(_bytes(given), _bytes(one)) for one in expected]
    if not any(matches):
        raise BadSignature("the signature does not fit the request")


def _header(headers: Mapping[str, str], name: str) -> str:
    """A header in any case; raises BadSignature when it is missing."""
    found = [value for key, value in headers.items() if key.casefold() == name.casefold()]
    if not found or not found[0]:
        raise BadSignature(f"{name} is missing")
    return found[0]


def _has(headers: Mapping[str, str], name: str) -> bool:
    return any(key.casefold() == name.casefold() for key in headers)


def path_of(target: str) -> str:
    """The path of a request's target, as it was sent."""
    return _path(target).partition("?")[0]


def _path(target: str) -> str:
    """Path and query; a proxy may hand on the absolute form."""
    absolute = re.match(r"https?://[^/?]*", target, re.IGNORECASE)
    return target[absolute.end() :] if absolute else target


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
