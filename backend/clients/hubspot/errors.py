"""The one place that decides what a HubSpot answer means, from status *and* body.

Source: HubSpot's error handling guide; 477 (account migrating) and 423 (locked) are its own codes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from backend.clients.http import Answer, retry_after_s
from backend.config import RETRY_AFTER_CAP_S
from backend.errors import (
    Conflict,
    DailyLimit,
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
_EMAIL: Final = re.compile(r"[^\s@\"'<>(\[]{1,64}@[^\s@\"'<>)\]]{1,255}")
_NUMBER: Final = re.compile(r"\+?\d[\d ()./-]{6,30}\d")
_ABOUT_ACCOUNT: Final = re.compile(r" /(crm/(properties|lists|limits)|account-info|automation)/")
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
    if answer.status == 429 and body.get("policyName") == "DAILY":
        return DailyLimit(text, retry_after_s=RETRY_AFTER_CAP_S * 60.0)
    if answer.status in _TRANSIENT or answer.status >= 500:
        return Transient(text, retry_after_s=_retry_after(answer))
    return _permanent(answer, body, f"{text}{_told(what, body)}")


def _permanent(answer: Answer, body: Mapping[str, Any], text: str) -> LeadlightError:
    causes, sentence = causes_of(body), sentence_of(body)
    if answer.status == 401:
        return Unauthorised(text)
    if answer.status == 403 and body:
        return MissingScopes(text, scopes=_scopes(body), causes=causes, sentence=sentence)
    if answer.status in (404, 410):
        return _not_found(body, text)
    kind = Permanent
    if answer.status == 400 and "PROPERTY_DOESNT_EXIST" in str(body)[:BODY_LOOKED_AT]:
        kind = MissingProperty
    elif answer.status == 409:
        kind = Conflict
    return kind(text, causes=causes, sentence=sentence)


def refused_by_id(errors: Iterable[Mapping[str, Any]]) -> dict[str, LeadlightError]:
    """Which record or trace id each entry of a batch's `errors` names, and what it says of it.

    HubSpot names it in the context, alone or with others, or as the entry's id. One that it does
    not know is RecordGone.
    """
    found: dict[str, LeadlightError] = {}
    for error in errors:
        category = str(error.get("category") or "unknown")[:64]
        causes, sentence = causes_of(error), sentence_of(error)
        for one in _ids_in(error):
            text = f"HubSpot refused {one}: {_explained(error, with_correlation=False)}"
            if category == GONE:
                found[one] = RecordGone(text, ids=frozenset({one}))
            else:
                found[one] = Permanent(text, causes=causes, sentence=sentence)
    return found


def _ids_in(error: Mapping[str, Any]) -> list[str]:
    context = error.get("context")
    context = context if isinstance(context, dict) else {}
    for key in ("objectWriteTraceId", "ids", "id"):
        named = context.get(key)
        if named:
            return [str(one) for one in (named if isinstance(named, list) else [named])]
    return [str(error["id"])] if error.get("id") else []


def causes_of(body: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Every code of an error answer, or of one entry of a batch's `errors`, with the property it
    names; the category stands in where there is no code. HubSpot says it in `errors`, in the
    context, or as JSON inside the message.
    """
    found = {
        (code, name)
        for detail in [*_details(body), *_inside(body)]
        if (code := str(detail.get("code") or detail.get("error") or "")[:64])
        for name in _names_in(detail) or [""]
    }
    if not found:
        category = body.get("subCategory") or body.get("category") or body.get("status") or ""
        found = {(str(category)[:64], name) for name in _names_in(body) or [""]}
    return frozenset(found)


def sentence_of(body: Mapping[str, Any]) -> str:
    """What HubSpot said, in one line without email addresses and phone numbers."""
    details = [one for one in [*_inside(body), *_details(body)] if {"code", "error"} & one.keys()]
    said = [detail.get("message") for detail in details]
    text = " ".join(str(next(filter(None, said), body.get("message") or "")).split())
    return _NUMBER.sub("(number)", _EMAIL.sub("(email)", text))[:MESSAGE_MAX]


def _details(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    errors = body.get("errors")
    return (e for e in errors if isinstance(e, dict)) if isinstance(errors, list) else iter(())


def _inside(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """`Property values were not valid: [{"error": …, "name": …, "message": …}]`"""
    start = str(body.get("message") or "").find("[{")
    if start < 0:
        return []
    try:
        found, _ = json.JSONDecoder().raw_decode(str(body["message"])[start:])
    except ValueError:
        return []
    return [one for one in found if isinstance(one, dict)]


def _names_in(detail: Mapping[str, Any]) -> list[str]:
    context = detail.get("context")
    context = context if isinstance(context, dict) else {}
    names = context.get("propertyName") or context.get("properties") or detail.get("name") or []
    return [str(name)[:64] for name in (names if isinstance(names, list) else [names])[:5]]


def _told(what: str, body: Mapping[str, Any]) -> str:
    """HubSpot's sentence, where the call is about the account and not about anybody's data."""
    sentence = sentence_of(body)
    about_account = _ABOUT_ACCOUNT.search(what) is not None
    return f": {sentence}" if sentence and about_account else ""


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


def _not_found(body: Mapping[str, Any], text: str) -> LeadlightError:
    gone = gone_ids(body)
    return RecordGone(text, ids=gone) if gone else UnknownPath(text, in_json=bool(body))


def gone_ids(body: Mapping[str, Any]) -> frozenset[str]:
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


def named_ids(error: Mapping[str, Any]) -> Iterator[str]:
    """The ids that one error is about, in any of the shapes HubSpot gives them."""
    context = error.get("context")
    context = context if isinstance(context, dict) else {}
    for value in (context.get("ids"), context.get("id"), error.get("id")):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str | int) and each != "":
                yield str(each)


def _explained(body: Mapping[str, Any], *, with_correlation: bool = True) -> str:
    category = body.get("category") or body.get("errorType") or body.get("error") or ""
    found = causes_of(body)
    codes = ",".join(sorted({code for code, _ in found} - {str(category), "error", ""}))
    names = sorted({name for _, name in found} - {""})
    parts = [
        str(category),
        f"codes {codes}" if codes else "",
        f"properties {', '.join(names)}" if names else "",
        f"policy {body['policyName']}" if body.get("policyName") else "",
        f"(correlation id {body.get('correlationId', 'none')})" if with_correlation else "",
    ]
    return " ".join(part for part in parts if part)[:MESSAGE_MAX]


def _scopes(body: Mapping[str, Any]) -> tuple[str, ...]:
    for error in body.get("errors") or []:
        context = error.get("context") if isinstance(error, dict) else None
        scopes = context.get("requiredGranularScopes") if isinstance(context, dict) else None
        if isinstance(scopes, list):
            return tuple(str(scope) for scope in scopes)
    return ()


def _retry_after(answer: Answer) -> float | None:
    return retry_after_s(answer.headers.get("retry-after", ""))
