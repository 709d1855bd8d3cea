"""Property groups, `/crm/properties/{version}/{objectType}/groups` (ref 5.4)."""

from __future__ import annotations

from dataclasses import replace

from sandbox.crm.inputs import text_at
from sandbox.errors import Json
from sandbox.gateway import Answer, Call, Gateway
from sandbox.needs import to_read_schema, to_write_schema
from sandbox.state.object_types import object_type
from sandbox.state.properties import Catalog, Group

BASE = "/crm/properties/{version}/{object_type}/groups"
ONE = BASE + "/{name}"


def register(gateway: Gateway) -> None:
    """Serve the calls of this file."""
    gateway.add("GET", BASE, list_groups, to_read_schema)
    gateway.add("POST", BASE, create_group, to_write_schema)
    gateway.add("GET", ONE, get_group, to_read_schema)
    gateway.add("PATCH", ONE, update_group, to_write_schema)
    gateway.add("DELETE", ONE, archive_group, to_write_schema)


def list_groups(call: Call, object_type: str) -> Answer:
    """All groups."""
    return {"results": [_json(group) for group in _catalog(call, object_type).groups()]}, 200


def create_group(call: Call, object_type: str) -> Answer:
    """201; 409 when the name is taken."""
    body = call.body()
    order = body.get("displayOrder", -1)
    group = Group(text_at(body, "name"), text_at(body, "label"), order)
    return _json(_catalog(call, object_type).add_group(group)), 201


def get_group(call: Call, object_type: str, name: str) -> Answer:
    """One group."""
    return _json(_catalog(call, object_type).group(name)), 200


def update_group(call: Call, object_type: str, name: str) -> Answer:
    """Change label or order."""
    catalog, body = _catalog(call, object_type), call.body()
    group = catalog.group(name)
    label, order = body.get("label", group.label), body.get("displayOrder", group.display_order)
    return _json(catalog.change_group(replace(group, label=label, display_order=order))), 200


def archive_group(call: Call, object_type: str, name: str) -> Answer:
    """204; 400 while the group has properties."""
    _catalog(call, object_type).remove_group(name)
    return None, 204


def _catalog(call: Call, name: str) -> Catalog:
    return call.portal.catalogs[object_type(name).name]


def _json(group: Group) -> Json:
    return {
        "name": group.name,
        "label": group.label,
        "displayOrder": group.display_order,
        "archived": group.archived,
    }
