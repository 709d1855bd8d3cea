"""What struck rules do to one call: before it is handled, and to its answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Response

from sandbox.errors import ApiError, missing_scopes, unauthorized
from sandbox.faults.rules import Rule
from sandbox.limits import BURST, too_many
from sandbox.oauth.answers import bad_refresh_token
from sandbox.oauth.tokens import AccessToken

if TYPE_CHECKING:
    from sandbox.world import World

SOCKET_KEY = "sandbox.socket"  # where the server puts the connection in the environ
HTML = "<!DOCTYPE html><html><head><title>HubSpot</title></head><body>Just a moment…</body></html>"


def call_faults(world: World, struck: Sequence[Rule], token: AccessToken | None) -> None:
    """Waits or raises ApiError as the rules say."""
    for rule in struck:
        if rule.effect == "latency":
            time.sleep(rule.ms / 1000)
        elif rule.effect == "uninstalled":
            _uninstall(world, token)
        elif not rule.after:
            refusal = _refusal(rule)
            if refusal is not None:
                raise refusal


def _uninstall(world: World, token: AccessToken | None) -> None:
    if token is None:
        raise bad_refresh_token()
    with world.lock:
        world.uninstall(world.portal(token.grant.portal_id), token.grant.app_id)
    raise unauthorized("INVALID_AUTHENTICATION", "The app is not installed in this account.")


def _refusal(rule: Rule) -> ApiError | None:
    match rule.effect:
        case "error":
            return ApiError(rule.status, rule.category, rule.message)
        case "drop" | "html":  # the call is not handled; `answer_faults` does the rest
            return ApiError(502, "INTERNAL_ERROR", "not handled (fault panel)")
        case "rate_limit":
            window = replace(BURST, policy=rule.policy)
            return too_many(window, rule.retry_after_s)
        case "expired_token":
            text = "The OAuth token used to make this call expired."
            return unauthorized("EXPIRED_AUTHENTICATION", text)
        case "revoked_token":
            return unauthorized("INVALID_AUTHENTICATION", "The access token was revoked.")
        case "missing_scope":
            return missing_scopes(["crm.objects.contacts.read"])
    return None


def answer_faults(struck: Sequence[Rule], answer: Response, environ: Mapping[str, Any]) -> Response:
    """The answer as it leaves: whole, replaced, cut in half or not at all."""
    for rule in struck:
        if rule.effect == "error" and rule.after:
            answer = Response(HTML, rule.status, content_type="text/html; charset=utf-8")
        elif rule.effect == "html":
            answer = Response(HTML, 200, content_type="text/html; charset=utf-8")
        elif rule.effect == "drop":
            hang_up(environ)
        elif rule.effect == "half":
            answer = _half(answer, environ)
    return answer


def hang_up(environ: Mapping[str, Any]) -> None:
    """Close the connection without another byte."""
    connection = environ.get(SOCKET_KEY)
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)


def _half(answer: Response, environ: Mapping[str, Any]) -> Response:
    body = answer.get_data()

    def pieces() -> Iterator[bytes]:
        yield body[: len(body) // 2]
        hang_up(environ)

    spoiled = Response(pieces(), answer.status_code, headers=dict(answer.headers))
    spoiled.headers["Content-Length"] = str(len(body) or 64)
    return spoiled
