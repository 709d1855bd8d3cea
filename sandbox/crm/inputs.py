"""Reads what callers send; ApiError 400 names what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.crm.shapes import Wanted
from sandbox.errors import ApiError, Json, invalid, not_found
from sandbox.gateway import Call
from sandbox.numbers import BATCH_MAX
from sandbox.state.association_types import ASSOCIATION_TYPES
from sandbox.state.editor import Tie
from sandbox.state.object_types import ObjectType
from sandbox.state.portal import Portal
from sandbox.state.records import Record


def inputs_of(body: Mapping[str, Any], most: int = BATCH_MAX) -> list[Json]:
    """The `inputs` of a batch."""
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(entry, dict) for entry in inputs):
        raise invalid("Invalid input JSON: `inputs` must be a list of objects")
    if not inputs:
        raise invalid("Invalid input JSON: `inputs` must not be empty")
    if len(inputs) > most:
        raise ApiError(
            400,
            "VALIDATION_ERROR",
            f"Batch size exceeds limit: {len(inputs)} inputs, at most {most} are allowed",
            context={"limit": [str(most)]},
        )
    return inputs


def text_at(entry: Mapping[str, Any], key: str) -> str:
    """A required text (HubSpot also takes ids as numbers)."""
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise invalid(f"Invalid input JSON: required field `{key}` is missing")
    return str(value)


def properties_at(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The `properties` to write."""
    properties = entry.get("properties")
    if not isinstance(properties, dict):
        raise invalid("Invalid input JSON: required field `properties` is missing")
    return properties


def ties_at(portal: Portal, kind: ObjectType, entry: Mapping[str, Any]) -> list[Tie]:
    """The `associations` of a record to create; each type id says what is at the other end."""
    wanted = entry.get("associations") or []
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise invalid("Invalid input JSON: `associations` must be a list of objects")
    return [_tie(portal, kind, one) for one in wanted]


def _tie(portal: Portal, kind: ObjectType, wanted: Mapping[str, Any]) -> Tie:
    to_id = _id_at(wanted, "to")
    type_ids = type_ids_at(wanted)
    to_type = kind_at_other_end(kind, type_ids)
    record = portal.record(to_type, to_id)
    return Tie(to_type, record.record_id, type_ids)


def _id_at(entry: Mapping[str, Any], key: str) -> str:
    end = entry.get(key)
    if not isinstance(end, dict):
        raise invalid(f"Invalid input JSON: required field `{key}` is missing")
    return text_at(end, "id")


def ends_of(entry: Mapping[str, Any]) -> tuple[str, str]:
    """The ids at `from` and `to`."""
    return _id_at(entry, "from"), _id_at(entry, "to")


def type_ids_at(entry: Mapping[str, Any]) -> tuple[int, ...]:
    """The association type ids in `types`."""
    types = entry.get("types")
    if not isinstance(types, list) or not types:
        raise invalid("Invalid input JSON: required field `types` is missing")
    return tuple(spec_type_id(spec) for spec in types)


def spec_type_id(spec: Any) -> int:
    """The type id of one `{associationCategory, associationTypeId}`."""
    type_id = spec.get("associationTypeId") if isinstance(spec, dict) else None
    if not isinstance(type_id, int) or isinstance(type_id, bool):
        raise invalid("Invalid input JSON: `associationTypeId` must be a number")
    if spec.get("associationCategory") not in (
        "HUBSPOT_DEFINED",
        "USER_DEFINED",
        "INTEGRATOR_DEFINED",
        "WORK",
    ):
        raise invalid("Invalid input JSON: `associationCategory` is missing or unknown")
    return type_id


def kind_at_other_end(kind: ObjectType, type_ids: tuple[int, ...]) -> str:
    """What a type id leads to from `kind`; 400 when it does not start there."""
    from_here = [
        known
        for type_id in type_ids
        if (known := ASSOCIATION_TYPES.get(type_id)) is not None and known.from_type == kind.name
    ]
    if len(from_here) != len(type_ids):
        raise invalid(f"association type ids {list(type_ids)} do not exist for {kind.name}")
    return from_here[0].to_type


def wanted_from_query(call: Call) -> Wanted:
    """What list and get calls name in the query."""
    return Wanted(
        call.names("properties"), call.names("propertiesWithHistory"), call.names("associations")
    )


def names_at(body: Mapping[str, Any], key: str) -> list[str]:
    """A list of names in a body, empty when absent."""
    names = body.get(key) or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise invalid(f"Invalid input JSON: `{key}` must be a list of names")
    return names


def find_record(
    portal: Portal,
    kind: ObjectType,
    record_id: str,
    id_property: str | None,
    archived: bool = False,
) -> Record:
    """A record by id or by a unique property; 404 when there is none."""
    if not id_property or id_property == "hs_object_id":
        return portal.record(kind.name, record_id, archived)
    if not portal.stores[kind.name].is_unique(id_property):
        raise invalid(f"{id_property} is not a unique property of {kind.name}")
    found = portal.stores[kind.name].find(id_property, record_id)
    if found is None:
        raise not_found("resource not found")
    return found
