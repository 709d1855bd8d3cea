"""`/crm/objects/{version}/{objectType}`: list, get, create, update, archive, merge, erase."""

from __future__ import annotations

from sandbox.crm.inputs import find_record, properties_at, text_at, ties_at, wanted_from_query
from sandbox.crm.shapes import Wanted, page_json, record_json
from sandbox.errors import ApiError, MissingPage, invalid
from sandbox.gateway import Answer, Call, Gateway
from sandbox.needs import to_read, to_write
from sandbox.numbers import PAGE_DEFAULT, PAGE_MAX
from sandbox.state.merging import erase_contact, merge
from sandbox.state.object_types import ObjectType, object_type
from sandbox.state.records import Record

BASE = "/crm/objects/{version}/{object_type}"
ONE = BASE + "/{object_id}"


def register(gateway: Gateway) -> None:
    """Serve the calls of this file."""
    gateway.add("GET", BASE, list_records, to_read)
    gateway.add("POST", BASE, create_record, to_write)
    gateway.add("GET", ONE, get_record, to_read)
    gateway.add("PATCH", ONE, update_record, to_write)
    gateway.add("DELETE", ONE, archive_record, to_write)
    gateway.add("POST", BASE + "/merge", merge_records, to_write)
    gateway.add("POST", BASE + "/gdpr-delete", erase_record, to_write)


def list_records(call: Call, object_type: str) -> Answer:
    """One page in the order of ids."""
    kind = _kind(object_type)
    wanted = wanted_from_query(call)
    most = 50 if wanted.history else PAGE_MAX  # pages with history are half as long
    limit = call.number("limit", PAGE_DEFAULT, 1, most)
    after = call.number("after", 0, 0, 10**11)
    store = call.portal.stores[kind.name]
    records, following = store.page(after, limit, call.flag("archived"))
    return page_json([record_json(call.portal, kind, r, wanted) for r in records], following), 200


def create_record(call: Call, object_type: str) -> Answer:
    """201 with the new record."""
    kind = _kind(object_type)
    body = call.body()
    ties = ties_at(call.portal, kind, body)
    record = call.editor.create(kind, properties_at(body), ties)
    return record_json(call.portal, kind, record, Wanted(tuple(record.properties))), 201


def get_record(call: Call, object_type: str, object_id: str) -> Answer:
    """One record by id or, with `idProperty`, by a unique value."""
    kind = _kind(object_type)
    id_property = call.request.args.get("idProperty")
    record = _one(call, kind, object_id, id_property, call.flag("archived"))
    return record_json(call.portal, kind, record, wanted_from_query(call)), 200


def update_record(call: Call, object_type: str, object_id: str) -> Answer:
    """Set some properties."""
    kind = _kind(object_type)
    written = properties_at(call.body())
    id_property = call.request.args.get("idProperty")
    record = _one(call, kind, object_id, id_property)
    call.editor.update(kind, record, written)
    return record_json(call.portal, kind, record, Wanted(tuple(written))), 200


def archive_record(call: Call, object_type: str, object_id: str) -> Answer:
    """204, also when it is gone already."""
    kind = _kind(object_type)
    number = int(object_id) if object_id.isascii() and object_id.isdigit() else -1
    record = call.portal.stores[kind.name].get(number)
    if record is not None and record.archived_ms is None:
        call.editor.archive(kind, record)
    return None, 204


def merge_records(call: Call, object_type: str) -> Answer:
    """Two records become a new one; both old ids lead to it."""
    kind = _kind(object_type)
    body = call.body()
    primary = call.portal.record(kind.name, text_at(body, "primaryObjectId"))
    other = call.portal.record(kind.name, text_at(body, "objectIdToMerge"))
    if primary is other:
        raise invalid("a record cannot be merged with itself")
    return record_json(call.portal, kind, merge(call.editor, kind, primary, other), Wanted()), 200


def erase_record(call: Call, object_type: str) -> Answer:
    """Privacy deletion of a contact."""
    kind = _kind(object_type)
    if kind.name != "contacts":
        raise invalid(f"{kind.name} cannot be deleted for privacy")
    body = call.body()
    id_property = body.get("idProperty")
    record = find_record(call.portal, kind, text_at(body, "objectId"), id_property)
    erase_contact(call.editor, record)
    return None, 204


def _one(
    call: Call, kind: ObjectType, record_id: str, id_property: str | None, archived: bool = False
) -> Record:
    try:
        return find_record(call.portal, kind, record_id, id_property, archived)
    except ApiError as error:
        if error.status == 404:
            raise MissingPage() from error
        raise


_kind = object_type
