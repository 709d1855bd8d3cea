"""Fields and values as a person reads them."""

from __future__ import annotations

from typing import Final

LABELS: Final = {
    "industry": "Industry",
    "company_size": "Company size",
    "revenue_range": "Revenue range",
    "location": "Location",
    "technologies": "Technology stack",
    "budget_range": "Budget range",
    "similarity": "Similarity to ideal clients",
    "portal_average": "Portal average",
    "scale_limit": "Ends of the scale",
    "text": "Free text",
    "analyst": "Analyst",
    "pinned": "Set by hand",
    "reply": "Replied",
    "meeting": "Meeting",
    "missed_meeting": "Missed meeting",
    "call_in": "Called us",
    "call_out": "Reached by phone",
    "form": "Form submitted",
    "intent_form": "High-intent form",
    "intent_page": "High-intent page",
    "email_click": "Email clicked",
    "email_open": "Email opened",
    "page_views": "Pages viewed",
    "silence": "Emails without an answer",
    "bounced": "Email bounced",
    "opted_out": "Opted out of email",
    "deal_won": "Earlier deal won",
    "deal_open": "Deal open",
    "deal_lost": "Earlier deal lost",
    "seniority": "Seniority",
    "department": "Department",
    "email_kind": "Email domain",
    "source": "Source",
    "known_since": "Known since",
    "own_properties": "Your own properties",
}
UNKNOWN_FIELDS: Final = "unknown_fields"  # the factor that says what not knowing is worth
NOT_HAPPENED: Final = "no"  # the value of an input of engagement or history without any event
_NOT_YET: Final = {
    "reply": "No reply yet",
    "meeting": "No meeting yet",
    "missed_meeting": "No meeting missed",
    "call_in": "Has not called us",
    "call_out": "Not reached by phone",
    "form": "No form submitted",
    "intent_form": "No high-intent form submitted",
    "intent_page": "No high-intent page viewed",
    "email_click": "No email clicked",
    "email_open": "No email opened",
    "page_views": "No pages viewed",
    "silence": "No emails without an answer",
    "bounced": "Email not bounced",
    "opted_out": "Not opted out of email",
    "deal_won": "No earlier deal won",
    "deal_open": "No deal open",
    "deal_lost": "No earlier deal lost",
}
_DATED: Final = frozenset(
    {
        "reply",
        "meeting",
        "missed_meeting",
        "call_in",
        "call_out",
        "form",
        "intent_form",
        "intent_page",
        "email_click",
        "email_open",
        "page_views",
        "deal_won",
        "deal_open",
        "deal_lost",
    }
)
_ENUMERATED: Final = frozenset({"source", "lead_status", "buying_role", "lifecycle_stage"})
_SMALL: Final = frozenset({"and", "or", "of", "the"})
_UPPER: Final = frozenset({"it", "usa", "uk", "hr", "aws", "gcp", "sap", "crm", "php", "sql", "ai"})


def label(field: str, title: str = "") -> str:
    """ "Company size" for "company_size"; `title`: what the portal calls it."""
    name = field.removeprefix("contacts.").removeprefix("companies.")
    return title or LABELS.get(field) or name.replace("_", " ").strip().capitalize()


def source_name(value: str) -> str:
    """HubSpot's traffic source as it is called there: "Paid search", "AI referrals"."""
    text = shown("lead_source", value.replace("_", " "))
    first, _, rest = text.partition(" ")
    first = first.upper() if first == "ai" else first.capitalize()
    return f"{first} {rest}".rstrip()


def shown(field: str, value: str) -> str:
    """A canonical value as a person writes it: "Computer Software", "51-200", "Germany"."""
    if field in {"industry", "location", "technologies"}:
        return " ".join(_word(word, first=not i) for i, word in enumerate(value.split(" ")))
    return f"{value} days ago" if field == "known_since" else value


def statement(field: str, value: str, title: str = "") -> str:
    """ "Industry: Logistics", "Replied on 20 Nov", "No reply yet", "Opted out of email"."""
    if not value or value == "yes":
        return label(field, title)
    if value == NOT_HAPPENED and field in _NOT_YET:
        return _NOT_YET[field]
    if field in {"similarity", "pinned"}:
        return value[:1].upper() + value[1:]
    if field in _ENUMERATED:
        value = value.replace("_", " ")
    if field in _DATED and ", last on " not in value:
        return f"{label(field)} on {value}"
    return f"{label(field, title)}: {value}"


def _word(word: str, *, first: bool) -> str:
    if word in _UPPER:
        return word.upper()
    return word if word in _SMALL and not first else word[:1].upper() + word[1:]
