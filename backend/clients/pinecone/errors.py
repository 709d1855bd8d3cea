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

from backend.errors import BadAnswer, LeadlightError, OverBudget, Permanent, Transient

_CURES: Final = {
    400: "the request is refused: does the index have the embeddings' dimension?",
    401: "the key is refused: check PINECONE_API_KEY",
    403: "the key may not use this index",
    404: "the index is unknown: check PINECONE_INDEX_HOST",
    413: "the request is too large",
}


def typed(error: Exception) -> LeadlightError:
    """Our error for one of the SDK's."""
    if isinstance(error, ApiError):
        return _by_status(error)
    if isinstance(error, PineconeTimeoutError):
        return Transient("Pinecone gave no answer in time")
    if isinstance(error, PineconeConnectionError):
        return Transient("Pinecone cannot be reached")
    if isinstance(error, ResponseParsingError):
        return BadAnswer("Pinecone's answer cannot be read")
    return Permanent(f"Pinecone's client refuses the request ({type(error).__name__})")


def answered(error: Exception) -> bool:
    """True when Pinecone itself is well: the breaker does not count it."""
    if isinstance(error, ApiError):
        return error.status_code in (400, 404, 413, 422, 429)
    return isinstance(error, PineconeError | ValueError) and isinstance(typed(error), Permanent)


def _by_status(error: ApiError) -> LeadlightError:
    status = error.status_code
    if status == 402:
        return OverBudget("Pinecone's plan is used up: raise it; leads are scored without")
    if status == 429:
        return Transient("Pinecone asks to slow down", retry_after_s=_retry_after_s(error))
    if status in (408, 409) or status >= 500:
        return Transient(f"Pinecone answered {status}", retry_after_s=_retry_after_s(error))
    return Permanent(f"Pinecone answered {status}: {_CURES.get(status, 'see its error codes')}")


def _retry_after_s(error: ApiError) -> float | None:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    try:
        return min(max(float(headers.get("retry-after", "")), 0.0), 86_400.0)
    except ValueError:
        return None
