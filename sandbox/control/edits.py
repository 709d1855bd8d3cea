"""`/sandbox/portals/{id}/{type}/…`: what a person does in HubSpot's pages, as CRM_UI."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from sandbox.control.desk import number, object_body, serve, texts
from sandbox.crm.shapes import Wanted, record_json
from sandbox.errors import ApiError, Json, invalid
from sandbox.state.editor import Editor
from sandbox.state.merging import erase_contact, merge
from sandbox.state.object_types import ObjectType, object_type
from sandbox.state.records import Record, Source
from sandbox.world import World

BASE = "/sandbox/portals/<int:portal_id>/<kind_name>"
ONE = BASE + "/<int:record_id>"
TRACKING = Source("ANALYTICS", "ContactAnalytics")
Edit = Callable[[Editor, ObjectType, Record, Json], Record | None]


def register(app: Flask, world: World) -> None:
    """Serve the addresses of this file."""

    def create(body: Any, portal_id: int, kind_name: str) -> Json:
        with world.editing_as_person(portal_id) as editor:
            kind = object_type(kind_name)
            wanted = object_body(body)
            record = editor.create(kind, object_body(wanted.get("properties") or {}))
            _associate_soon(world, editor, kind, record.record_id, wanted)
            return _json(editor, kind, record)

    def on_one(edit: Edit, archived: bool = False) -> Callable[..., Json | None]:
        def handle(body: Any, portal_id: int, kind_name: str, record_id: int) -> Json | None:
            with world.editing_as_person(portal_id) as editor:
                kind = object_type(kind_name)
                record = editor.portal.record(kind.name, record_id, archived)
                changed = edit(editor, kind, record, object_body(body))
                return None if changed is None else _json(editor, kind, changed)

        return handle

    serve(app, "POST", BASE, create)
    serve(app, "GET", ONE, on_one(_show))
    serve(app, "DELETE", ONE, on_one(_delete))
    serve(app, "POST", ONE + "/properties", on_one(_set_properties))
    serve(app, "POST", ONE + "/analytics", on_one(_track))
    serve(app, "POST", ONE + "/restore", on_one(_restore, archived=True))
    serve(app, "POST", ONE + "/merge", on_one(_merge))
    serve(app, "POST", ONE + "/privacy-delete", on_one(_erase))
    serve(app, "POST", ONE + "/associations", on_one(_tie))
    serve(app, "DELETE", ONE + "/associations", on_one(_cut))


def _json(editor: Editor, kind: ObjectType, record: Record) -> Json:
    wanted = Wanted(tuple(record.properties), associations=("contacts", "companies", "deals"))
    ties = [n for n in wanted.associations if n != kind.name]
    return record_json(
        editor.portal, kind, record, Wanted(wanted.properties, associations=tuple(ties))
    )


def _show(editor: Editor, kind: ObjectType, record: Record, body: Json) -> Record:
    return record


def _set_properties(editor: Editor, kind: ObjectType, record: Record, body: Json) -> Record:
    return editor.update(kind, record, object_body(body.get("properties", body)))


def _track(editor: Editor, kind: ObjectType, record: Record, body: Json) -> Record:
    """HubSpot's own tracking saw something (a visit, an opened email): read-only values change."""
    tracker = Editor(editor.portal, TRACKING, editor.now_ms, trusted=True)
    return tracker.update(kind, record, object_body(body.get("properties", body)))


def _delete(editor: Editor, kind: ObjectType, record: Record, body: Json) -> None:
    editor.archive(kind, record)


def _restore(editor: Editor, kind: ObjectType, record: Record, body: Json) -> Record:
    editor.restore(kind, record)
    return record


def _merge(editor: Editor, kind: ObjectType, record: Record, body: Json) -> Record:
    other = editor.portal.record(kind.name, number(body, "other_id", -1))
    if other is record:
        raise invalid("a record cannot be merged with itself")
    return merge(editor, kind, record, other)


def _erase(editor: Editor, kind: ObjectType, record: Record, body: Json) -> None:
    if kind.name != "contacts":
        raise invalid("only contacts can be deleted for privacy")
    erase_contact(editor, record)


def _tie(editor: Editor, kind: ObjectType, record: Record, body: Json) -> Record:
    other = object_type(str(body.get("to_type", "")))
    end = editor.portal.record(other.name, number(body, "to_id", -1))
    type_ids = tuple(body.get("type_ids") or ())
    editor.associate(kind, record.record_id, other, end.record_id, type_ids)
    return record


def _cut(editor: Editor, kind: ObjectType, record: Record, body: Json) -> Record:
    other = object_type(str(body.get("to_type", "")))
    editor.dissociate(kind, record.record_id, other, number(body, "to_id", -1))
    return record


def _associate_soon(
    world: World, editor: Editor, kind: ObjectType, record_id: int, body: Json
) -> None:
    """Events of a record made in the pages can come before its associations exist."""
    ends = [
        (object_type(name), number({"id": end}, "id", -1))
        for name, ids in object_body(body.get("associations") or {}).items()
        for end in texts(ids, name)
    ]
    for other, end_id in ends:
        editor.portal.record(other.name, end_id)
    delay_ms = number(
        body, "association_delay_ms", editor.portal.peculiarities.association_delay_ms
    )

    def associate(writer: Editor) -> None:
        for other, end_id in ends:
            writer.associate(kind, record_id, other, end_id)

    def later() -> None:
        gone = contextlib.suppress(ApiError)  # one of the two was deleted meanwhile
        with gone, world.editing_as_person(editor.portal.portal_id) as writer:
            for other, end_id in ((kind, record_id), *ends):
                writer.portal.record(other.name, end_id)
            associate(writer)

    if delay_ms and ends:
        timer = threading.Timer(delay_ms / 1000, later)
        timer.daemon = True
        timer.start()
    else:
        associate(editor)
