"""Every refusal and failure as the one shape: `{"ok": false, "code", "message", "problems"}`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog
from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from backend.errors import (
    BadInput,
    BadSignature,
    Conflict,
    Forbidden,
    LeadlightError,
    NotFound,
    NotSignedIn,
    TooMany,
    Transient,
)
from backend.outages import outage_of

STATUS: Final[Mapping[type[LeadlightError], int]] = {
    BadInput: 400,
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooMany: 429,
}
RETRY_AFTER_S: Final = 5  # where the error has no wish of its own
log = structlog.get_logger()


def register(app: Flask) -> None:
    """Expected errors by their class, anything else as a 500 that says nothing."""
    for kind, status in STATUS.items():
        app.register_error_handler(kind, _expected(status))
    app.register_error_handler(BadSignature, _unsigned)
    app.register_error_handler(Transient, _later)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _answer(status: int, code: str, message: str, problems: Sequence[str] = ()) -> Response:
    response = jsonify(ok=False, code=code, message=message, problems=list(problems))
    response.status_code = status
    return response


def _expected(status: int) -> Callable[[LeadlightError], Response]:
    def answer(error: LeadlightError) -> Response:
        response = _answer(status, error.code, str(error), getattr(error, "problems", ()))
        if isinstance(error, NotSignedIn):
            response.headers["WWW-Authenticate"] = "Bearer"
        if isinstance(error, TooMany):
            response.headers["Retry-After"] = str(math.ceil(error.retry_after_s))
        return response

    return answer


def _unsigned(error: BadSignature) -> Response:
    log.warning("bad_signature", problem=str(error))
    return _answer(401, error.code, "The request is not signed by HubSpot for this app.")


def _later(error: Transient) -> Response:
    log.warning("unavailable", error=error)
    response = _answer(503, "unavailable", "Leadlight is not available for a moment.")
    response.headers["Retry-After"] = str(math.ceil(error.retry_after_s or RETRY_AFTER_S))
    return response


def _http(error: HTTPException) -> Response:
    response = _answer(error.code or 500, error.name.lower().replace(" ", "_"), error.name)
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return response


def _unexpected(error: Exception) -> Response:
    outage = outage_of(error)
    if outage is not None:
        return _later(outage)
    log.error("unexpected", problem=type(error).__name__, exc_info=error)
    return _answer(500, "internal", "Something went wrong.")
