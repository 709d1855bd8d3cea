"""Property definitions, `/crm/properties/{version}/{objectType}` (ref 5.4)."""

from __future__ import annotations

from dataclasses import replace

from sandbox.crm.definitions import changed, definition_json, new_definition
from sandbox.crm.inputs import inputs_of, text_at
from sandbox.crm.shapes import batch_json
from sandbox.errors import ApiError, Json
from sandbox.gateway import Answer, Call, Gateway
from sandbox.needs import to_read_schema, to_write_schema
from sandbox.state.object_types import object_type
from sandbox.state.properties import Catalog, Definition

BASE = "/crm/properties/{version}/{object_type}"
ONE = BASE + "/{name}"


def register(gateway: Gateway) -> None:
    """Serve the calls of this file."""
    gateway.add("GET", BASE, list_properties, to_read_schema)
    gateway.add("POST", BASE, create_property, to_write_schema)
    gateway.add("GET", ONE, get_property, to_read_schema)
    gateway.add("PATCH", ONE, update_property, to_write_schema)
    gateway.add("DELETE", ONE, archive_property, to_write_schema)
    gateway.add("POST", BASE + "/batch/create", batch_create, to_write_schema)
    gateway.add("POST", BASE + "/batch/read", batch_read, to_read_schema)
    gateway.add("POST", BASE + "/batch/archive", batch_archive, to_write_schema)


def list_properties(call: Call, object_type: str) -> Answer:
    """All definitions, no paging."""
    found = _catalog(call, object_type).all(call.flag("archived"))
    return {"results": [definition_json(definition) for definition in found]}, 200


def create_property(call: Call, object_type: str) -> Answer:
    """201; 409 when the name is taken."""
    return definition_json(_create(call, object_type, call.body())), 201


def get_property(call: Call, object_type: str, name: str) -> Answer:
    """One definition."""
    found = _catalog(call, object_type).require(name, call.flag("archived"))
    return definition_json(found), 200


def update_property(call: Call, object_type: str, name: str) -> Answer:
    """Change some of a custom property's keys."""
    catalog = _catalog(call, object_type)
    definition = changed(catalog.require(name), call.body(), call.now_ms)
    return definition_json(catalog.change(definition)), 200


def archive_property(call: Call, object_type: str, name: str) -> Answer:
    """204; HubSpot's own properties cannot be archived."""
    _archive(call, object_type, name)
    return None, 204


def batch_create(call: Call, object_type: str) -> Answer:
    """201 with all, 207 when some were refused."""
    made: list[Json] = []
    errors: list[ApiError] = []
    for entry in inputs_of(call.body()):
        try:
            made.append(definition_json(_create(call, object_type, entry)))
        except ApiError as refused:
            errors.append(refused)
    return batch_json(made, errors, call.now_ms, done=201)


def batch_read(call: Call, object_type: str) -> Answer:
    """Several definitions by name."""
    body = call.body()
    catalog = _catalog(call, object_type)
    found: list[Json] = []
    errors: list[ApiError] = []
    for entry in inputs_of(body):
        try:
            definition = catalog.require(text_at(entry, "name"), bool(body.get("archived")))
            found.append(definition_json(definition))
        except ApiError as refused:
            errors.append(refused)
    return batch_json(found, errors, call.now_ms)


def batch_archive(call: Call, object_type: str) -> Answer:
    """204."""
    for entry in inputs_of(call.body()):
        _archive(call, object_type, text_at(entry, "name"))
    return None, 204


def _catalog(call: Call, name: str) -> Catalog:
    return call.portal.catalogs[object_type(name).name]


def _create(call: Call, kind_name: str, body: Json) -> Definition:
    kind, catalog = object_type(kind_name), _catalog(call, kind_name)
    definition = new_definition(body, call.now_ms, str(call.token.grant.user_id))
    tier, most = call.portal.tier, call.portal.custom_properties_max
    if catalog.custom_count() >= most:
        raise ApiError(
            400,
            "VALIDATION_ERROR",
            f"This account ({tier.name}) may have {most} custom properties "
            f"of {kind.name} and has them already",
            sub_category="PropertyDefinitionError.LIMIT_EXCEEDED",
        )
    made = catalog.add(definition)
    if made.has_unique_value:
        call.portal.stores[kind.name].add_unique(made.name)
    return made


def _archive(call: Call, kind_name: str, name: str) -> None:
    catalog = _catalog(call, kind_name)
    definition = catalog.get(name)
    if definition is None:
        return
    if definition.hubspot_defined:
        raise ApiError(
            400,
            "VALIDATION_ERROR",
            f"{name} is defined by HubSpot and cannot be archived",
            sub_category="PropertyDefinitionError.CANNOT_ARCHIVE_HUBSPOT_DEFINED",
        )
    catalog.change(replace(definition, archived_ms=call.now_ms))
