"""`POST /sandbox/portals/{id}/import`: rows of a CSV, as HubSpot's import tool would load them."""

from __future__ import annotations

from typing import Any

from flask import Flask

from sandbox.control.desk import object_body, serve
from sandbox.errors import Json, invalid
from sandbox.importing.reading import Table
from sandbox.importing.writer import import_table
from sandbox.state.records import Source
from sandbox.world import World

IMPORT = Source("IMPORT", "sandbox-import", "CSV import")


def register(app: Flask, world: World) -> None:
    """Serve the address of this file."""

    def load(body: Any, portal_id: int) -> Json:
        wanted = object_body(body)
        kind = wanted.get("object_type")
        if kind not in ("companies", "contacts"):
            raise invalid("`object_type` must be companies or contacts")
        table = _table(wanted)
        with world.lock:
            editor = world.editor(world.portal(portal_id), IMPORT)
            return import_table(editor, kind, table, bool(wanted.get("with_contacts")))

    serve(app, "POST", "/sandbox/portals/<int:portal_id>/import", load)


def _table(body: Json) -> Table:
    headers, rows = body.get("headers"), body.get("rows")
    if not isinstance(headers, list) or not isinstance(rows, list):
        raise invalid("`headers` and `rows` must be lists")
    if any(not isinstance(row, list) or len(row) != len(headers) for row in rows):
        raise invalid("every row must have as many cells as there are headers")
    numbers = body.get("numbers") or range(2, len(rows) + 2)
    cells = tuple(tuple(str(cell) for cell in row) for row in rows)
    return Table(tuple(map(str, headers)), cells, tuple(numbers))
