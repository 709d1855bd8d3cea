"""The allow-list: which HubSpot properties are requested, and nothing else ever is.

Property names: HubSpot's default properties of each object. Unknown ones are left out of the
answer by HubSpot, so candidates that only some portals have cost nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from backend.model import PROFILE_FIELDS

# Read to show a person who the lead is, or to derive a fact; never mirrored themselves.
IDENTITY: Final = frozenset(
    {
        "firstname",
        "lastname",
        "email",
        "phone",
        "mobilephone",
        "address",
        "address2",
        "zip",
        "city",
        "fax",
        "work_email",
        "hs_additional_emails",
        "hs_full_name_or_email",
        "salutation",
        "date_of_birth",
        "twitterhandle",
        "hs_linkedin_url",
        "linkedinbio",
        "jobtitle",
        "website",
        "hs_calculated_phone_number",
        "ip_city",
        "name",
        "domain",
    }
)

# HubSpot's own companies may carry these under a custom name; the first with a value counts.
CANDIDATES: Final[Mapping[str, tuple[str, ...]]] = {
    "industry": ("industry",),
    "company_size": ("numberofemployees", "numemployees", "company_size", "hs_employee_range"),
    "revenue_range": ("annualrevenue", "hs_revenue_range"),
    "location": ("hs_country_code", "country", "country_region", "region", "state"),
    "technologies": ("web_technologies", "technologies", "technology_stack", "tech_stack"),
    "budget_range": ("budget_range", "budget"),
}

# fact → HubSpot's own enumeration of a contact
ENUMERATIONS: Final[Mapping[str, str]] = {
    "buying_role": "hs_buying_role",
    "lifecycle_stage": "lifecyclestage",
    "lead_status": "hs_lead_status",
    "source": "hs_analytics_source",
}

_CONTACT: Final = (
    "firstname",
    "lastname",
    "email",
    "hs_additional_emails",
    "phone",
    "mobilephone",
    "jobtitle",
    "lifecyclestage",
    "hs_lifecyclestage_customer_date",
    "hs_v2_date_entered_customer",
    "hs_lifecyclestage_opportunity_date",
    "hs_v2_date_entered_opportunity",
    "hs_lead_status",
    "hubspot_owner_id",
    "associatedcompanyid",
    "createdate",
    "country",
    "state",
    "industry",
    "numemployees",
    "annualrevenue",
    "company_size",
    "budget_range",
    "budget",
    "technologies",
    "hs_buying_role",
    "hs_email_domain",
    "hs_email_optout",
    "hs_email_bounce",
    "hs_email_hard_bounce_reason_enum",
    "hs_analytics_source",
    "hs_analytics_num_page_views",
    "hs_analytics_num_visits",
    "hs_analytics_last_timestamp",
    "hs_analytics_last_visit_timestamp",
    "hs_email_last_send_date",
    "hs_email_open",
    "hs_email_first_open_date",
    "hs_email_last_open_date",
    "hs_email_click",
    "hs_email_first_click_date",
    "hs_email_last_click_date",
    "hs_email_replied",
    "hs_email_last_reply_date",
    "hs_sales_email_last_replied",
    "num_conversion_events",
    "recent_conversion_date",
    "recent_conversion_event_name",
    "first_conversion_date",
    "first_conversion_event_name",
    "hs_analytics_last_url",
    "message",
)
_COMPANY: Final = (
    "name",
    "domain",
    "lifecyclestage",
    "createdate",
    "description",
    "industry",
    "numberofemployees",
    "hs_employee_range",
    "annualrevenue",
    "hs_revenue_range",
    "country",
    "hs_country_code",
    "region",
    "state",
    "web_technologies",
    "technologies",
    "technology_stack",
    "tech_stack",
    "budget_range",
    "budget",
)

PROPERTIES: Final[Mapping[str, tuple[str, ...]]] = {
    "contacts": _CONTACT,
    "companies": _COMPANY,
    "deals": (
        "dealstage",
        "pipeline",
        "amount",
        "amount_in_home_currency",
        "createdate",
        "closedate",
        "hs_v2_date_entered_current_stage",
        "hs_is_closed",
        "hs_is_closed_won",
        "hs_deal_stage_probability",
        "hubspot_owner_id",
    ),
    "leads": (
        "hs_lead_is_qualified",
        "hs_lead_is_disqualified",
        "hs_v2_date_entered_current_stage",
        "hs_pipeline_stage",
        "hs_lead_disqualification_reason",
    ),
    "calls": (
        "hs_timestamp",
        "hs_call_direction",
        "hs_call_status",
        "hs_call_disposition",
        "hs_call_duration",
    ),
    "emails": (
        "hs_timestamp",
        "hs_email_direction",
        "hs_email_status",
        "hs_email_subject",
        "hs_email_from_email",
        "hs_email_headers",
    ),
    "meetings": ("hs_timestamp", "hs_meeting_start_time", "hs_meeting_outcome"),
    "notes": ("hs_timestamp",),
    "tasks": ("hs_timestamp", "hs_task_status", "hs_task_subject", "hs_task_body"),
}

# name in `PortalSettings.read_free_text` → (object type, property)
FREE_TEXT: Final[Mapping[str, tuple[str, str]]] = {
    "message": ("contacts", "message"),
    "description": ("companies", "description"),
    "notes": ("notes", "hs_note_body"),
    "emails": ("emails", "hs_email_text"),
}
# The mirror keeps a free text under this prefix, apart from typed facts.
FREE_TEXT_PREFIX: Final = "text."


# Object types whose own properties a portal may let the model learn from.
OWN_TYPES: Final = ("contacts", "companies")


def properties_for(
    object_type: str,
    property_map: Mapping[str, str],
    read_free_text: tuple[str, ...] = (),
    learn_from: Sequence[str] = (),
) -> tuple[str, ...]:
    """What to request: the allow-list, mapped and allowed own properties, opted-in texts; each
    once."""
    names = list(PROPERTIES[object_type])
    if object_type in OWN_TYPES:
        names += [name for _, name in mapped(property_map)]
        names += own_names(learn_from, object_type)
    names += [
        name
        for text, (owner, name) in FREE_TEXT.items()
        if owner == object_type and text in read_free_text
    ]
    unread = {name for text, (owner, name) in FREE_TEXT.items() if text not in read_free_text}
    return tuple(dict.fromkeys(name for name in names if name not in unread))


def mapped(property_map: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """(fact, property) pairs that may be used: profile fields only, never an identity property."""
    return tuple(
        (fact, name)
        for fact, name in sorted(property_map.items())
        if fact in PROFILE_FIELDS and name and name not in IDENTITY
    )


def own_names(learn_from: Sequence[str], object_type: str) -> tuple[str, ...]:
    """Of "contacts.program_interest" and the like: the properties of one object type. Whatever is
    stored, never an identity property and never one that this product writes."""
    parts = (entry.partition(".") for entry in learn_from)
    return tuple(
        name
        for owner, _, name in parts
        if owner == object_type and name and name not in IDENTITY and not name.startswith("ai_")
    )
