"""The seed "real": a portal as accounts that have been in use for years really are.

Companies carry the deals, labels differ from the stored values, options were renamed, won deals
have lost their close date, some customers have no deal, another vendor's properties have the names
that a lead-scoring app would like to have, and there is no room for another list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sandbox.state.portal import Portal
from sandbox.state.properties import Definition, Group, Option
from sandbox.state.records import Record

SEED: Final = "real"
VENDOR: Final = "other_vendor"
VENDOR_SCORES: Final = ("A", "B", "C")
LISTS: Final = ("Newsletter", "Trade fair", "Do not call")
NO_DEAL: Final = 3  # every third customer came without a deal
_LABELS: Final = {
    ("companies", "industry"): {
        "APPAREL_FASHION": "Apparel & Fashion",
        "COMPUTER_SOFTWARE": "Software (SaaS)",
        "HOSPITAL_HEALTH_CARE": "Hospital & Health Care",
        "INFORMATION_TECHNOLOGY_AND_SERVICES": "IT & Services",
        "LOGISTICS_AND_SUPPLY_CHAIN": "Logistics & Supply Chain",
        "OIL_ENERGY": "Oil & Energy",
        "RENEWABLES_ENVIRONMENT": "Renewables & Environment",
    },
    ("contacts", "lifecyclestage"): {"customer": "Client", "opportunity": "In talks"},
}


def age(portal: Portal, now_ms: int) -> None:
    """Make the generated portal such a one."""
    for (kind, name), labels in _LABELS.items():
        _rename(portal, kind, name, labels)
    for company in portal.stores["companies"]:
        if company.properties.get("industry") == "RETAIL":
            company.properties["industry"] = "APPAREL_FASHION"
    _deals(portal, now_ms)
    _other_vendor(portal)
    for name in LISTS:
        portal.lists.create(name, "0-1", "MANUAL", portal.created_ms)
    portal.peculiarities.lists_max = len(LISTS)


def _rename(portal: Portal, kind: str, name: str, labels: Mapping[str, str]) -> None:
    catalog = portal.catalogs[kind]
    old = catalog.require(name)
    options = tuple(replace(o, label=labels.get(o.value, o.label)) for o in old.options)
    catalog.change(replace(old, options=options))


def _deals(portal: Portal, now_ms: int) -> None:
    """Companies carry them; won ones have no close date, and every third is gone."""
    won = 0
    for deal in list(portal.stores["deals"]):
        if portal.associations.of("deals", deal.record_id, "companies"):
            for contact_id in list(portal.associations.of("deals", deal.record_id, "contacts")):
                portal.associations.untie("deals", deal.record_id, "contacts", contact_id)
                portal.record("contacts", contact_id).properties.pop("num_associated_deals", None)
        if deal.properties.get("dealstage") == "closedwon":
            won += 1
            _forget(deal, "closedate")
            if won % NO_DEAL == 0:
                deal.archived_ms = now_ms


def _forget(record: Record, name: str) -> None:
    record.properties.pop(name, None)
    record.history.pop(name, None)


def _other_vendor(portal: Portal) -> None:
    """Another app was here before: a text score and a fit with options of its own, with values."""
    catalog = portal.catalogs["contacts"]
    catalog.add_group(Group(VENDOR, "Other vendor's scoring", 91))
    fits = tuple(Option(value, value, n) for n, value in enumerate(("Hot", "Warm", "Cold")))
    for definition in (
        Definition("ai_lead_score", "AI lead score", "string", "text", VENDOR),
        Definition("ai_lead_fit", "AI lead fit", "enumeration", "radio", VENDOR, options=fits),
        Definition("ai_last_scored", "AI last scored", "datetime", "date", VENDOR),
    ):
        catalog.add(replace(definition, created_ms=portal.created_ms))
    for number, contact in enumerate(portal.stores["contacts"]):
        contact.properties["ai_lead_score"] = VENDOR_SCORES[number % len(VENDOR_SCORES)]
        contact.properties["ai_lead_fit"] = fits[number % len(fits)].value
