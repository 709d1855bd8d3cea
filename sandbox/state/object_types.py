"""The kinds of CRM records and their names, ids and scopes (ref 2.5 and 4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.errors import unreadable


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One kind. `name` is what paths say, `singular` what webhooks and associations say."""

    name: str
    singular: str
    type_id: str
    created_property: str
    modified_property: str
    shown: tuple[str, ...]  # answered when a call names no properties
    read_scopes: tuple[str, ...]
    write_scopes: tuple[str, ...]

    @property
    def is_activity(self) -> bool:
        """Calls, emails, meetings, notes and tasks."""
        return self.name in ACTIVITIES


ACTIVITIES = ("calls", "emails", "meetings", "notes", "tasks")


def _record_type(
    name: str, singular: str, type_id: str, modified: str, shown: tuple[str, ...]
) -> ObjectType:
    return ObjectType(
        name,
        singular,
        type_id,
        "createdate",
        modified,
        (*shown, "createdate", modified, "hs_object_id"),
        (f"crm.objects.{name}.read",),
        (f"crm.objects.{name}.write",),
    )


def _activity_type(name: str, singular: str, type_id: str) -> ObjectType:
    extra = ("sales-email-read",) if name == "emails" else ()
    return ObjectType(
        name,
        singular,
        type_id,
        "hs_createdate",
        "hs_lastmodifieddate",
        ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        ("crm.objects.contacts.read", *extra),
        ("crm.objects.contacts.write", *extra),
    )


CONTACTS = _record_type(
    "contacts", "contact", "0-1", "lastmodifieddate", ("email", "firstname", "lastname")
)
COMPANIES = _record_type("companies", "company", "0-2", "hs_lastmodifieddate", ("domain", "name"))
DEALS = _record_type(
    "deals",
    "deal",
    "0-3",
    "hs_lastmodifieddate",
    ("amount", "closedate", "dealname", "dealstage", "pipeline"),
)
# What reps of Sales Hub work: guide "Leads"; properties and ids of ties as accounts show them.
LEADS = ObjectType(
    "leads",
    "lead",
    "0-136",
    "hs_createdate",
    "hs_lastmodifieddate",
    ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
    ("crm.objects.leads.read",),
    ("crm.objects.leads.write",),
)
OBJECT_TYPES: dict[str, ObjectType] = {
    kind.name: kind
    for kind in (
        CONTACTS,
        COMPANIES,
        DEALS,
        LEADS,
        _activity_type("tasks", "task", "0-27"),
        _activity_type("notes", "note", "0-46"),
        _activity_type("meetings", "meeting", "0-47"),
        _activity_type("calls", "call", "0-48"),
        _activity_type("emails", "email", "0-49"),
    )
}
_BY_ANY_NAME = {
    alias: kind
    for kind in OBJECT_TYPES.values()
    for alias in (kind.name, kind.singular, kind.type_id)
} | {"meeting_event": OBJECT_TYPES["meetings"]}


def object_type(name: str) -> ObjectType:
    """The kind called `contacts`, `contact`, `CONTACT` or `0-1`; 400 when there is none."""
    kind = _BY_ANY_NAME.get(name.lower())
    if kind is None:
        raise unreadable(f"Unable to infer object type from: {name}")
    return kind
