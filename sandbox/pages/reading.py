"""What the contact pages show, read from a portal's state."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from sandbox.state.object_types import ACTIVITIES
from sandbox.state.portal import Portal
from sandbox.state.properties import Definition
from sandbox.state.records import Record

PAGE = 50
EDITABLE = (
    "firstname",
    "lastname",
    "email",
    "phone",
    "jobtitle",
    "lifecyclestage",
    "hs_lead_status",
    "hubspot_owner_id",
    "city",
    "country",
    "hs_email_optout",
    "message",
)
_TAG = re.compile(r"<[^<>]*>")
_TITLES = {
    "emails": "hs_email_subject",
    "calls": "hs_call_title",
    "meetings": "hs_meeting_title",
    "tasks": "hs_task_subject",
}
_TEXTS = {
    "emails": "hs_email_text",
    "calls": "hs_call_body",
    "meetings": "hs_meeting_body",
    "notes": "hs_note_body",
    "tasks": "hs_task_body",
}
_FACTS = (
    "hs_email_direction",
    "hs_call_direction",
    "hs_call_status",
    "hs_meeting_outcome",
    "hs_task_status",
    "hs_task_priority",
    "hs_email_status",
)


@dataclass(frozen=True, slots=True)
class Field:
    """One input of the edit form; `options` are (value, label) for a choice."""

    name: str
    label: str
    value: str
    options: tuple[tuple[str, str], ...] = ()
    long: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the timeline."""

    kind: str
    when: str
    title: str
    text: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """A company or a deal beside the contact."""

    title: str
    rows: tuple[tuple[str, str], ...]
    page: str = ""


def full_name(record: Record) -> str:
    """First and last name, else the email, else the id."""
    values = record.properties
    name = f"{values.get('firstname', '')} {values.get('lastname', '')}".strip()
    return name or values.get("email") or f"Contact {record.record_id}"


def find_contacts(portal: Portal, words: str, after: int) -> tuple[list[Record], int | None]:
    """A page of contacts, newest ids first, whose name, email or job title holds every word."""
    wanted = words.lower().split()
    matches = [
        record
        for record in reversed(list(portal.stores["contacts"]))
        if record.archived_ms is None and all(word in _searched(record) for word in wanted)
    ]
    page = matches[after : after + PAGE]
    return page, after + PAGE if after + PAGE < len(matches) else None


def _searched(record: Record) -> str:
    names = ("firstname", "lastname", "email", "jobtitle", "company")
    return " ".join(record.properties.get(name, "") for name in names).lower()


def form_fields(portal: Portal, values: dict[str, str]) -> list[Field]:
    """The edit form with these values."""
    return [_field(portal, portal.catalogs["contacts"].require(n), values) for n in EDITABLE]


def _field(portal: Portal, definition: Definition, values: dict[str, str]) -> Field:
    options = tuple((option.value, option.label) for option in definition.options)
    if definition.name == "hubspot_owner_id":
        options = tuple((str(o.owner_id), f"{o.first_name} {o.last_name}") for o in portal.owners)
    value = values.get(definition.name, "")
    return Field(
        definition.name, definition.label, value, options, definition.field_type == "textarea"
    )


def other_properties(portal: Portal, record: Record) -> list[tuple[str, str, str]]:
    """(label, name, value) of everything set that the form does not show."""
    catalog = portal.catalogs["contacts"]
    rows = [
        (definition.label, name, value)
        for name, value in record.properties.items()
        if name not in EDITABLE and (definition := catalog.get(name)) is not None
    ]
    return sorted(rows)


def timeline(portal: Portal, record: Record, most: int = 40) -> list[Happening]:
    """The latest activities, newest first."""
    found = []
    for kind in ACTIVITIES:
        for activity_id in portal.associations.of("contacts", record.record_id, kind):
            activity = portal.stores[kind].get(activity_id)
            if activity is not None and activity.archived_ms is None:
                found.append(_happening(kind, activity))
    return sorted(found, key=lambda entry: entry.when, reverse=True)[:most]


def _happening(kind: str, activity: Record) -> Happening:
    values = activity.properties
    title = values.get(_TITLES.get(kind, ""), "") or kind.removesuffix("s").capitalize()
    text = html.unescape(_TAG.sub(" ", values.get(_TEXTS[kind], ""))).strip()
    facts = tuple(_words(values[name]) for name in _FACTS if name in values)
    when = values.get("hs_timestamp", "")[:16].replace("T", " ")
    return Happening(kind.removesuffix("s"), when, title, text, facts)


def _words(value: str) -> str:
    return value.replace("_", " ").lower()


def companies_of(portal: Portal, record: Record) -> list[Linked]:
    """The companies of a contact, primary first."""
    ties = portal.associations.of("contacts", record.record_id, "companies")
    primary = portal.associations.primary("contacts", record.record_id, "companies")
    found = []
    for company_id in sorted(ties, key=lambda i: i != primary):
        company = portal.stores["companies"].get(company_id)
        if company is not None:
            title = company.properties.get("name", f"Company {company_id}")
            rows = _shown(portal, "companies", company, _COMPANY_SHOWN)
            found.append(Linked(title, rows, f"/companies/{company_id}"))
    return found


def rows_of(portal: Portal, kind: str, record: Record) -> tuple[tuple[str, str], ...]:
    """What the own page of a company, a deal or a lead shows."""
    return _shown(portal, kind, record, (*_OTHERS_SHOWN[kind], *_SCORES[kind]))


def title_of(kind: str, record: Record) -> str:
    """What a company, a deal or a lead is called."""
    name = {"companies": "name", "deals": "dealname", "leads": "hs_lead_name"}[kind]
    return record.properties.get(name) or str(record.record_id)


def deals_of(portal: Portal, record: Record) -> list[Linked]:
    """The deals of a contact."""
    found = []
    for deal_id in portal.associations.of("contacts", record.record_id, "deals"):
        deal = portal.stores["deals"].get(deal_id)
        if deal is not None:
            title = deal.properties.get("dealname", f"Deal {deal_id}")
            rows = _shown(portal, "deals", deal, _DEAL_SHOWN)
            found.append(Linked(title, rows, f"/deals/{deal_id}"))
    return found


_COMPANY_SHOWN = (
    "domain",
    "industry",
    "numberofemployees",
    "annualrevenue",
    "country",
    "technologies",
    "budget_range",
)
_DEAL_SHOWN = ("dealstage", "amount", "closedate", "closed_lost_reason")
_LEAD_SHOWN = ("hs_pipeline_stage", "hs_lead_disqualification_reason", "hs_lead_type")
_OTHERS_SHOWN = {"companies": _COMPANY_SHOWN, "deals": _DEAL_SHOWN, "leads": _LEAD_SHOWN}
_SCORES = {
    "companies": ("ai_account_score", "ai_account_fit"),
    "deals": ("ai_deal_score_created", "ai_deal_score_now"),
    "leads": ("ai_lead_score", "ai_lead_fit", "ai_next_best_action"),
}


def _shown(
    portal: Portal, kind: str, record: Record, names: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    rows = []
    for name in names:
        definition = portal.catalogs[kind].get(name)
        value = record.properties.get(name, "")
        if definition is not None and value:
            labels = {option.value: option.label for option in definition.options}
            text = value[:10] if definition.type == "datetime" else labels.get(value, value)
            rows.append((definition.label, text))
    return tuple(rows)
