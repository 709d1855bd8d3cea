"""HubSpot's events as we understand them. Source: webhooks guide; both `contact.*` and `object.*`.

A change is kept as ids and names only; property values never leave this module.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from backend.model import OF_CONTACTS
from backend.storage.leads.inbox import NewEvent

OBJECT_TYPES = {
    "0-1": "contacts",
    "0-2": "companies",
    "0-3": "deals",
    "0-27": "tasks",
    "0-46": "notes",
    "0-47": "meetings",
    "0-48": "calls",
    "0-49": "emails",
    "0-136": "leads",
}
_NAMES = {
    "contact": "contacts",
    "company": "companies",
    "deal": "deals",
    "task": "tasks",
    "note": "notes",
    "meeting": "meetings",
    "meeting_event": "meetings",
    "call": "calls",
    "email": "emails",
    "lead": "leads",
}
# What `hubspot-card/src/app/webhooks` subscribes to, and the names HubSpot gave the same before.
SUBSCRIPTION_TYPES = frozenset(
    f"{what}.{change}"
    for what in ("object", "contact", "company", "deal")
    for change in (
        "creation",
        "deletion",
        "merge",
        "restore",
        "propertyChange",
        "associationChange",
    )
) | {"contact.privacyDeletion"}
OWN_PREFIX = "ai_"  # our own properties: hearing of them must never cause a score
SHAPE_MAX = 400  # characters
_DUE_AT_ONCE = frozenset({"creation", "propertyChange", "restore"})


ObjectId = Annotated[str, Field(pattern=r"^[0-9]{0,32}$")]
Word = Annotated[str, Field(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]


class HubSpotEvent(BaseModel):
    """One element of a webhook's array; unknown keys are ignored."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    event_id: Word = Field(alias="eventId", default="")
    subscription_id: ObjectId = Field(alias="subscriptionId", default="")
    app_id: ObjectId = Field(alias="appId", default="")
    portal_id: int = Field(alias="portalId", gt=0, lt=2**63)
    occurred_at: int = Field(alias="occurredAt", ge=0, le=4_102_444_800_000)
    subscription_type: Word = Field(alias="subscriptionType")
    object_id: ObjectId = Field(alias="objectId", default="")
    object_type_id: Word = Field(alias="objectTypeId", default="")
    property_name: Word = Field(alias="propertyName", default="")
    change_source: Word = Field(alias="changeSource", default="")
    source_id: Word = Field(alias="sourceId", default="")
    primary_object_id: ObjectId = Field(alias="primaryObjectId", default="")
    new_object_id: ObjectId = Field(alias="newObjectId", default="")
    merged_object_ids: list[ObjectId] = Field(alias="mergedObjectIds", default=[], max_length=1_000)
    association_type: Word = Field(alias="associationType", default="")
    from_object_id: ObjectId = Field(alias="fromObjectId", default="")
    to_object_id: ObjectId = Field(alias="toObjectId", default="")
    from_object_type_id: Word = Field(alias="fromObjectTypeId", default="")
    to_object_type_id: Word = Field(alias="toObjectTypeId", default="")
    shape: str = ""  # the names of the element's keys, as `portals check` reports them

    @field_validator("change_source", "source_id", "property_name", mode="before")
    @classmethod
    def _no_null(cls, value: Any) -> Any:
        return "" if value is None else value

    @property
    def change(self) -> str:
        """The part after the dot: creation, propertyChange, associationChange, …"""
        return self.subscription_type.partition(".")[2]

    @property
    def object_type(self) -> str:
        """Our plural name of the object's type, "" when it is none of ours."""
        named = self.subscription_type.partition(".")[0]
        return OBJECT_TYPES.get(self.object_type_id, "") or _NAMES.get(named, "")


@dataclass(frozen=True, slots=True)
class Malformed:
    """An element that cannot be read; `place` is its index in the array."""

    place: int
    portal_id: int | None
    problem: str
    digest: str


def parse(place: int, element: Any) -> HubSpotEvent | Malformed:
    """One element, with the docs' spelling `eventType` accepted beside `subscriptionType`."""
    if isinstance(element, dict) and "subscriptionType" not in element and "eventType" in element:
        element = {**element, "subscriptionType": element["eventType"]}
    try:
        return HubSpotEvent.model_validate(_with_shape(element))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "element"
        portal_id = element.get("portalId") if isinstance(element, dict) else None
        return Malformed(
            place,
            portal_id if isinstance(portal_id, int) and not isinstance(portal_id, bool) else None,
            f"element {place}: {where}: {error.errors()[0]['type']}",
            hashlib.sha256(repr(element).encode()).hexdigest(),
        )


def _with_shape(element: Any) -> Any:
    if not isinstance(element, dict):
        return element
    return {**element, "shape": " ".join(sorted(element))[:SHAPE_MAX]}


def is_foreign(event: HubSpotEvent, app_id: str) -> bool:
    """Not what our app subscribed to: another app's event, or one of a type we never asked for.

    HubSpot chooses a subscription's number when the app is uploaded and events carry it, so it is
    known to nobody before; that it is there is checked.
    """
    subscribed = event.app_id == app_id and event.subscription_id != ""
    return not subscribed or event.subscription_type not in SUBSCRIPTION_TYPES


def is_own(event: HubSpotEvent, app_id: str) -> bool:
    """Our own hand: a write by this app, or one of our own properties."""
    by_us = event.change_source == "INTEGRATION" and event.source_id == app_id
    return by_us or event.property_name.startswith(OWN_PREFIX)


def to_inbox(event: HubSpotEvent) -> NewEvent | None:
    """The row to store, or None when the event concerns nothing that is scored."""
    if event.change == "associationChange":
        return _association(event)
    if event.change == "merge":
        return _merge(event)
    if not event.object_type or not event.object_id:
        return None
    at_once = event.object_type == "contacts" and event.change in _DUE_AT_ONCE
    return _row(event, event.object_type, event.object_id, {}, "done" if at_once else "waiting")


def _merge(event: HubSpotEvent) -> NewEvent | None:
    if event.object_type not in {"contacts", "companies"}:
        return None
    related = {
        "primary": event.primary_object_id,
        "new": event.new_object_id,
        "merged": event.merged_object_ids,
    }
    object_id = event.object_id or event.primary_object_id
    return _row(event, event.object_type, object_id, related, "waiting")


def _association(event: HubSpotEvent) -> NewEvent | None:
    sides = _sides(event)
    contacts = [object_id for kind, object_id in sides if kind == "contacts"]
    others = [(kind, object_id) for kind, object_id in sides if kind != "contacts"]
    if not contacts or not others or not others[0][0]:
        return None
    kind, object_id = others[0]
    if kind in OF_CONTACTS:
        return _row(event, kind, object_id, {"contacts": contacts}, "waiting")
    return _row(event, "contacts", contacts[0], {"contacts": contacts}, "waiting")


def _sides(event: HubSpotEvent) -> list[tuple[str, str]]:
    named = [_NAMES.get(part.lower(), "") for part in event.association_type.split("_TO_")]
    first = OBJECT_TYPES.get(event.from_object_type_id) or (named[0] if named else "")
    second = OBJECT_TYPES.get(event.to_object_type_id) or (named[1] if len(named) > 1 else "")
    return [(first, event.from_object_id), (second, event.to_object_id)]


def _row(
    event: HubSpotEvent, object_type: str, object_id: str, related: dict[str, Any], state: str
) -> NewEvent:
    return NewEvent(
        portal_id=event.portal_id,
        dedupe_key=dedupe_key(event),
        object_type=object_type,
        object_id=object_id,
        change=event.change,
        property_name=event.property_name,
        occurred_at=datetime.fromtimestamp(event.occurred_at / 1000, UTC),
        related=related,
        state=state,
    )


def dedupe_key(event: HubSpotEvent) -> str:
    """HubSpot does not promise that `eventId` is unique; `attemptNumber` is left out on purpose."""
    parts = (
        event.portal_id,
        event.subscription_id,
        event.event_id,
        event.subscription_type,
        event.object_id or f"{event.from_object_id}>{event.to_object_id}",
        event.property_name,
        event.occurred_at,
    )
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()
