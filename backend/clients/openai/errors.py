"""What OpenAI's answers mean for us, from status *and* body.

Source: platform.openai.com/docs/guides/error-codes. The vendor's own message is not repeated: a
400 may quote the prompt.
"""

from __future__ import annotations

from typing import Final

import openai

from backend.errors import BadAnswer, LeadlightError, OverBudget, Permanent, Transient

_QUOTA: Final = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
)
_CURES: Final = {
    400: "the request is refused: check OPENAI_CHAT_MODEL and OPENAI_EMBEDDING_MODEL",
    401: "the key is refused: check OPENAI_API_KEY",
    403: "the key may not use this model, or not from here",
    404: "the model or address is unknown: check OPENAI_CHAT_MODEL and OPENAI_BASE_URL",
    422: "the request is refused: check the model",
}


class SlowAnswer(Transient):
    """No answer within the read time-out; the call may have been paid for."""


def typed(error: Exception) -> LeadlightError:
    """Our error for one of the SDK's."""
    if isinstance(error, openai.APITimeoutError):
        return SlowAnswer("OpenAI gave no answer in time")
    if isinstance(error, openai.APIStatusError):
        return _by_status(error)
    if isinstance(error, openai.APIConnectionError):
        return Transient("OpenAI cannot be reached")
    return BadAnswer(f"OpenAI's answer cannot be read ({type(error).__name__})")


def _by_status(error: openai.APIStatusError) -> LeadlightError:
    status = error.status_code
    if status == 429:
        if {str(error.code), str(error.type)} & _QUOTA:
            return OverBudget(
                "OpenAI's quota is used up: raise it or wait; scoring goes on without"
            )
        return Transient("OpenAI asks to slow down", retry_after_s=_retry_after_s(error))
    if status in (408, 409) or status >= 500:
        return Transient(f"OpenAI answered {status}", retry_after_s=_retry_after_s(error))
    cure = _CURES.get(status, "see platform.openai.com/docs/guides/error-codes")
    return Permanent(f"OpenAI answered {status}: {cure}")


def _retry_after_s(error: openai.APIStatusError) -> float | None:
    headers = error.response.headers
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return min(max(float(headers.get(name, "")) * unit, 0.0), 86_400.0)
        except ValueError:
            continue
    return None
