"""Queries and bodies into their shapes; a refusal names the place, never repeats the value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn, TypeVar, get_origin

from flask import Request
from pydantic import ValidationError

from backend.errors import BadInput
from backend.web.api.framework.shapes import Shape

# Parts of patterns and what they ask for.
_FORMS: Final = {
    "@": "Should be an email address",
    "contacts|companies": "Should be contacts.NAME or companies.NAME",
    "[a-z]": "Should be an internal name of HubSpot: small letters, digits and underscores",
    "[0-9 ]": "Should be a code of digits",
    "[0-9]": "Should be an id of HubSpot, which has digits only",
    r"\x20": "Should be one word without spaces",
    r"\x1f": "Should be one line of text",
}
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
        _refuse("the query is not as described", error)


def body_of(request: Request, shape: type[Given]) -> Given:
    """Raises BadInput. JSON with JSON's own types: "5" is no number."""
    if not request.is_json:
        raise BadInput("send a JSON object with Content-Type: application/json")
    try:
        return shape.model_validate_json(request.get_data(), strict=True)
    except ValidationError as error:
        _refuse("the body is not as described", error)


def _said(found: Mapping[str, Any]) -> str:
    """Why, in words: a regular expression says nothing to people."""
    if found["type"] != "string_pattern_mismatch":
        return str(found["msg"])
    pattern = found["ctx"]["pattern"]
    return next(
        (words for part, words in _FORMS.items() if part in pattern),
        "Holds characters that it cannot have",
    )


def _refuse(message: str, error: ValidationError) -> NoReturn:
    problems = tuple(
        f"{'.'.join(str(part)[:40] for part in found['loc']) or 'all of it'}: {_said(found)}"
        for found in error.errors(include_input=False, include_url=False)
    )
    raise BadInput(f"{message}: {problems[0]}", problems=problems) from None
