"""Who is in a list, `/crm/lists/{version}/{listId}/memberships` (ref 5.8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.crm.inputs import inputs_of, text_at
from sandbox.crm.shapes import batch_json
from sandbox.errors import Json, invalid
from sandbox.gateway import Answer, Call, Gateway
from sandbox.needs import needs
from sandbox.numbers import MEMBERSHIP_PAGE_MAX
from sandbox.state.lists import RecordList
from sandbox.state.object_types import object_type
from sandbox.times import iso
from sandbox.workflows.runner import MEMBERSHIP

BASE = "/crm/lists/{version}"
MEMBERS = BASE + "/{list_id}/memberships"
_read = needs("crm.lists.read")
_write = needs("crm.lists.read", "crm.lists.write")  # membership writes need both (ref 2.5)


def register(gateway: Gateway) -> None:
    """Serve the calls of this file."""
    gateway.add("GET", MEMBERS, get_members, _read)
    gateway.add("GET", MEMBERS + "/join-order", get_members, _read)
    gateway.add("PUT", MEMBERS + "/add", add_members, _write)
    gateway.add("PUT", MEMBERS + "/remove", remove_members, _write)
    gateway.add("PUT", MEMBERS + "/add-and-remove", add_and_remove, _write)
    gateway.add("PUT", MEMBERS + "/add-from/{source_id}", add_from, _write)
    gateway.add("DELETE", MEMBERS, remove_all, _write)
    gateway.add("GET", BASE + "/records/{type_id}/{record_id}/memberships", lists_of, _read)
    gateway.add("POST", BASE + "/records/memberships/batch/read", lists_of_many, _read)


def get_members(call: Call, list_id: str) -> Answer:
    """One page of members, oldest first."""
    members = list(call.portal.lists.get(list_id).members.items())
    limit = call.number("limit", 100, 1, MEMBERSHIP_PAGE_MAX)
    start = call.number("after", 0, 0, 10**9)
    results = [
        {"recordId": str(record_id), "membershipTimestamp": iso(added_ms)}
        for record_id, added_ms in members[start : start + limit]
    ]
    answer: Json = {"results": results, "total": len(members)}
    if start + limit < len(members):
        answer["paging"] = {"next": {"after": str(start + limit), "link": ""}}
    return answer, 200


def add_members(call: Call, list_id: str) -> Answer:
    """`recordsIdsAdded` is HubSpot's own spelling."""
    return _change(call, list_id, call.json(), []), 200


def remove_members(call: Call, list_id: str) -> Answer:
    """Take records out."""
    return _change(call, list_id, [], call.json()), 200


def add_and_remove(call: Call, list_id: str) -> Answer:
    """Both at once."""
    body = call.body()
    return _change(
        call, list_id, body.get("recordIdsToAdd") or [], body.get("recordIdsToRemove") or []
    ), 200


def add_from(call: Call, list_id: str, source_id: str) -> Answer:
    """Add all members of another list; 204."""
    target = call.portal.lists.get(list_id)
    target.require_editable()
    target.add(call.portal.lists.get(source_id).members, call.now_ms)
    return None, 204


def remove_all(call: Call, list_id: str) -> Answer:
    """Empty the list; 204."""
    found = call.portal.lists.get(list_id)
    found.require_editable()
    found.members.clear()
    return None, 204


def lists_of(call: Call, type_id: str, record_id: str) -> Answer:
    """The lists a record is in."""
    results = _memberships(call, type_id, record_id)
    return {"results": results, "total": len(results)}, 200


def lists_of_many(call: Call) -> Answer:
    """The same for several records."""
    results = [
        {
            "recordId": text_at(entry, "recordId"),
            "objectTypeId": text_at(entry, "objectTypeId"),
            "memberships": _memberships(
                call, text_at(entry, "objectTypeId"), text_at(entry, "recordId")
            ),
        }
        for entry in inputs_of(call.body())
    ]
    return batch_json(results, (), call.now_ms)


def _memberships(call: Call, type_id: str, record_id: str) -> list[Json]:
    kind = object_type(type_id)
    member = call.portal.record(kind.name, record_id).record_id
    return [
        {
            "listId": str(one.list_id),
            "listVersion": 1,
            "firstAddedTimestamp": iso(one.members[member]),
            "lastAddedTimestamp": iso(one.members[member]),
        }
        for one in call.portal.lists.all()
        if one.object_type_id == kind.type_id and member in one.members
    ]


def _change(call: Call, list_id: str, to_add: Any, to_remove: Any) -> Json:
    found = call.portal.lists.get(list_id)
    found.require_editable()
    adding, missing = _existing(call, found, _ids(to_add))
    removing, _ = _existing(call, found, _ids(to_remove))
    added = found.add(adding, call.now_ms)
    removed = found.remove(removing)
    found.updated_ms = call.now_ms
    for record_id in added:
        kind = object_type(found.object_type_id)
        call.editor.tell(MEMBERSHIP, kind, record_id, {"listId": found.list_id})
    return {
        "recordsIdsAdded": [str(i) for i in added],
        "recordIdsRemoved": [str(i) for i in removed],
        "recordIdsMissing": missing,
    }


def _ids(sent: Any) -> list[str]:
    if not isinstance(sent, list) or not all(isinstance(i, str | int) for i in sent):
        raise invalid("Invalid input JSON: expected a list of record ids")
    return [str(i) for i in sent]


def _existing(call: Call, found: RecordList, ids: Sequence[str]) -> tuple[list[int], list[str]]:
    store = call.portal.stores[object_type(found.object_type_id).name]
    known: list[int] = []
    missing: list[str] = []
    for text in ids:
        record = store.get(int(text)) if text.isascii() and text.isdigit() else None
        if record is None or record.archived_ms is not None:
            missing.append(text)
        else:
            known.append(record.record_id)
    return known, missing
