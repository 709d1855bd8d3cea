"""Associations as v3 had them: types by name, one type a tie."""

from __future__ import annotations

from sandbox import numbers
from sandbox.crm.inputs import ends_of, inputs_of, text_at
from sandbox.crm.shapes import batch_json
from sandbox.errors import ApiError, Json, invalid, not_found
from sandbox.gateway import Answer, Call, Gateway
from sandbox.needs import to_read, to_write
from sandbox.state.association_types import ASSOCIATION_TYPES
from sandbox.state.object_types import object_type

BASE = "/crm/v3/associations/{from_type}/{to_type}/batch"


def register(gateway: Gateway) -> None:
    """Serve the calls of this file."""
    gateway.at("POST", BASE + "/read", batch_read, to_read)
    gateway.at("POST", BASE + "/create", batch_create, to_write)
    gateway.at("POST", BASE + "/archive", batch_archive, to_write)


def batch_read(call: Call, from_type: str, to_type: str) -> Answer:
    """For each id those associated, with the name of each type."""
    kind, other = object_type(from_type), object_type(to_type)
    results: list[Json] = []
    errors: list[ApiError] = []
    for entry in inputs_of(call.body(), numbers.ASSOCIATION_READ_MAX):
        record_id = text_at(entry, "id")
        number = int(record_id) if record_id.isascii() and record_id.isdigit() else -1
        ties = call.portal.associations.of(kind.name, number, other.name)
        if not ties:
            errors.append(not_found(f"No {other.singular} is associated with {record_id}."))
            continue
        ends = [
            {"id": str(end), "type": ASSOCIATION_TYPES[type_id].name}
            for end, type_ids in ties.items()
            for type_id in reversed(type_ids)
        ]
        results.append({"from": {"id": record_id}, "to": ends})
    return batch_json(results, errors, call.now_ms)


def batch_create(call: Call, from_type: str, to_type: str) -> Answer:
    """201 with the ties made."""
    kind, other = object_type(from_type), object_type(to_type)
    results = []
    for entry in inputs_of(call.body(), numbers.ASSOCIATION_CREATE_MAX):
        ends = ends_of(entry)
        from_id = call.portal.record(kind.name, ends[0]).record_id
        to_id = call.portal.record(other.name, ends[1]).record_id
        type_id = _type_id(kind.name, other.name, text_at(entry, "type"))
        call.editor.associate(kind, from_id, other, to_id, (type_id,))
        results.append({"from": {"id": ends[0]}, "to": {"id": ends[1]}, "type": entry["type"]})
    return batch_json(results, (), call.now_ms, done=201)


def batch_archive(call: Call, from_type: str, to_type: str) -> Answer:
    """204."""
    kind, other = object_type(from_type), object_type(to_type)
    for entry in inputs_of(call.body(), numbers.ASSOCIATION_CREATE_MAX):
        ends = [int(end) if end.isascii() and end.isdigit() else -1 for end in ends_of(entry)]
        call.editor.dissociate(kind, ends[0], other, ends[1])
    return None, 204


def _type_id(kind: str, other: str, name: str) -> int:
    for tie in ASSOCIATION_TYPES.values():
        if (tie.from_type, tie.to_type) == (kind, other) and name in (tie.name, str(tie.type_id)):
            return tie.type_id
    raise invalid(f"association type {name} does not exist between {kind} and {other}")
