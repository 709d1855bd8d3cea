"""JSON that strangers send: anything that is not plain JSON is BadInput, never another error."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import Flask, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import RequestEntityTooLarge

from backend.errors import BadInput


def json_of(raw: bytes | str) -> Any:
    """The parsed body. Raises BadInput: not UTF-8, not JSON, NaN or Infinity, a number of
    thousands of digits, or nested too deep to read."""
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8")
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadInput("the body is not JSON in UTF-8") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


class _Strict(DefaultJSONProvider):
    """Flask asks for ValueError where a body cannot be read."""

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Like `json_of`, with ValueError."""
        try:
            return json_of(s)
        except BadInput as error:
            raise ValueError(str(error)) from None


def register(app: Flask) -> None:
    """Let `request.get_json` read bodies as `json_of` does, and refuse those over the limit."""
    app.json = _Strict(app)

    @app.before_request
    def bounded() -> None:
        """A body without a length is cut off at the limit without a word: what fills it is 413."""
        if request.content_length is None:
            limit = request.max_content_length
            if limit is not None and len(request.get_data(cache=True)) >= limit:
                raise RequestEntityTooLarge
