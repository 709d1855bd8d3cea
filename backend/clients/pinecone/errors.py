"""What Pinecone's answers mean for us. The vendor's own message is not repeated.

Source: docs.pinecone.io, "Error codes"; the SDK's `pinecone.errors`.
"""

from __future__ import annotations

from typing import Final

from pinecone.errors import (
    ApiError,
    PineconeConnectionError,
    PineconeError,
    PineconeTimeoutError,
    ResponseParsingError,
)

from backend.clients.http import retry_after_s
from backend.errors import (
    BadAnswer,
    LeadlightError,
    Permanent,
    QuotaUsedUp,
    SlowAnswer,
    Transient,
)

_CURES: Final = {
    400: ("request", "the request is refused: does the index have the embeddings' dimension?"),
    401: ("key", "the key is refused: check PINECONE_API_KEY"),
    403: ("key", "the key may not use this index: check PINECONE_API_KEY"),
    404: ("request", "the index is unknown: check PINECONE_INDEX_HOST"),
    413: ("request", "the request is too large"),
}
_MONTHLY: Final = "current month"  # stands in the 429 of a plan whose units are used up


def typed(error: Exception) -> LeadlightError:
    """Our error for one of the SDK's."""
    if isinstance(error, ApiError):
        return _by_status(error)
    if isinstance(error, PineconeTimeoutError):
        return SlowAnswer("Pinecone gave no answer in time")
    if isinstance(error, PineconeConnectionError):
        return _because(Transient("Pinecone cannot be reached"), "unreachable")
    if isinstance(error, ResponseParsingError):
        return BadAnswer("Pinecone's answer cannot be read")
    kind = type(error).__name__
    return _because(Permanent(f"Pinecone's client refuses the request ({kind})"), "request")


def answered(error: Exception) -> bool:
    """True when Pinecone itself is well: the breaker does not count it."""
    if isinstance(error, ApiError):
        return error.status_code in (400, 404, 413, 422, 429)
    return isinstance(error, PineconeError | ValueError) and isinstance(typed(error), Permanent)


def _by_status(error: ApiError) -> LeadlightError:
    status = error.status_code
    if status == 402 or (status == 429 and _MONTHLY in str(error)):
        return QuotaUsedUp("Pinecone's plan is used up: raise it; leads are scored without")
    if status == 429:
        slow = Transient("Pinecone asks to slow down", retry_after_s=_retry_after_s(error))
        return _because(slow, "rate_limit")
    if status in (408, 409) or status >= 500:
        away = Transient(f"Pinecone answered {status}", retry_after_s=_retry_after_s(error))
        return _because(away, "server")
    cause, cure = _CURES.get(status, ("other", "see its error codes"))
    return _because(Permanent(f"Pinecone answered {status}: {cure}"), cause)


def _because(failure: LeadlightError, cause: str) -> LeadlightError:
    failure.cause = cause
    return failure


def _retry_after_s(error: ApiError) -> float | None:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return retry_after_s(headers.get("retry-after", ""))
