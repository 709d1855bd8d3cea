"""JSON that strangers send: anything that is not plain JSON is BadInput, never another error."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import Flask
from flask.json.provider import DefaultJSONProvider

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
    """Let `request.get_json` read bodies as `json_of` does."""
    app.json = _Strict(app)
