"""Lists, `/crm/lists/{version}` (ref 5.8)."""

from __future__ import annotations

from sandbox.crm.inputs import text_at
from sandbox.errors import ApiError, Json, invalid, not_found
from sandbox.gateway import Answer, Call, Gateway
from sandbox.needs import needs
from sandbox.state.lists import PROCESSING_TYPES, RecordList
from sandbox.state.object_types import object_type
from sandbox.times import iso

BASE = "/crm/lists/{version}"
ONE = BASE + "/{list_id}"
_read = needs("crm.lists.read")
_write = needs("crm.lists.write")


def register(gateway: Gateway) -> None:
    """Serve the calls of this file."""
    gateway.add("POST", BASE, create_list, _write)
    gateway.add("GET", BASE, get_lists, _read)
    gateway.add("POST", BASE + "/search", search_lists, _read)
    gateway.add("GET", BASE + "/object-type-id/{type_id}/name/{name}", get_by_name, _read)
    gateway.add("GET", ONE, get_list, _read)
    gateway.add("DELETE", ONE, delete_list, _write)
    gateway.add("PUT", ONE + "/restore", restore_list, _write)
    gateway.add("PUT", ONE + "/update-list-name", rename_list, _write)


def create_list(call: Call) -> Answer:
    """200 (not 201) with `list`."""
    body = call.body()
    kind = object_type(text_at(body, "objectTypeId"))
    processing = text_at(body, "processingType")
    if processing not in PROCESSING_TYPES:
        raise invalid(f"processingType must be one of {', '.join(PROCESSING_TYPES)}")
    if processing == "DYNAMIC" and not body.get("filterBranch"):
        raise invalid("a DYNAMIC list needs a filterBranch")
    name = text_at(body, "name")
    most = call.portal.peculiarities.lists_max
    if most is not None and len(call.portal.lists.all()) >= most:
        raise ApiError(
            400,
            "VALIDATION_ERROR",
            f"This account has reached its limit of {most} lists.",
            sub_category="ListError.LIST_LIMIT_EXCEEDED",
        )
    made = call.portal.lists.create(name, kind.type_id, processing, call.now_ms)
    return {"list": list_json(made)}, 200


def get_lists(call: Call) -> Answer:
    """Several lists by `listIds`; ids that do not exist are left out."""
    wanted = set(call.names("listIds"))
    found = [one for one in call.portal.lists.all() if str(one.list_id) in wanted]
    return {"lists": [list_json(one) for one in found]}, 200


def get_by_name(call: Call, type_id: str, name: str) -> Answer:
    """One list by kind of record and name."""
    found = call.portal.lists.by_name(object_type(type_id).type_id, name)
    if found is None:
        raise not_found(f"List does not exist with name {name} and object type ID {type_id}.")
    return {"list": list_json(found)}, 200


def get_list(call: Call, list_id: str) -> Answer:
    """One list by id."""
    return {"list": list_json(call.portal.lists.get(list_id))}, 200


def delete_list(call: Call, list_id: str) -> Answer:
    """204; can be restored."""
    call.portal.lists.get(list_id).deleted_ms = call.now_ms
    return None, 204


def restore_list(call: Call, list_id: str) -> Answer:
    """204."""
    call.portal.lists.get(list_id, deleted=True).deleted_ms = None
    return None, 204


def rename_list(call: Call, list_id: str) -> Answer:
    """Set the name given as `listName` in the query."""
    found = call.portal.lists.get(list_id)
    name = call.request.args.get("listName", "")
    if not name:
        raise invalid("listName is missing")
    other = call.portal.lists.by_name(found.object_type_id, name)
    if other is not None and other is not found:
        raise invalid(f"A list named {name} already exists", name=name)
    found.name, found.updated_ms = name, call.now_ms
    return {"updatedList": list_json(found)}, 200


def search_lists(call: Call) -> Answer:
    """Lists whose name holds the query, by `offset` and `count`."""
    body = call.body()
    words = str(body.get("query") or "").lower()
    types = body.get("processingTypes") or PROCESSING_TYPES
    found = [
        one
        for one in call.portal.lists.all()
        if words in one.name.lower() and one.processing_type in types
    ]
    start, count = int(body.get("offset") or 0), int(body.get("count") or 20)
    page = found[start : start + count]
    lists = [
        list_json(one) | {"additionalProperties": {"hs_list_size": str(len(one.members))}}
        for one in page
    ]
    more = start + count < len(found)
    return {"lists": lists, "hasMore": more, "offset": start + len(page), "total": len(found)}, 200


def list_json(one: RecordList) -> Json:
    """A list as answers show it."""
    return {
        "listId": str(one.list_id),
        "listVersion": 1,
        "name": one.name,
        "objectTypeId": one.object_type_id,
        "processingType": one.processing_type,
        "processingStatus": "COMPLETE",
        "size": len(one.members),
        "createdAt": iso(one.created_ms),
        "updatedAt": iso(one.updated_ms),
        "filtersUpdatedAt": iso(one.created_ms),
    }
