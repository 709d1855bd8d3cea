"""`POST /crm/objects/{version}/{objectType}/search` with its limits (ref 5.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox import numbers
from sandbox.crm.filters import matcher
from sandbox.crm.inputs import names_at
from sandbox.crm.shapes import Wanted, page_json, record_json
from sandbox.errors import Json, invalid
from sandbox.gateway import Answer, Call, Gateway
from sandbox.needs import to_read
from sandbox.state.object_types import ObjectType, object_type
from sandbox.state.properties import Catalog
from sandbox.state.records import Record
from sandbox.times import parse_moment

_SEARCHED = {
    "contacts": ("firstname", "lastname", "email", "phone", "company", "hs_additional_emails"),
    "companies": ("name", "domain", "website", "phone"),
    "deals": ("dealname", "description", "dealtype"),
}
Found = tuple[Record, Mapping[str, str]]


def register(gateway: Gateway) -> None:
    """Serve the call of this file."""
    path = "/crm/objects/{version}/{object_type}/search"
    gateway.add("POST", path, search, to_read, search=True)


def search(call: Call, object_type: str) -> Answer:
    """One page of the records that match, as the index knows them."""
    kind = _kind(object_type)
    if len(call.request.get_data(as_text=True)) > numbers.SEARCH_BODY_MAX:
        raise invalid(f"search request is longer than {numbers.SEARCH_BODY_MAX} characters")
    body = call.body()
    matches = matcher(call.portal, kind, _groups(body))
    words = str(body.get("query") or "").lower().split()
    seen_ms = call.now_ms - call.portal.peculiarities.search_delay_ms
    found: list[Found] = []
    for record in call.portal.stores[kind.name]:
        values = None if record.archived_ms is not None else record.properties_at(seen_ms)
        if values is None or not matches(record, values):
            continue
        if all(_mentions(kind, values, word) for word in words):
            found.append((record, values))
    found.sort(key=_order(call.portal.catalogs[kind.name], body), reverse=_descending(body))
    return _page(call, kind, body, found), 200


_kind = object_type


def _page(call: Call, kind: ObjectType, body: Json, found: Sequence[Found]) -> Json:
    limit = _whole(body, "limit", numbers.PAGE_DEFAULT, numbers.SEARCH_PAGE_MAX)
    start = _whole(body, "after", 0, 10**9)
    if start + limit > numbers.SEARCH_RESULTS_MAX:
        raise invalid(
            f"paging beyond {numbers.SEARCH_RESULTS_MAX} results is not supported; narrow the "
            "filters, for example with hs_object_id GT the last id"
        )
    wanted = Wanted(names_at(body, "properties"))
    results = [
        record_json(call.portal, kind, record, wanted, values)
        for record, values in found[start : start + limit]
    ]
    following = start + limit if start + limit < len(found) else None
    return page_json(results, following, total=len(found))


def _whole(body: Mapping[str, Any], key: str, default: int, most: int) -> int:
    text = str(body.get(key) or default)
    if not (text.isascii() and text.isdigit() and int(text) <= most):
        raise invalid(f"`{key}` must be a number up to {most}, not {text}")
    return int(text)


def _groups(body: Json) -> list[list[Json]]:
    groups = [_objects(group, "filters") for group in _objects(body, "filterGroups")]
    if not groups and body.get("filters"):
        groups = [_objects(body, "filters")]
    if len(groups) > numbers.SEARCH_GROUPS_MAX:
        raise invalid(f"at most {numbers.SEARCH_GROUPS_MAX} filterGroups are allowed")
    if any(len(group) > numbers.SEARCH_FILTERS_PER_GROUP_MAX for group in groups):
        raise invalid(f"at most {numbers.SEARCH_FILTERS_PER_GROUP_MAX} filters a group are allowed")
    if sum(map(len, groups)) > numbers.SEARCH_FILTERS_MAX:
        raise invalid(f"at most {numbers.SEARCH_FILTERS_MAX} filters are allowed")
    return groups


def _objects(body: Json, key: str) -> list[Json]:
    found = body.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise invalid(f"Invalid input JSON: `{key}` must be a list of objects")
    return found


def _mentions(kind: ObjectType, values: Mapping[str, str], word: str) -> bool:
    return any(word in values.get(name, "").lower() for name in _SEARCHED.get(kind.name, values))


def _sort(body: Json) -> tuple[str, str]:
    sorts = body.get("sorts") or []
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise invalid("only one sort is allowed")
    if not sorts:
        return "hs_object_id", "ASCENDING"
    first = sorts[0]
    if isinstance(first, str):  # "-createdate" is the short form
        return first.lstrip("-"), "DESCENDING" if first.startswith("-") else "ASCENDING"
    if not isinstance(first, dict):
        raise invalid("a sort is a name or an object")
    return str(first.get("propertyName", "")), str(first.get("direction", "ASCENDING"))


def _descending(body: Json) -> bool:
    return _sort(body)[1] == "DESCENDING"


def _order(catalog: Catalog, body: Json) -> Callable[[Found], tuple[Any, ...]]:
    name, _ = _sort(body)
    definition = catalog.get(name)
    if definition is None:
        raise invalid(f"cannot sort by unknown property {name}")
    numeric = definition.type == "number"
    dated = definition.type in ("datetime", "date")

    def key(found: Found) -> tuple[Any, ...]:
        value = found[1].get(name, "")
        if numeric:
            return (bool(value), float(value or 0), found[0].record_id)
        if dated:
            return (bool(value), parse_moment(value) or 0, found[0].record_id)
        return (bool(value), value.lower(), found[0].record_id)

    return key
