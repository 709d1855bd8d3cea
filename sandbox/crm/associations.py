"""Associations between records, v4 and dated (ref 5.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sandbox import numbers
from sandbox.crm.inputs import ends_of, inputs_of, spec_type_id, text_at, type_ids_at
from sandbox.crm.shapes import batch_json
from sandbox.errors import ApiError, Json, invalid
from sandbox.gateway import Answer, Call, Gateway
from sandbox.needs import to_read, to_write
from sandbox.state.association_types import ASSOCIATION_TYPES, DEFAULT_TYPE
from sandbox.state.object_types import object_type

BASE = "/crm/associations/{version}/{from_type}/{to_type}"
OLD = ("v4",)  # v3 has other shapes: associations_v3.py
ONE = "/crm/objects/{version}/{from_type}/{from_id}/associations"


def register(gateway: Gateway) -> None:
    """Serve the calls of this file."""
    gateway.add("POST", BASE + "/batch/read", batch_read, to_read, old=OLD)
    gateway.add("POST", BASE + "/batch/create", batch_create, to_write, old=OLD)
    gateway.add("POST", BASE + "/batch/associate/default", batch_default, to_write, old=OLD)
    gateway.add("POST", BASE + "/batch/archive", batch_archive, to_write, old=OLD)
    gateway.add("POST", BASE + "/batch/labels/archive", batch_archive_labels, to_write, old=OLD)
    gateway.add("GET", BASE + "/labels", labels, to_read, old=OLD)
    gateway.add("GET", ONE + "/{to_type}", list_of_one, to_read)
    gateway.add("PUT", ONE + "/default/{to_type}/{to_id}", tie_default, to_write)
    gateway.add("PUT", ONE + "/{to_type}/{to_id}", tie_labels, to_write)
    gateway.add("DELETE", ONE + "/{to_type}/{to_id}", cut, to_write)


def batch_read(call: Call, from_type: str, to_type: str) -> Answer:
    """For each id those associated; ids without any are one error in a 207."""
    kind, other = object_type(from_type), object_type(to_type)
    results, errors = [], []
    for entry in inputs_of(call.body(), numbers.ASSOCIATION_READ_MAX):
        record_id = text_at(entry, "id")
        number = int(record_id) if record_id.isascii() and record_id.isdigit() else -1
        ties = call.portal.associations.of(kind.name, number, other.name)
        if ties:
            results.append({"from": {"id": record_id}, **_page(ties, entry.get("after"))})
        else:
            errors.append(_none_associated(kind.singular, record_id, other.singular))
    return batch_json(results, errors, call.now_ms)


def _none_associated(kind: str, record_id: str, other: str) -> ApiError:
    return ApiError(
        404,
        "OBJECT_NOT_FOUND",
        f"No {other} is associated with {kind} {record_id}.",
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
        context={"fromObjectId": [record_id], "fromObjectType": [kind]},
    )


def _page(
    ties: Mapping[int, tuple[int, ...]], after: object, limit: int = numbers.ASSOCIATION_PAGE
) -> Json:
    ids = list(ties)
    start = int(str(after)) if str(after or "").isdigit() else 0
    answer: Json = {
        "to": [
            {"toObjectId": str(i), "associationTypes": _types_json(ties[i])}
            for i in ids[start : start + limit]
        ]
    }
    if start + limit < len(ids):
        answer["paging"] = {"next": {"after": str(start + limit), "link": ""}}
    return answer


def _types_json(type_ids: Iterable[int]) -> list[Json]:
    return [
        {"category": "HUBSPOT_DEFINED", "typeId": i, "label": ASSOCIATION_TYPES[i].label}
        for i in type_ids
    ]


def batch_create(call: Call, from_type: str, to_type: str) -> Answer:
    """201 with the ties made."""
    results, errors = [], []
    for entry in inputs_of(call.body(), numbers.ASSOCIATION_CREATE_MAX):
        from_id, to_id = ends_of(entry)
        try:
            results.append(_tie(call, (from_type, from_id), (to_type, to_id), type_ids_at(entry)))
        except ApiError as refused:
            errors.append(refused)
    return batch_json(results, errors, call.now_ms, done=201)


def batch_default(call: Call, from_type: str, to_type: str) -> Answer:
    """Ties without a label, both directions of each in the answer."""
    results, errors = [], []
    for entry in inputs_of(call.body(), numbers.ASSOCIATION_CREATE_MAX):
        from_id, to_id = ends_of(entry)
        try:
            results += _tie_default(call, (from_type, from_id), (to_type, to_id))
        except ApiError as refused:
            errors.append(refused)
    return batch_json(results, errors, call.now_ms)


def batch_archive(call: Call, from_type: str, to_type: str) -> Answer:
    """Cut every tie between the pairs; 204."""
    kind, other = object_type(from_type), object_type(to_type)
    for entry in inputs_of(call.body(), numbers.ASSOCIATION_CREATE_MAX):
        start, ends = entry.get("from"), entry.get("to")
        if not isinstance(start, dict) or not isinstance(ends, list):
            raise invalid("Invalid input JSON: `from` must be an object and `to` a list")
        from_id = call.portal.record(kind.name, text_at(start, "id")).record_id
        for end in ends:
            call.editor.dissociate(kind, from_id, other, _number(text_at(end, "id")))
    return None, 204


def batch_archive_labels(call: Call, from_type: str, to_type: str) -> Answer:
    """Remove only the named labels; 204."""
    kind, other = object_type(from_type), object_type(to_type)
    for entry in inputs_of(call.body(), numbers.ASSOCIATION_CREATE_MAX):
        from_id, to_id = ends_of(entry)
        ids = type_ids_at(entry)
        call.editor.dissociate(kind, _number(from_id), other, _number(to_id), ids)
    return None, 204


def labels(call: Call, from_type: str, to_type: str) -> Answer:
    """The association types between two kinds."""
    kind, other = object_type(from_type).name, object_type(to_type).name
    known = [t for t in ASSOCIATION_TYPES.values() if (t.from_type, t.to_type) == (kind, other)]
    return {"results": _types_json(t.type_id for t in known)}, 200


def list_of_one(call: Call, from_type: str, from_id: str, to_type: str) -> Answer:
    """The associations of one record."""
    kind, other = object_type(from_type), object_type(to_type)
    record = call.portal.record(kind.name, from_id)
    ties = call.portal.associations.of(kind.name, record.record_id, other.name)
    limit = call.number("limit", numbers.ASSOCIATION_PAGE, 1, numbers.ASSOCIATION_PAGE)
    page = _page(ties, call.request.args.get("after"), limit)
    results = page.pop("to")
    return {"results": results, **page}, 200


def tie_default(call: Call, from_type: str, from_id: str, to_type: str, to_id: str) -> Answer:
    """A tie without a label."""
    results = _tie_default(call, (from_type, from_id), (to_type, to_id))
    return batch_json(results, (), call.now_ms)


def tie_labels(call: Call, from_type: str, from_id: str, to_type: str, to_id: str) -> Answer:
    """A tie of the types in the body."""
    specs = call.json()
    if not isinstance(specs, list) or not specs:
        raise invalid("Invalid input JSON: expected a list of association types")
    ids = tuple(spec_type_id(spec) for spec in specs)
    return _tie(call, (from_type, from_id), (to_type, to_id), ids), 201


def cut(call: Call, from_type: str, from_id: str, to_type: str, to_id: str) -> Answer:
    """Remove every tie between two records; 204."""
    kind, other = object_type(from_type), object_type(to_type)
    call.editor.dissociate(kind, _number(from_id), other, _number(to_id))
    return None, 204


End = tuple[str, str]  # kind and id as the caller wrote them


def _tie(call: Call, start: End, end: End, type_ids: tuple[int, ...]) -> Json:
    kind, other = object_type(start[0]), object_type(end[0])
    from_id = call.portal.record(kind.name, start[1]).record_id
    to_id = call.portal.record(other.name, end[1]).record_id
    call.editor.associate(kind, from_id, other, to_id, type_ids)
    return {
        "fromObjectTypeId": kind.type_id,
        "fromObjectId": str(from_id),
        "toObjectTypeId": other.type_id,
        "toObjectId": str(to_id),
        "labels": [label for i in type_ids if (label := ASSOCIATION_TYPES[i].label) is not None],
    }


def _tie_default(call: Call, start: End, end: End) -> list[Json]:
    tied = _tie(call, start, end, ())
    kind, other = object_type(start[0]).name, object_type(end[0]).name
    type_id = DEFAULT_TYPE[kind, other]
    there, back = {"id": tied["fromObjectId"]}, {"id": tied["toObjectId"]}
    return [
        {"from": there, "to": back, "associationSpec": _spec(type_id)},
        {"from": back, "to": there, "associationSpec": _spec(DEFAULT_TYPE[other, kind])},
    ]


def _spec(type_id: int) -> Json:
    return {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1
