"""Property definitions from and to JSON, with what HubSpot checks in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.crm.inputs import text_at
from sandbox.errors import Json, invalid
from sandbox.state.properties import FIELD_TYPES, TYPES, Definition, Option
from sandbox.times import iso

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_FITS = {
    "bool": ("booleancheckbox", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),
    "enumeration": ("booleancheckbox", "checkbox", "radio", "select", "calculation_equation"),
    "number": ("number", "calculation_equation"),
    "phone_number": ("phonenumber",),
    "string": ("file", "html", "phonenumber", "text", "textarea", "calculation_equation"),
}


def new_definition(body: Mapping[str, Any], now_ms: int, user_id: str) -> Definition:
    """A custom property to add; ApiError 400 says what is wrong with it."""
    name = text_at(body, "name")
    if not _NAME.fullmatch(name):
        raise invalid(
            f"property name {name!r} is not valid: it must start with a letter and hold only "
            "lower-case letters, digits and underscores, at most 100",
            name=name,
        )
    definition = Definition(
        name,
        text_at(body, "label"),
        _one_of(body, "type", TYPES),
        _one_of(body, "fieldType", FIELD_TYPES),
        text_at(body, "groupName"),
        str(body.get("description") or ""),
        _options(body),
        has_unique_value=bool(body.get("hasUniqueValue")),
        hidden=bool(body.get("hidden")),
        form_field=bool(body.get("formField")),
        display_order=_order(body),
        created_ms=now_ms,
        updated_ms=now_ms,
        user_id=user_id,
        sensitivity=str(body.get("dataSensitivity") or "non_sensitive"),
    )
    return _checked(definition)


def changed(old: Definition, body: Mapping[str, Any], now_ms: int) -> Definition:
    """An existing property with the keys of a PATCH."""
    if old.hubspot_defined and set(body) - {"options", "displayOrder", "hidden", "formField"}:
        raise invalid(f"{old.name} is defined by HubSpot and cannot be changed", name=old.name)
    return _checked(
        replace(
            old,
            label=str(body.get("label", old.label)),
            description=str(body.get("description", old.description)),
            group=str(body.get("groupName", old.group)),
            type=_one_of(body, "type", TYPES) if "type" in body else old.type,
            field_type=_one_of(body, "fieldType", FIELD_TYPES)
            if "fieldType" in body
            else old.field_type,
            options=_options(body) if "options" in body else old.options,
            hidden=bool(body.get("hidden", old.hidden)),
            form_field=bool(body.get("formField", old.form_field)),
            display_order=_order(body) if "displayOrder" in body else old.display_order,
            updated_ms=now_ms,
        )
    )


def _checked(definition: Definition) -> Definition:
    if definition.field_type not in _FITS[definition.type]:
        raise invalid(
            f"fieldType {definition.field_type} does not fit type {definition.type}",
            name=definition.name,
        )
    if definition.type == "enumeration" and not definition.options:
        raise invalid(f"{definition.name} is an enumeration and needs options")
    values = [option.value for option in definition.options]
    if len(set(values)) < len(values):
        raise invalid(f"{definition.name} has an option value twice")
    return definition


def _one_of(body: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    value = text_at(body, key)
    if value not in allowed:
        raise invalid(f"`{key}` must be one of {', '.join(allowed)}, not {value}")
    return value


def _order(body: Mapping[str, Any]) -> int:
    value = body.get("displayOrder", -1)
    return value if isinstance(value, int) else -1


def _options(body: Mapping[str, Any]) -> tuple[Option, ...]:
    options = body.get("options") or []
    if not isinstance(options, list) or not all(isinstance(o, dict) for o in options):
        raise invalid("`options` must be a list of objects")
    return tuple(
        Option(
            text_at(option, "value"),
            text_at(option, "label"),
            _order(option),
            bool(option.get("hidden")),
            str(option.get("description") or ""),
        )
        for option in options
    )


def definition_json(definition: Definition) -> Json:
    """A definition as answers show it."""
    own = definition.hubspot_defined
    answer: Json = {
        "name": definition.name,
        "label": definition.label,
        "type": definition.type,
        "fieldType": definition.field_type,
        "description": definition.description,
        "groupName": definition.group,
        "options": [_option_json(option) for option in definition.options],
        "displayOrder": definition.display_order,
        "calculated": definition.calculated,
        "externalOptions": definition.name == "hubspot_owner_id",
        "hasUniqueValue": definition.has_unique_value,
        "hidden": definition.hidden,
        "hubspotDefined": own,
        "formField": definition.form_field,
        "archived": definition.archived_ms is not None,
        "dataSensitivity": definition.sensitivity,
        "createdAt": iso(definition.created_ms),
        "updatedAt": iso(definition.updated_ms),
        "modificationMetadata": {
            "archivable": not own,
            "readOnlyDefinition": own,
            "readOnlyOptions": own,
            "readOnlyValue": definition.read_only,
        },
    }
    if definition.user_id:
        answer |= {"createdUserId": definition.user_id, "updatedUserId": definition.user_id}
    if definition.archived_ms is not None:
        answer["archivedAt"] = iso(definition.archived_ms)
    if definition.name == "hubspot_owner_id":
        answer["referencedObjectType"] = "OWNER"
    return answer


def _option_json(option: Option) -> Json:
    return {
        "label": option.label,
        "value": option.value,
        "description": option.description,
        "displayOrder": option.display_order,
        "hidden": option.hidden,
    }
