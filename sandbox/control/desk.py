"""What all control addresses share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, request

from sandbox.errors import ApiError, Json, SandboxError, invalid
from sandbox.gateway import error_response, json_response

Handler = Callable[..., Any]


def serve(app: Flask, method: str, path: str, handle: Handler) -> None:
    """Answer `handle(body, **slots)` as JSON; None becomes 204."""

    def view(**slots: Any) -> Response:
        try:
            answer = handle(_body(), **slots)
        except SandboxError as refused:
            return error_response(invalid(str(refused)))
        except ApiError as refused:
            return error_response(refused)
        return json_response(answer, 204 if answer is None else 200)

    app.add_url_rule(path, endpoint=f"{method} {path}", view_func=view, methods=[method])


def _body() -> Any:
    if not request.get_data():
        return {}
    body = request.get_json(force=True, silent=True)
    if body is None:
        raise invalid("the body is not JSON")
    return body


def number(body: Mapping[str, Any], key: str, default: int) -> int:
    """A whole number from a control body."""
    value = body.get(key, default)
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(f"`{key}` must be a whole number")
    return value


def object_body(body: Any) -> Json:
    """The body, which must be an object."""
    if not isinstance(body, dict):
        raise invalid("the body must be a JSON object")
    return body


def seconds(value: Any, key: str) -> float:
    """A time span from a control body."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**9:
        raise invalid(f"`{key}` must be a number of seconds")
    return float(value)


def texts(value: Any, key: str) -> list[str]:
    """A list of names or ids from a control body; numbers become text."""
    if not isinstance(value, list) or not all(isinstance(one, str | int) for one in value):
        raise invalid(f"`{key}` must be a list")
    return [str(one) for one in value]
