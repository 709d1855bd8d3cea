"""`/crm/objects/{version}/{objectType}/batch/…` (ref 5.1).

Without `objectWriteTraceId` a batch of writes is all or nothing: one bad input refuses it as a
whole with 400. With it on every input, the good ones are written and the answer is 207, or 200
with `errors` (the portal's `partial_status`). Ids that do not exist never stop the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.crm.inputs import find_record, inputs_of, names_at, properties_at, text_at, ties_at
from sandbox.crm.shapes import Wanted, batch_json, record_json
from sandbox.errors import ApiError, Json, invalid, not_found
from sandbox.gateway import Answer, Call, Gateway
from sandbox.needs import to_read, to_write
from sandbox.state import rules
from sandbox.state.object_types import ObjectType, object_type
from sandbox.state.records import Record
from sandbox.state.values import normalise

BASE = "/crm/objects/{version}/{object_type}/batch"
Step = Callable[[Json], Json]


def register(gateway: Gateway) -> None:
    """Serve the calls of this file."""
    gateway.add("POST", BASE + "/read", batch_read, to_read)
    gateway.add("POST", BASE + "/create", batch_create, to_write)
    gateway.add("POST", BASE + "/update", batch_update, to_write)
    gateway.add("POST", BASE + "/upsert", batch_upsert, to_write)
    gateway.add("POST", BASE + "/archive", batch_archive, to_write)


def batch_read(call: Call, object_type: str) -> Answer:
    """Up to 100 records; ids that do not exist are errors, one each or one together."""
    kind = _kind(object_type)
    body = call.body()
    wanted = Wanted(names_at(body, "properties"), names_at(body, "propertiesWithHistory"))
    most = 50 if wanted.history else 100
    ids = [text_at(entry, "id") for entry in inputs_of(body, most)]
    records: dict[int, Record] = {}
    missing: list[str] = []
    for record_id in dict.fromkeys(ids):
        found = _found(call, kind, record_id, body.get("idProperty"))
        if found is None:
            missing.append(record_id)
        else:
            records[found.record_id] = found
    results = [record_json(call.portal, kind, record, wanted) for record in records.values()]
    return _answer(call, results, _missing(call, kind, missing))


def batch_create(call: Call, object_type: str) -> Answer:
    """201 with the new records."""
    kind = _kind(object_type)
    inputs = inputs_of(call.body())

    def check(entry: Json) -> None:
        values = normalise(call.portal.catalogs[kind.name], properties_at(entry), {}, False)
        rules.check_new(call.portal, kind, values)
        ties_at(call.portal, kind, entry)

    def write(entry: Json) -> Json:
        ties = ties_at(call.portal, kind, entry)
        record = call.editor.create(kind, properties_at(entry), ties)
        return record_json(call.portal, kind, record, Wanted(tuple(record.properties)))

    _refuse_twins(kind, inputs)
    return _run(call, inputs, check, write, done=201)


def batch_update(call: Call, object_type: str) -> Answer:
    """200 with the updated records, 207 when some do not exist."""
    kind = _kind(object_type)
    inputs = inputs_of(call.body())
    _refuse_repeats(inputs)

    def find(entry: Json) -> Record | None:
        return _found(call, kind, text_at(entry, "id"), entry.get("idProperty"))

    def check(entry: Json) -> None:
        record = find(entry)
        if record is not None:
            _check_change(call, kind, record, properties_at(entry))

    def write(entry: Json) -> Json:
        record, written = find(entry), properties_at(entry)
        if record is None:
            raise not_found(f"{kind.singular} {entry['id']} does not exist")
        call.editor.update(kind, record, written)
        return record_json(call.portal, kind, record, Wanted(tuple(written)))

    missing = [text_at(entry, "id") for entry in inputs if find(entry) is None]
    present = [entry for entry in inputs if find(entry) is not None]
    return _run(call, present, check, write, done=200, errors=_missing(call, kind, missing))


def batch_upsert(call: Call, object_type: str) -> Answer:
    """200; each result says whether it is `new`. Needs a unique `idProperty`."""
    kind = _kind(object_type)
    inputs = inputs_of(call.body())

    def find(entry: Json) -> Record | None:
        return _found(call, kind, text_at(entry, "id"), text_at(entry, "idProperty"))

    def values_of(entry: Json) -> Json:
        return {text_at(entry, "idProperty"): text_at(entry, "id"), **properties_at(entry)}

    def check(entry: Json) -> None:
        record = find(entry)
        if record is None:
            clean = normalise(call.portal.catalogs[kind.name], values_of(entry), {}, False)
            rules.check_new(call.portal, kind, clean)
        else:
            _check_change(call, kind, record, properties_at(entry))

    def write(entry: Json) -> Json:
        record, written = find(entry), values_of(entry)
        new = record is None
        if record is None:
            record = call.editor.create(kind, written)
        else:
            call.editor.update(kind, record, properties_at(entry))
        return record_json(call.portal, kind, record, Wanted(tuple(written))) | {"new": new}

    _refuse_repeats(inputs)
    return _run(call, inputs, check, write, done=200)


def batch_archive(call: Call, object_type: str) -> Answer:
    """204; ids that are gone already do not matter."""
    kind = _kind(object_type)
    for entry in inputs_of(call.body()):
        record = _found(call, kind, text_at(entry, "id"), None)
        if record is not None:
            call.editor.archive(kind, record)
    return None, 204


_kind = object_type


def _run(
    call: Call,
    inputs: Sequence[Json],
    check: Callable[[Json], None],
    write: Step,
    done: int,
    errors: Sequence[ApiError] = (),
) -> Answer:
    traced = all("objectWriteTraceId" in entry for entry in inputs)
    if not (traced and call.portal.peculiarities.partial_results):
        for entry in inputs:
            check(entry)
        return _answer(call, [write(entry) for entry in inputs], errors, done)
    results, refusals = [], list(errors)
    for entry in inputs:
        trace = str(entry["objectWriteTraceId"])
        try:
            results.append(write(entry) | {"objectWriteTraceId": trace})
        except ApiError as refused:
            refused.context = refused.context | {"objectWriteTraceId": [trace]}
            refusals.append(refused)
    return _answer(call, results, refusals, done)


def _answer(
    call: Call, results: Sequence[Json], errors: Sequence[ApiError], done: int = 200
) -> Answer:
    return batch_json(results, errors, call.now_ms, done, call.portal.peculiarities.partial_status)


def _check_change(call: Call, kind: ObjectType, record: Record, written: dict[str, Any]) -> None:
    catalog = call.portal.catalogs[kind.name]
    clean = normalise(catalog, written, record.properties, False)
    rules.check_change(call.portal, kind, record, clean)


def _found(call: Call, kind: ObjectType, record_id: str, id_property: Any) -> Record | None:
    try:
        return find_record(call.portal, kind, record_id, id_property)
    except ApiError as error:
        if error.status == 404:
            return None
        raise


def _missing(call: Call, kind: ObjectType, ids: Sequence[str]) -> list[ApiError]:
    if not ids:
        return []
    if call.portal.peculiarities.missing_ids == "each":
        return [_not_found(kind, {"id": [record_id]}) for record_id in ids]
    return [_not_found(kind, {"ids": list(ids)})]


def _not_found(kind: ObjectType, context: dict[str, list[str]]) -> ApiError:
    error = not_found(
        f"Could not get some {kind.singular.upper()} objects, they may be deleted or "
        "not exist. Check that ids are valid."
    )
    error.context = context
    return error


def _refuse_repeats(inputs: Sequence[Json]) -> None:
    ids = [(text_at(entry, "id"), entry.get("idProperty")) for entry in inputs]
    if len(set(ids)) < len(ids):
        twice = sorted(
            {record_id for record_id, _ in ids if [i for i, _ in ids].count(record_id) > 1}
        )
        raise invalid(f"Duplicate IDs found in batch input: {twice}. IDs must be unique")


def _refuse_twins(kind: ObjectType, inputs: Sequence[Json]) -> None:
    if kind.name != "contacts":
        return
    emails = [str(properties_at(entry).get("email") or "").lower() for entry in inputs]
    known = [email for email in emails if email]
    if len(set(known)) < len(known):
        raise invalid("Duplicate values of the unique property email in batch input")
