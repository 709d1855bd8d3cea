"""The filter language of search: every operator, by the type of the property (ref 5.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.errors import Json, invalid
from sandbox.state.object_types import ObjectType, object_type
from sandbox.state.portal import Portal
from sandbox.state.properties import Definition
from sandbox.state.records import Record
from sandbox.times import parse_moment

Test = Callable[[Record, Mapping[str, str]], bool]
Comparable = float | str
_WORDS = re.compile(r"[^\W_]+", re.UNICODE)

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda a, b: bool(a == b),
    "LT": lambda a, b: bool(a < b),
    "LTE": lambda a, b: bool(a <= b),
    "GT": lambda a, b: bool(a > b),
    "GTE": lambda a, b: bool(a >= b),
}
OPERATORS = (
    *_COMPARE,
    "NEQ",
    "BETWEEN",
    "IN",
    "NOT_IN",
    "HAS_PROPERTY",
    "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN",
    "NOT_CONTAINS_TOKEN",
)


def matcher(portal: Portal, kind: ObjectType, groups: Sequence[Sequence[Json]]) -> Test:
    """True for records that pass all filters of at least one group (or if there is no group)."""
    tests = [[_test(portal, kind, wanted) for wanted in group] for group in groups]
    if not tests:
        return lambda record, values: True
    return lambda record, values: any(all(t(record, values) for t in group) for group in tests)


def _test(portal: Portal, kind: ObjectType, wanted: Json) -> Test:
    name, operator = str(wanted.get("propertyName", "")), str(wanted.get("operator", ""))
    if operator not in OPERATORS:
        raise invalid(f"unknown operator {operator!r} in filter on {name}")
    if name.startswith("associations."):
        return _association_test(portal, kind, name.removeprefix("associations."), wanted)
    definition = portal.catalogs[kind.name].get(name)
    if definition is None:
        raise invalid(f"There was a problem with the request: unknown property {name}")
    return _value_test(definition, operator, wanted)


def _association_test(portal: Portal, kind: ObjectType, other: str, wanted: Json) -> Test:
    to_type = object_type(other).name
    operator = wanted["operator"]
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return lambda record, values: (
            bool(portal.associations.of(kind.name, record.record_id, to_type))
            is (operator == "HAS_PROPERTY")
        )
    if operator not in ("EQ", "IN"):
        raise invalid(f"associations can be filtered with EQ and IN, not {operator}")
    ids = set(_values(wanted)) if operator == "IN" else {_value(wanted)}

    def test(record: Record, values: Mapping[str, str]) -> bool:
        ties = portal.associations.of(kind.name, record.record_id, to_type)
        return any(str(other_id) in ids for other_id in ties)

    return test


def _value_test(definition: Definition, operator: str, wanted: Json) -> Test:
    name = definition.name
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return lambda record, values: (name in values) is (operator == "HAS_PROPERTY")
    if operator in ("IN", "NOT_IN"):
        allowed = {_comparable(definition, value) for value in _values(wanted)}
        return lambda record, values: (
            _known(definition, values) in allowed
            if operator == "IN"
            else _known(definition, values) not in allowed
        )
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        pattern = _token_pattern(_value(wanted))
        return lambda record, values: (
            _has_token(values.get(name, ""), pattern) is (operator == "CONTAINS_TOKEN")
        )
    return _comparison(definition, operator, wanted)


def _comparison(definition: Definition, operator: str, wanted: Json) -> Test:
    low = _comparable(definition, _value(wanted))
    if operator == "NEQ":
        return lambda record, values: _known(definition, values) != low
    if operator == "BETWEEN":
        high = _comparable(definition, _value(wanted, "highValue"))
        return lambda record, values: _between(_known(definition, values), low, high)
    compare = _COMPARE[operator]

    def test(record: Record, values: Mapping[str, str]) -> bool:
        value = _known(definition, values)
        return value is not None and compare(value, low)

    return test


def _between(value: Comparable | None, low: Any, high: Any) -> bool:
    return value is not None and bool(low <= value <= high)


def _value(wanted: Json, key: str = "value") -> str:
    if wanted.get(key) in (None, ""):
        raise invalid(f"filter on {wanted.get('propertyName')} needs `{key}`")
    return str(wanted[key])


def _values(wanted: Json) -> list[str]:
    values = wanted.get("values")
    if not isinstance(values, list) or not values:
        raise invalid(f"filter on {wanted.get('propertyName')} needs `values`")
    return [str(value) for value in values]


def _known(definition: Definition, values: Mapping[str, str]) -> Comparable | None:
    text = values.get(definition.name)
    return None if text is None else _comparable(definition, text)


def _comparable(definition: Definition, text: str) -> Comparable:
    if definition.type == "number":
        try:
            return float(text)
        except ValueError:
            raise invalid(f"{text} is not a number ({definition.name})") from None
    if definition.type in ("datetime", "date"):
        moment = parse_moment(text)
        if moment is None:
            raise invalid(f"{text} is not a time ({definition.name})")
        return float(moment)
    return text.lower()


def _token_pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text.lower()).replace(r"\*", ".*"))


def _has_token(text: str, pattern: re.Pattern[str]) -> bool:
    lowered = text.lower()
    whole = pattern.fullmatch(lowered) is not None
    return whole or any(pattern.fullmatch(word) for word in _WORDS.findall(lowered))
