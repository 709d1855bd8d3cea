"""Checks written property values as HubSpot does and brings them into its stored form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sandbox.errors import Json, PropertyInvalid, problem
from sandbox.numbers import STRING_MAX
from sandbox.state.properties import Catalog, Definition
from sandbox.times import iso, parse_day, parse_moment


class ValueProblem(Exception):
    """One value was refused; `entry` is its place in `errors`."""

    def __init__(self, code: str, message: str, name: str) -> None:
        super().__init__(message)
        self.entry = problem(code, message, name)


def normalise(
    catalog: Catalog, properties: Mapping[str, Any], current: Mapping[str, str], trusted: bool
) -> dict[str, str]:
    """Stored form of every value, or PropertyInvalid naming all that are wrong.

    `trusted` writers (the generator, roll-ups) may set read-only properties.
    """
    problems: list[Json] = []
    clean: dict[str, str] = {}
    for name, value in properties.items():
        definition = catalog.get(name)
        try:
            if definition is None:
                raise ValueProblem(
                    "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist', name
                )
            if definition.read_only and not trusted:
                raise ValueProblem(
                    "READ_ONLY_VALUE",
                    f'"{name}" is a read only property; its value cannot be set',
                    name,
                )
            clean[name] = normal_value(definition, value, current.get(name, ""))
        except ValueProblem as refused:
            problems.append(refused.entry)
    if problems:
        raise PropertyInvalid(problems)
    return clean


def normal_value(definition: Definition, value: Any, current: str = "") -> str:
    """One value in stored form; raises ValueProblem."""
    text = _as_text(definition, value)
    if not text:
        return ""
    if definition.type == "enumeration":
        return _enumeration(definition, text, current)
    check = _CHECKS.get(definition.type, _string)
    return check(definition, text)


def _as_text(definition: Definition, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueProblem(
        "INVALID_TYPE", f"{value!r} is not a plain value of {definition.name}", definition.name
    )


def _string(definition: Definition, text: str) -> str:
    if len(text) > STRING_MAX:
        raise ValueProblem(
            "PROPERTY_VALUE_TOO_LONG",
            f"{definition.name} is longer than {STRING_MAX} characters",
            definition.name,
        )
    if definition.name == "email" and not _looks_like_email(text):
        raise ValueProblem("INVALID_EMAIL", f"Email address {text} is invalid", definition.name)
    return text.strip().lower() if definition.name == "email" else text


def _looks_like_email(text: str) -> bool:
    local, at, domain = text.strip().partition("@")
    return bool(local and at and "." in domain and " " not in text.strip() and "@" not in domain)


def _number(definition: Definition, text: str) -> str:
    try:
        number = float(text) if "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueProblem("INVALID_NUMBER", f"{text} was not a valid number.", definition.name)
    return text.strip()


def _bool(definition: Definition, text: str) -> str:
    if text.lower() not in ("true", "false"):
        raise ValueProblem("INVALID_BOOLEAN", f"{text} was not a valid boolean.", definition.name)
    return text.lower()


def _datetime(definition: Definition, text: str) -> str:
    moment = parse_moment(text.strip())
    if moment is None:
        raise ValueProblem("INVALID_DATE", f"{text} was not a valid datetime.", definition.name)
    return iso(moment)


def _date(definition: Definition, text: str) -> str:
    day = parse_day(text.strip())
    if day is None:
        raise ValueProblem(
            "INVALID_DATE",
            f"{text} was not a valid date: use YYYY-MM-DD or midnight UTC in milliseconds.",
            definition.name,
        )
    return day


def _enumeration(definition: Definition, text: str, current: str) -> str:
    if definition.field_type != "checkbox":
        _check_option(definition, text)
        return text
    wanted = [part for part in text.split(";") if part]
    for part in wanted:
        _check_option(definition, part)
    if text.startswith(";"):  # a leading semicolon appends (ref 5.4)
        wanted = [*current.split(";"), *wanted] if current else wanted
    return ";".join(dict.fromkeys(wanted))


def _check_option(definition: Definition, text: str) -> None:
    if definition.name == "hubspot_owner_id":
        return
    if text not in definition.values:
        allowed = [option.value for option in definition.options]
        raise ValueProblem(
            "INVALID_OPTION",
            f"{text} was not one of the allowed options: {allowed}",
            definition.name,
        )


_CHECKS = {
    "number": _number,
    "bool": _bool,
    "datetime": _datetime,
    "date": _date,
}
