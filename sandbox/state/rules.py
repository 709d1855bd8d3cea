"""What HubSpot refuses beyond a single wrong value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.errors import ApiError, PropertyInvalid, conflict, problem
from sandbox.state.object_types import ObjectType
from sandbox.state.portal import Portal, RequiredRule
from sandbox.state.records import Record

# What a new activity must have (ref 5.6).
_NEEDED = {
    "tasks": ("hs_timestamp",),
    "notes": ("hs_timestamp",),
    "calls": ("hs_timestamp",),
    "meetings": ("hs_timestamp",),
    "emails": ("hs_timestamp", "hs_email_direction"),
}


def check_new(portal: Portal, kind: ObjectType, values: Mapping[str, str]) -> None:
    """Raises ApiError unless a record with these values may be created."""
    missing = [name for name in _NEEDED.get(kind.name, ()) if not values.get(name)]
    if missing:
        raise ApiError(
            400,
            "VALIDATION_ERROR",
            f"Error creating {kind.singular.upper()}. Some required properties were not set.",
            context={"properties": missing},
        )
    _check_owner(portal, values)
    _check_account_rules(portal, kind, values)
    for name in values:
        other = _holder(portal, kind, name, values[name])
        if other is not None and kind.name == "contacts" and name == "email":
            raise conflict(f"Contact already exists. Existing ID: {other.record_id}")
        if other is not None:
            raise _taken(name, values[name])


def check_lead(values: Mapping[str, str], tied_to: Sequence[str]) -> None:
    """Raises ApiError unless a new lead has a name and an existing contact (guide "Leads")."""
    if not values.get("hs_lead_name"):
        message = "Error creating LEAD. Some required properties were not set."
        context = {"properties": ["hs_lead_name"]}
        raise ApiError(400, "VALIDATION_ERROR", message, context=context)
    if "contacts" not in tied_to:
        raise ApiError(400, "VALIDATION_ERROR", "A lead must be associated with a contact.")


def check_change(
    portal: Portal, kind: ObjectType, record: Record, values: Mapping[str, str]
) -> None:
    """Raises ApiError unless the record may take these values."""
    _check_owner(portal, values)
    _check_account_rules(portal, kind, {**record.properties, **values})
    for name, value in values.items():
        other = _holder(portal, kind, name, value)
        if other is not None and other.record_id != record.record_id:
            raise _taken(name, value)


def _holder(portal: Portal, kind: ObjectType, name: str, value: str) -> Record | None:
    return portal.stores[kind.name].find(name, value) if value else None


def _taken(name: str, value: str) -> PropertyInvalid:
    text = f"The value {value} of the unique property {name} belongs to another record"
    return PropertyInvalid([problem("CONFLICTING_UNIQUE_VALUE", text, name)])


def _check_owner(portal: Portal, values: Mapping[str, str]) -> None:
    owner_id = values.get("hubspot_owner_id", "")
    if owner_id and owner_id not in {str(o.owner_id) for o in portal.owners if not o.archived}:
        text = f"{owner_id} is not the id of an owner"
        raise PropertyInvalid([problem("INVALID_OWNER_ID", text, "hubspot_owner_id")])


def _check_account_rules(portal: Portal, kind: ObjectType, values: Mapping[str, str]) -> None:
    broken = [
        rule
        for rule in portal.peculiarities.required
        if rule.object_type == kind.name and _is_broken(rule, values)
    ]
    if broken:
        raise PropertyInvalid([_missing(rule) for rule in broken])


def _is_broken(rule: RequiredRule, values: Mapping[str, str]) -> bool:
    applies = not rule.when_property or values.get(rule.when_property, "") == rule.when_value
    return applies and not values.get(rule.property_name)


def _missing(rule: RequiredRule) -> dict[str, object]:
    conditional = "CONDITIONAL_" if rule.when_property else ""
    text = f"{rule.property_name} is required in this account"
    return problem(f"MISSING_{conditional}REQUIRED_PROPERTY", text, rule.property_name)
