"""Merging two records into a new one, and erasing a contact for privacy."""

from __future__ import annotations

from sandbox.state import derived
from sandbox.state.editor import Editor
from sandbox.state.object_types import CONTACTS, ObjectType, object_type
from sandbox.state.records import Record
from sandbox.times import iso

_OWN = ("hs_object_id", "hs_merged_object_ids", "hs_calculated_merged_vids")


def merge(editor: Editor, kind: ObjectType, primary: Record, other: Record) -> Record:
    """A new record with the primary's values, filled from the other's, and both's associations.

    HubSpot gives the result an id of its own (`newObjectId`); the old ids lead to it.
    """
    portal = editor.portal
    merged_ids = (primary.record_id, other.record_id, *primary.merged_ids, *other.merged_ids)
    moved = {n: v for n, v in other.properties.items() if n not in primary.properties}
    values = {n: v for n, v in (moved | primary.properties).items() if n not in _OWN}
    new_id = portal.next_id()
    values |= {
        "hs_object_id": str(new_id),
        "hs_merged_object_ids": ";".join(map(str, merged_ids)),
        kind.modified_property: iso(editor.now_ms),
    }
    created = min(primary.created_ms, other.created_ms)
    record = Record(
        new_id, values, created, editor.now_ms, primary.source, merged_ids=tuple(merged_ids)
    )
    record.history = {**other.history, **primary.history}
    if kind is CONTACTS and other.properties.get("email", "") not in ("", values.get("email")):
        record.properties["hs_additional_emails"] = other.properties["email"]
    store = portal.stores[kind.name]
    for old in (primary, other):
        portal.lists.forget(kind.type_id, old.record_id)
        store.move(old.record_id, new_id)
    store.add(record)
    _move_ties(editor, kind, (primary, other), new_id)
    detail = {
        "primaryObjectId": primary.record_id,
        "mergedObjectIds": [other.record_id],
        "newObjectId": new_id,
        "numberOfPropertiesMoved": len(moved),
    }
    editor.tell("merge", kind, primary.record_id, detail)
    return record


def _move_ties(editor: Editor, kind: ObjectType, old: tuple[Record, ...], new_id: int) -> None:
    ties = editor.portal.associations
    for record in old:
        for to_type, to_id, type_ids in ties.all_of(kind.name, record.record_id):
            ties.untie(kind.name, record.record_id, to_type, to_id)
            if to_id not in ties.of(kind.name, new_id, to_type):
                keep = type_ids if record is old[0] else ()
                ties.tie(kind.name, new_id, to_type, to_id, keep)
            derived.recount(editor, kind, new_id, object_type(to_type), to_id)


def erase_contact(editor: Editor, record: Record) -> None:
    """Delete for good with everything that ties to it; `privacyDeletion` and `deletion` follow."""
    portal = editor.portal
    for to_type, to_id, _ in portal.associations.all_of("contacts", record.record_id):
        editor.dissociate(CONTACTS, record.record_id, object_type(to_type), to_id)
    portal.lists.forget(CONTACTS.type_id, record.record_id)
    portal.stores["contacts"].remove(record.record_id)
    editor.tell("privacyDeletion", CONTACTS, record.record_id)
    editor.tell("deletion", CONTACTS, record.record_id)
