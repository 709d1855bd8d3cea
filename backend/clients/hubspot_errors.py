"""The one place that decides what a HubSpot answer means, from status *and* body.

Source: HubSpot's error handling guide; 477 (account migrating) and 423 (locked) are its own codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from backend.clients.http import Answer
from backend.config import RETRY_AFTER_CAP_S
from backend.errors import (
    Conflict,
    LeadlightError,
    MissingProperty,
    MissingScopes,
    NeedsReconnect,
    Permanent,
    RecordGone,
    Transient,
    Unauthorised,
    UnknownPath,
)

MESSAGE_MAX = 300
GONE: Final = "OBJECT_NOT_FOUND"
BODY_LOOKED_AT = 20_000  # characters of an error body that are searched
_TRANSIENT = frozenset({408, 423, 425, 429, 477, 500, 502, 503, 504, 521, 522, 523, 524, 525, 526})


def error_of(answer: Answer, what: str) -> LeadlightError | None:
    """None for a usable answer; `what` names the call for the message."""
    if 200 <= answer.status < 300:
        if answer.json is None:
            return Transient(f"{what}: HubSpot answered {answer.status} with something not JSON")
        return None
    if 300 <= answer.status < 400:
        return Permanent(f"{what}: HubSpot answered with a redirect, which is refused")
    body = answer.json if isinstance(answer.json, dict) else {}
    text = f"{what}: HubSpot answered {answer.status} {_explained(body)}"
    if answer.status in _TRANSIENT or answer.status >= 500:
        return Transient(text, retry_after_s=_retry_after(answer))
    if answer.status == 401:
        return Unauthorised(text)
    if answer.status == 403 and body.get("category") == "MISSING_SCOPES":
        return MissingScopes(text, scopes=_scopes(body))
    if answer.status in (404, 410):
        return _not_found(body, text)
    if answer.status == 400 and "PROPERTY_DOESNT_EXIST" in str(body)[:BODY_LOOKED_AT]:
        return MissingProperty(text)
    if answer.status == 409:
        return Conflict(text)
    return Permanent(text)


def oauth_error_of(answer: Answer) -> LeadlightError | None:
    """The same for the token endpoint: a refused refresh token needs a person.

    Any other refusal (404, 403, 401 of our own client id, a page of a proxy) says nothing about
    this portal's authorisation: UnknownPath.
    """
    if 200 <= answer.status < 300 and isinstance(answer.json, dict):
        return None
    body = answer.json if isinstance(answer.json, dict) else {}
    refused = {str(body.get("error", "")), str(body.get("status", ""))}
    if refused & {"invalid_grant", "BAD_REFRESH_TOKEN", "BAD_AUTH_CODE", "EXPIRED_AUTH_CODE"}:
        return NeedsReconnect("HubSpot no longer accepts this authorisation: install the app again")
    error = error_of(answer, "token endpoint")
    if error is None:
        return Transient("token endpoint: HubSpot answered with something not JSON")
    return error if isinstance(error, Transient) else UnknownPath(str(error))


def _not_found(body: dict[str, Any], text: str) -> LeadlightError:
    gone = gone_ids(body)
    return RecordGone(text, ids=gone) if gone else UnknownPath(text, in_json=bool(body))


def gone_ids(body: dict[str, Any]) -> frozenset[str]:
    """The records that this JSON names as not found: in the `context` of the answer itself, or of
    an entry of its `errors` (batch answers), as `ids` or as `id`."""
    errors = body.get("errors")
    entries = [body, *(errors if isinstance(errors, list) else [])]
    return frozenset(
        object_id
        for entry in entries
        if isinstance(entry, dict) and entry.get("category") == GONE
        for object_id in named_ids(entry)
    )


def named_ids(error: dict[str, Any]) -> Iterator[str]:
    """The ids that one error is about, in any of the shapes HubSpot gives them."""
    context = error.get("context")
    context = context if isinstance(context, dict) else {}
    for value in (context.get("ids"), context.get("id"), error.get("id")):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str | int) and each != "":
                yield str(each)


def _explained(body: dict[str, Any]) -> str:
    category = body.get("category") or body.get("errorType") or body.get("error") or ""
    codes = ",".join(
        str(e.get("code"))
        for e in body.get("errors") or []
        if isinstance(e, dict) and e.get("code")
    )
    names = sorted(_property_names(body))
    parts = [
        str(category),
        f"codes {codes}" if codes else "",
        f"properties {', '.join(names)}" if names else "",
        f"policy {body['policyName']}" if body.get("policyName") else "",
        f"(correlation id {body.get('correlationId', 'none')})",
    ]
    return " ".join(part for part in parts if part)[:MESSAGE_MAX]


def _property_names(body: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for error in body.get("errors") or []:
        context = error.get("context") if isinstance(error, dict) else None
        names = context.get("propertyName") if isinstance(context, dict) else None
        if isinstance(names, list):
            found.update(str(name)[:64] for name in names[:5])
    return found


def _scopes(body: dict[str, Any]) -> tuple[str, ...]:
    for error in body.get("errors") or []:
        context = error.get("context") if isinstance(error, dict) else None
        scopes = context.get("requiredGranularScopes") if isinstance(context, dict) else None
        if isinstance(scopes, list):
            return tuple(str(scope) for scope in scopes)
    return ()


def _retry_after(answer: Answer) -> float | None:
    text = answer.headers.get("retry-after", "")
    if text.isdigit():
        return min(float(text), 86_400.0)
    if answer.json and isinstance(answer.json, dict) and answer.json.get("policyName") == "DAILY":
        return RETRY_AFTER_CAP_S * 60.0
    return None
