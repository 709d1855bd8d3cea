"""Typed facts of a contact and of a company, from their allow-listed properties."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, timedelta, tzinfo
from typing import Final

from backend.model import NOTHING, PROFILE_FIELDS
from backend.scoring.facts.intent import intent_facts
from backend.scoring.facts.labels import SHOWN, as_recorded
from backend.scoring.facts.properties import CANDIDATES, ENUMERATIONS, mapped
from backend.scoring.text.manipulation import remainder, suspected
from backend.scoring.values import bins, titles
from backend.scoring.values.countries import BY_CODE
from backend.scoring.values.free_mail import is_free_mail
from backend.scoring.values.no_answer import is_no_answer
from backend.scoring.values.numbers import finite
from backend.scoring.values.places import state_key
from backend.scoring.values.times import parse_time

# fact → HubSpot property, a count
COUNTS: Final = {
    "page_views": "hs_analytics_num_page_views",
    "visits": "hs_analytics_num_visits",
    "opens": "hs_email_open",
    "clicks": "hs_email_click",
    "replies": "hs_email_replied",
    "forms": "num_conversion_events",
}
# fact → HubSpot properties, a day; the latest counts
DAYS: Final = {
    "created_on": ("createdate",),
    "last_visit_on": ("hs_analytics_last_visit_timestamp", "hs_analytics_last_timestamp"),
    "last_open_on": ("hs_email_last_open_date",),
    "last_click_on": ("hs_email_last_click_date",),
    "last_reply_on": ("hs_email_last_reply_date", "hs_sales_email_last_replied"),
    "last_form_on": ("recent_conversion_date",),
}
# fact → the day a contact entered a lifecycle stage, in older and in newer accounts
STAGE_DAYS: Final = {
    "became_customer_on": ("hs_lifecyclestage_customer_date", "hs_v2_date_entered_customer"),
    "in_talks_since_on": ("hs_lifecyclestage_opportunity_date", "hs_v2_date_entered_opportunity"),
}
BURST_EVENTS: Final = 5  # opens or clicks that nobody makes within BURST_TIME
BURST_TIME: Final = timedelta(seconds=60)
AT_DELIVERY: Final = timedelta(seconds=2)  # HubSpot's times are rounded; nobody reads so fast
EMAILS: Final = "email_macs"  # keyed hashes of the contact's addresses, " " between them
OPENS: Final = ("opens", "last_open_on", "opens_burst")  # facts that a portal can do without
# Where a visitor or a colleague can type: instructions in here are cut out, and the lead flagged.
TYPED: Final = frozenset(
    {"jobtitle", "name", "firstname", "lastname", "city", "hs_buying_role"}.union(
        *(names for names in CANDIDATES.values())
    )
)
SUSPICION: Final = "manipulation_suspected"  # the fact that says so, "yes"
_HARMLESS = re.compile(r"[\w.+-]{0,23}|[\d\s.,+$€£<>-]*")
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}")
_ENUMERATION = re.compile(r"[\w &/.+-]{1,60}")


def contact_facts(
    given: Mapping[str, str],
    property_map: Mapping[str, str],
    rates: Mapping[str, float] = NOTHING,
    zone: tzinfo = UTC,
) -> dict[str, str]:
    """Facts of a contact; values that cannot be read are left out."""
    given, suspicion = _without_orders(given, property_map)
    domain = _domain(given.get("email", "").rpartition("@")[2] or given.get("hs_email_domain", ""))
    title = given.get("jobtitle", "")
    rank = titles.seniority(title)
    facts = {
        **profile_facts(given, property_map, rates),
        **_engagement(given, zone),
        **intent_facts(given, zone),
        "email_domain": domain,
        "email_kind": email_kind(domain),
        "has_email": "yes" if "@" in given.get("email", "") else "",
        "has_phone": "yes" if _is_phone(given) else "",
        # "staff" stands for any readable title, and a rest of an attack is none
        "seniority": "" if suspicion and rank == "staff" else rank,
        "department": titles.department(title),
        "opted_out": _yes(given.get("hs_email_optout", "")),
        "bounced": _bounced(given),
        **{fact: _enumeration(given.get(name, "")) for fact, name in ENUMERATIONS.items()},
        **{fact: _first_day(given, names, zone) for fact, names in STAGE_DAYS.items()},
        "company_id": _enumeration(given.get("associatedcompanyid", "")),  # the primary one
        "owner_id": _enumeration(given.get("hubspot_owner_id", "")),
        SUSPICION: suspicion,
    }
    return {name: text for name, text in facts.items() if text}


def company_facts(
    given: Mapping[str, str],
    property_map: Mapping[str, str],
    rates: Mapping[str, float] = NOTHING,
) -> dict[str, str]:
    """Facts of a company. `company_name` is only ever shown; no reader and no index gets it."""
    given, suspicion = _without_orders(given, property_map)
    created = parse_time(given.get("createdate"))
    facts = {
        **profile_facts(given, property_map, rates),
        "company_name": "" if is_no_answer(given.get("name", "")) else given["name"][:200],
        "domain": _domain(given.get("domain", "")),
        "lifecycle_stage": _enumeration(given.get("lifecyclestage", "")),
        "created_on": created.date().isoformat() if created else "",
        SUSPICION: suspicion,
    }
    return {name: text for name, text in facts.items() if text}


def profile_facts(
    given: Mapping[str, str],
    property_map: Mapping[str, str],
    rates: Mapping[str, float] = NOTHING,
) -> dict[str, str]:
    """The six profile fields, and what the record says in its own words (`SHOWN`); technologies
    joined by ";". A mapped property goes first."""
    chosen = dict(mapped(property_map))
    facts = {}
    for field in PROFILE_FIELDS:
        own = (chosen[field],) if field in chosen else ()
        for name in (*own, *CANDIDATES[field]):
            value = _profile_value(field, name, given.get(name, ""), rates)
            if value:
                facts[field] = value
                facts[SHOWN + field] = as_recorded(field, given[name])
                break
    return facts


def email_kind(domain: str) -> str:
    """ "free", "company", or "" without an address."""
    if not domain:
        return ""
    return "free" if is_free_mail(domain) else "company"


def _without_orders(
    given: Mapping[str, str], property_map: Mapping[str, str]
) -> tuple[Mapping[str, str], str]:
    """The properties without instructions to a reader, and "yes" when there were any."""
    names = TYPED.union(name for _, name in mapped(property_map))
    hostile = [
        name
        for name in sorted(names & given.keys())
        if not _HARMLESS.fullmatch(given[name]) and suspected(given[name])
    ]
    if not hostile:
        return given, ""
    return {**given, **{name: remainder(given[name]) for name in hostile}}, "yes"


def _profile_value(field: str, name: str, text: str, rates: Mapping[str, float]) -> str:
    if name == "state" and field == "location":
        return "" if is_no_answer(text) else state_key(text)
    if name == "hs_country_code" and text.strip() in {"NA", "na"}:
        return BY_CODE["na"]  # HubSpot's own code: Namibia
    value = bins.parse(field, text, rates)
    return value if isinstance(value, str) else ";".join(value)


def _engagement(given: Mapping[str, str], zone: tzinfo) -> dict[str, str]:
    facts = {}
    for fact, name in COUNTS.items():
        count = finite(given.get(name))
        if count is not None and count >= 1:
            facts[fact] = str(int(count))
    for fact, names in DAYS.items():
        moments = [moment for name in names if (moment := parse_time(given.get(name), zone))]
        if moments:
            facts[fact] = max(moments).date().isoformat()
    return facts | _machine_signs(given)


def _machine_signs(given: Mapping[str, str]) -> dict[str, str]:
    """What looks like a link scanner or a mail program's privacy rather than a person: many opens
    or clicks at once, or a click as soon as the email was delivered. "yes" by fact."""
    found = {}
    for what, fact in (("open", "opens_burst"), ("click", "clicks_burst")):
        first = parse_time(given.get(f"hs_email_first_{what}_date"))
        last = parse_time(given.get(f"hs_email_last_{what}_date"))
        count = finite(given.get(f"hs_email_{what}")) or 0.0
        if first and last and count >= BURST_EVENTS and last - first <= BURST_TIME:
            found[fact] = "yes"
    sent = parse_time(given.get("hs_email_last_send_date"))
    clicked = parse_time(given.get("hs_email_last_click_date"))
    if sent and clicked and timedelta(0) <= clicked - sent <= AT_DELIVERY:
        found["click_at_delivery"] = "yes"
    return found


def _first_day(given: Mapping[str, str], names: tuple[str, ...], zone: tzinfo) -> str:
    moments = [moment for name in names if (moment := parse_time(given.get(name), zone))]
    return min(moments).date().isoformat() if moments else ""


def _domain(text: str) -> str:
    domain = text.strip().casefold().removeprefix("www.")
    return domain if _DOMAIN.fullmatch(domain) else ""


def _enumeration(text: str) -> str:
    """An enumeration's value in lower case; anything that cannot be one is unknown."""
    if not _ENUMERATION.fullmatch(text) or is_no_answer(text, other=False):
        return ""
    return text.casefold()


def _yes(text: str) -> str:
    return "yes" if text.casefold() in {"true", "yes", "1"} else ""


def _bounced(given: Mapping[str, str]) -> str:
    hard = given.get("hs_email_hard_bounce_reason_enum", "")
    return "yes" if hard or (finite(given.get("hs_email_bounce")) or 0) >= 1 else ""


def _is_phone(given: Mapping[str, str]) -> bool:
    texts = (given.get("phone", ""), given.get("mobilephone", ""))
    return any(sum(c.isdigit() for c in text) >= 6 for text in texts)
