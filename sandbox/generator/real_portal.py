"""The seed "real": a portal as accounts that have been in use for years really are.

Companies carry the deals, candidates and new customers have pipelines of their own, labels differ
from the stored values, options were renamed, won deals have lost their close date, some customers
have no deal, another vendor's properties have the names that a lead-scoring app would like to have,
and there is no room for another list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sandbox.state.derived import deal_state
from sandbox.state.portal import Portal
from sandbox.state.properties import Definition, Group, Option
from sandbox.state.records import Record, ui
from sandbox.times import iso

SEED: Final = "real"
VENDOR: Final = "other_vendor"
VENDOR_SCORES: Final = ("A", "B", "C")
LISTS: Final = ("Newsletter", "Trade fair", "Do not call")
NO_DEAL: Final = 3  # every third customer came without a deal
ONBOARDED: Final = 2  # every second customer has a won deal in the onboarding pipeline
CANDIDATES: Final = 11  # every eleventh contact was hired, or is to be
_PIPELINES: Final = {"900001": "Recruiting", "900002": "Onboarding"}
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
    _other_pipelines(portal, now_ms)
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


def _other_pipelines(portal: Portal, now_ms: int) -> None:
    """Contacts with a deal that was won, but not by sales: some just now, some of customers."""
    portal.pipelines |= _PIPELINES
    catalog = portal.catalogs["deals"]
    old = catalog.require("pipeline")
    more = tuple(Option(v, label, n) for n, (v, label) in enumerate(_PIPELINES.items(), 1))
    catalog.change(replace(old, options=(*old.options, *more)))
    customers = 0
    for number, contact in enumerate(list(portal.stores["contacts"])):
        bought_ms = contact.changed_ms("lifecyclestage", "customer")
        customers += bought_ms is not None
        if bought_ms is not None and customers % ONBOARDED == 0:
            _won(portal, contact, "900002", bought_ms)
        elif bought_ms is None and number % CANDIDATES == 0:
            _won(portal, contact, "900001", (contact.created_ms + now_ms) // 2)


def _won(portal: Portal, contact: Record, pipeline: str, at_ms: int) -> None:
    deal_id, stamp = portal.next_id(), iso(at_ms)
    values = {
        "hs_object_id": str(deal_id),
        "createdate": stamp,
        "hs_lastmodifieddate": stamp,
        "closedate": stamp,
        "dealname": _PIPELINES[pipeline],
        "pipeline": pipeline,
        "dealstage": "closedwon",
        **deal_state("closedwon", at_ms),
    }
    portal.stores["deals"].add(Record(deal_id, values, at_ms, at_ms, ui(7_000_001)))
    portal.associations.tie("deals", deal_id, "contacts", contact.record_id)


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
