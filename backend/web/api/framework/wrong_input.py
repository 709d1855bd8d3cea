"""What is wrong with a query or a body, in words for the person who typed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from backend.services.accounts import EMAIL
from backend.services.routing.recipients import FORM

# Of the forms that people fill in; any other form has only characters that are not allowed.
_FORMS: Final[Mapping[str, str]] = {
    EMAIL: "is not an email address",
    r"^[0-9]{1,32}$": "has to be a HubSpot id: digits only",
    r"^[0-9]{0,32}$": "has to be a HubSpot id: digits only",
    r"^[0-9 ]{6,10}$": "has to be the digits that the app shows",
    r"^[a-z][a-z0-9_]*$": "has to be HubSpot's internal name: small letters, digits and _",
    r"^(contacts|companies)\.[a-z][a-z0-9_]*$": "has to be contacts.NAME or companies.NAME, with "
    "HubSpot's internal name",
    FORM: "has to be one email address, such as name@company.com",
    r"^[^\x00-\x20\x7f]+$": "has to be one word, without spaces",
    r"^[^\x00-\x20\x7f]*$": "has to be one address, without spaces",
}
_WORDS: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "string_too_long": "is longer than {max_length} characters",
    "too_long": "has more than {max_length} entries",
    "too_short": "has fewer than {min_length} entries",
    "greater_than_equal": "has to be {ge} or more",
    "greater_than": "has to be more than {gt}",
    "less_than_equal": "has to be {le} or less",
    "less_than": "has to be less than {lt}",
    "literal_error": "has to be one of {expected}",
    "enum": "has to be one of {expected}",
    "json_invalid": "is not JSON",
    "finite_number": "has to be a number",
}
_KINDS: Final[Mapping[str, str]] = {
    "int": "has to be a whole number",
    "float": "has to be a number",
    "bool": "has to be true or false",
    "string": "has to be text",
    "list": "has to be a list",
}


def told(found: Mapping[str, Any]) -> str:
    """One of pydantic's errors: "routing, owner capacity, entry 2, leads: has to be 0 or more"."""
    return f"{_place(found['loc'])}: {_what(found['type'], found.get('ctx', {}))}"


def _place(loc: tuple[str | int, ...]) -> str:
    parts = [f"entry {p + 1}" if isinstance(p, int) else p[:40].replace("_", " ") for p in loc]
    return ", ".join(parts) or "all of it"


def _what(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "string_pattern_mismatch":
        return _FORMS.get(context["pattern"], "has characters that are not allowed here")
    if kind == "string_too_short":
        least = context["min_length"]
        return "must not be empty" if least == 1 else f"has fewer than {least} characters"
    if kind in _WORDS:
        return _WORDS[kind].format_map(context)
    return _KINDS.get(kind.partition("_")[0], "is not what is expected here")
