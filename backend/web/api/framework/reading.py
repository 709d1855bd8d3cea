"""Queries and bodies into their shapes; a refusal names the place, never repeats the value."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar, get_origin

from flask import Request
from pydantic import ValidationError

from backend.errors import BadInput
from backend.web.api.framework.shapes import Shape
from backend.web.api.framework.wrong_input import told

Given = TypeVar("Given", bound=Shape)


def query_of(request: Request, shape: type[Given]) -> Given:
    """Raises BadInput. A parameter stands once, unless the shape says it is a list."""
    values: dict[str, Any] = {}
    for name, given in request.args.to_dict(flat=False).items():
        field = shape.model_fields.get(name)
        if field is not None and get_origin(field.annotation) is list:
            values[name] = given
        elif len(given) == 1:
            values[name] = given[0]
        else:
            raise BadInput(f"the parameter {name[:40]!r} stands twice")
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        _refuse("this was not understood", error)


def body_of(request: Request, shape: type[Given]) -> Given:
    """Raises BadInput. JSON with JSON's own types: "5" is no number."""
    if not request.is_json:
        raise BadInput("send a JSON object with Content-Type: application/json")
    try:
        return shape.model_validate_json(request.get_data(), strict=True)
    except ValidationError as error:
        _refuse("this was not saved", error)


def _refuse(message: str, error: ValidationError) -> NoReturn:
    problems = tuple(told(one) for one in error.errors(include_input=False, include_url=False))
    raise BadInput(f"{message}: {problems[0]}", problems=problems) from None
