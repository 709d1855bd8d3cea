"""What OpenAI's answers mean for us, from status *and* body.

Source: platform.openai.com/docs/guides/error-codes. The vendor's own message is not repeated: a
400 may quote the prompt.
"""

from __future__ import annotations

import re
from typing import Final

import openai

from backend.clients.http import retry_after_s
from backend.errors import (
    BadAnswer,
    LeadlightError,
    Permanent,
    QuotaUsedUp,
    SlowAnswer,
    Transient,
    Unanswerable,
)
from backend.outages import outage_of

_QUOTA: Final = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
)
_CONTENT: Final = frozenset({"content_filter", "content_policy_violation", "invalid_prompt"})
_CURES: Final = {
    400: ("request", "the request is refused: check OPENAI_CHAT_MODEL and OPENAI_EMBEDDING_MODEL"),
    401: ("key", "the key is refused: check OPENAI_API_KEY"),
    402: ("quota", "the account has no credit left: top it up"),
    403: ("key", "the key may not use this model, or not from here: check OPENAI_API_KEY"),
    404: ("model", "the model or address is unknown: check OPENAI_CHAT_MODEL and OPENAI_BASE_URL"),
    413: ("request", "the request is too large"),
    422: ("request", "the request is refused: check OPENAI_CHAT_MODEL"),
}
PARAMETERS: Final = (
    "max_completion_tokens",
    "max_tokens",
    "reasoning_effort",
    "temperature",
    "seed",
    "store",
    "service_tier",
)
_NAMED: Final = "|".join(PARAMETERS)
# How servers name a parameter in prose: OpenAI, pydantic behind vLLM and FastAPI, and others.
_PROSE: Final = (
    re.compile(
        rf"(?:argument|parameter|field|propert|input)\w{{0,5}}[^.]{{0,30}}?[ '\"`]({_NAMED})\b"
    ),
    re.compile(
        rf"['\"`]({_NAMED})['\"`]\)? (?:(?:does|is|was|are)\b|cannot|must|option|parameter|setting)"
    ),
    re.compile(rf"(?:[Ii]nvalid|[Uu]nsupported)(?: value)?(?: for)?:? ['\"`]?({_NAMED})\b"),
    re.compile(rf"(?:not|only|longer) (?:accept|support|allow|take)\w{{0,3}} ['\"`]?({_NAMED})\b"),
    re.compile(rf"['\"]?body['\"]?[,.] ?['\"]?({_NAMED})\b"),
    re.compile(
        rf"(?:^|Error code: \d{{3}} - |'message': ['\"])({_NAMED})(?::| (?:is|are|was|does|must)\b)"
    ),
    re.compile(rf"\n({_NAMED})\n"),
)
_SUPPORTED: Final = re.compile(
    r"(?:[Ss]upported values are|[Ee]xpected one of|[Ii]nput should be|is not one of|"
    r"[Mm]ust be one of|[Aa]llowed values(?: are)?):?([^.]{1,120})"
)
_NO_ROOM: Final = re.compile(r"resources?[ _]unavailable", re.IGNORECASE)
_READ_MAX: Final = 600  # characters of a message that are looked at


class BadRequest(Permanent):
    """A 400 or 422. `parameter` is the one of ours that it is about, "" for none; `value_only`:
    the parameter is known and takes other values, `supported` those that are named."""

    cause = "request"

    def __init__(
        self,
        message: str,
        *,
        parameter: str = "",
        supported: tuple[str, ...] = (),
        value_only: bool = False,
    ) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.supported = supported
        self.value_only = value_only


class NoCapacity(Transient):
    """The vendor has no room for the request now, most often for one at half the price; nothing is
    charged. Source: developers.openai.com/api/docs/guides/flex-processing."""

    cause = "capacity"


def typed(error: Exception) -> LeadlightError:
    """Our error for one of the SDK's."""
    if isinstance(error, openai.APITimeoutError):
        return SlowAnswer("OpenAI gave no answer in time")
    if isinstance(error, openai.APIStatusError):
        return _by_status(error)
    if isinstance(error, openai.APIConnectionError):
        why = outage_of(error)
        told = "OpenAI cannot be reached" + (f": {why}; {why.cure}" if why else "")
        return _because(Transient(told), "unreachable")
    return BadAnswer(f"OpenAI's answer cannot be read ({type(error).__name__})")


def answered(failure: LeadlightError) -> bool:
    """True when the vendor itself is well: the breaker does not count it."""
    return isinstance(failure, BadAnswer | QuotaUsedUp) or failure.cause in (
        "request",
        "rate_limit",
        "capacity",
    )


def _by_status(error: openai.APIStatusError) -> LeadlightError:
    status = error.status_code
    if status == 402 or (status == 429 and {str(error.code), str(error.type)} & _QUOTA):
        return QuotaUsedUp("OpenAI's quota is used up: raise it or top up the account")
    if status == 429 and _NO_ROOM.search(f"{error.code} {str(error.message)[:_READ_MAX]}"):
        return NoCapacity("OpenAI has no room for this request now")
    if status == 429:
        slow = Transient("OpenAI asks to slow down", retry_after_s=_retry_after_s(error))
        return _because(slow, "rate_limit")
    if status in (408, 409) or status >= 500:
        away = Transient(f"OpenAI answered {status}", retry_after_s=_retry_after_s(error))
        return _because(away, "server")
    cause, cure = _CURES.get(status, ("other", "see platform.openai.com/docs/guides/error-codes"))
    message = f"OpenAI answered {status}: {cure}"
    if status in (400, 422):
        return _bad_request(error, message)
    return _because(Permanent(message), cause)


def _bad_request(error: openai.APIStatusError, message: str) -> LeadlightError:
    if {str(error.code), str(error.type)} & _CONTENT:
        return Unanswerable("OpenAI's content filter refuses this text")
    said = str(error.message)[:_READ_MAX]
    parameter = _parameter(str(error.param or ""), said)
    listed = _SUPPORTED.search(said)
    supported = tuple(re.findall(r"[a-z]+", listed.group(1))) if listed else ()
    value_only = bool(supported) or "value" in f"{error.code}".lower()
    return BadRequest(message, parameter=parameter, supported=supported, value_only=value_only)


def _parameter(param: str, said: str) -> str:
    if param in PARAMETERS:
        return param
    if param.endswith("effort"):
        return "reasoning_effort"
    found = (pattern.search(said) for pattern in _PROSE)
    return next((match.group(1) for match in found if match), "")


def _because(failure: LeadlightError, cause: str) -> LeadlightError:
    failure.cause = cause
    return failure


def _retry_after_s(error: openai.APIStatusError) -> float | None:
    headers = error.response.headers
    wish_s = retry_after_s(headers.get("retry-after-ms", ""), 0.001)
    return retry_after_s(headers.get("retry-after", "")) if wish_s is None else wish_s
