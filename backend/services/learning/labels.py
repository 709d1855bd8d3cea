"""Who of a portal's contacts was won, who was lost, and of whom that cannot be told."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from backend.learning.data.outcomes import (
    CUSTOMER_STAGES,
    HELD_OUT_WHY,
    LOST_WHY,
    WON_WHY,
    HeldOut,
    LeadHistory,
    Outcome,
    Why,
    horizon_days,
    is_customer,
    outcome_of,
)
from backend.learning.data.pipelines import PipelineUse, is_of, pipelines_in_use, sales_only
from backend.model import CompanyDeals, DealFact, PortalSettings, Snapshot
from backend.scoring.collect import deals_of
from backend.scoring.facts.eligibility import ineligible_reason
from backend.scoring.facts.labels import SHOWN
from backend.scoring.values.folding import words_of
from backend.scoring.values.times import day_of, parse_time
from backend.services.mirror.definitions import pipelines_of
from backend.services.scoring.snapshots import slices_of
from backend.storage.database import Database
from backend.storage.leads import mirror
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import Stores

LOST_CUSTOMERS_MAX: Final = 0.10  # of all customers; labels with more are not to be trusted
# HubSpot's own lifecycle stages; what another is called says whether its contacts have bought.
_OWN_STAGES: Final = frozenset(
    {"subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "other"}
)
_CUSTOMER_WORDS: Final = re.compile(
    r"\b(customers?|clients?|(bestands)?kunden?|clientes?|clienti|klant(en)?|klient|klienci|kund|kunder"
    r"|asiakas|zakaznik|musteri|ugyfel|клиент)\b|顧客|客户"
)


@dataclass(frozen=True, slots=True)
class Past:
    """One contact that is or was a lead, with what its outcome is decided from."""

    snapshot: Snapshot  # as of today
    history: LeadHistory

    @property
    def became_lead_at(self) -> datetime:
        return self.history.became_lead_at


@dataclass(frozen=True, slots=True)
class Labels:
    """What became of everybody: `decided` has each contact with its outcome or why it has none.

    `customers` is the number of leads of whom anything says that they bought.
    """

    decided: Sequence[tuple[Past, Outcome | HeldOut]]
    horizon_days: int
    pipelines: tuple[PipelineUse, ...]
    customers: int

    @property
    def known(self) -> list[tuple[Past, Outcome]]:
        """Those with an outcome."""
        return [(past, one) for past, one in self.decided if isinstance(one, Outcome)]

    def report(self, portal: Portal) -> dict[str, Any]:
        """Where the labels come from, as the console and the command line show it."""
        counts = Counter(one.why for _, one in self.decided)
        lost_customers = counts[Why.WON_LATE]
        groups = (("won", WON_WHY), ("lost", LOST_WHY), ("held out", HELD_OUT_WHY))
        return {
            "horizon_days": self.horizon_days,
            "leads": len(self.decided),
            "won": sum(counts[why] for why in WON_WHY),
            "lost": sum(counts[why] for why in LOST_WHY),
            "held_out": sum(counts[why] for why in HELD_OUT_WHY),
            "labels": [
                {"result": result, "why": why.value, "text": text, "leads": counts[why]}
                for result, texts in groups
                for why, text in texts.items()
                if counts[why]
            ],
            "pipelines": [asdict(one) for one in self.pipelines],
            "pipelines_named": bool(portal.settings.sales_pipelines),
            "company_deals": portal.settings.company_deals.value,
            "customers": self.customers,
            "customers_lost": lost_customers,
            "warnings": list(self._warnings(portal, counts)),
        }

    def _warnings(self, portal: Portal, counts: Mapping[Why, int]) -> Iterator[str]:
        lost = counts[Why.WON_LATE]
        if lost > LOST_CUSTOMERS_MAX * self.customers:
            yield (
                f"{lost} of {self.customers} customers are labelled lost, because they took longer "
                f"than {self.horizon_days} days: a model would learn that such leads do not buy."
            )
        if counts[Why.COMPANY_WON]:
            yield (
                f"{counts[Why.COMPANY_WON]} leads are held out because their company has a won "
                "deal without a contact. Choose whose such deals are: of the company's first "
                "contact, or of all its contacts."
            )
        if not portal.settings.sales_pipelines and any(not one.sales for one in self.pipelines):
            yield (
                "Nobody has said which deal pipelines are sales: those that count here are what "
                "their names and deals suggest."
            )
        if pipelines_of(portal) is None:
            yield "Pipelines and deals of companies are known after the next pull."


def labelled(stores: Stores, portal: Portal) -> Labels:
    """Read the mirror and decide for each contact that is or was a lead; asks HubSpot nothing."""
    now = stores.clock.now()
    everyone = list(contacts_once_leads(stores.database, portal, now))
    with stores.database.read() as conn:
        of_companies = {
            record.object_id: (record.facts["companies"].split(";"), deals_of([record]))
            for record in mirror.deals_of_companies(conn, portal.portal_id)
        }
    alone = [deal for _, deals in of_companies.values() for deal in deals]
    uses = pipelines_in_use(
        [past.history for past in everyone],
        alone,
        pipelines_of(portal) or {},
        portal.settings.sales_pipelines,
    )
    sales = frozenset(one.pipeline for one in uses if one.sales)
    by_company: dict[str, list[DealFact]] = defaultdict(list)
    for companies, deals in of_companies.values():
        for company_id in companies:
            by_company[company_id] += [deal for deal in deals if is_of(deal, sales)]
    first = _first_contacts(everyone)
    theirs = [_of_sales(past, sales, by_company, first, portal.settings) for past in everyone]
    horizon = horizon_days([past.history for past in theirs], now)
    return Labels(
        decided=[(past, outcome_of(past.history, horizon, now)) for past in theirs],
        horizon_days=horizon,
        pipelines=uses,
        customers=sum(is_customer(past.history, now) for past in theirs),
    )


def contacts_once_leads(database: Database, portal: Portal, now: datetime) -> Iterator[Past]:
    """Every contact that could have been a lead, with deals of all pipelines; customers were leads
    once."""
    rules = replace(portal.settings.eligibility, excluded_lifecycle_stages=())
    every_pipeline = replace(portal, settings=replace(portal.settings, sales_pipelines=()))
    excluded = {stage.casefold() for stage in portal.settings.eligibility.excluded_lifecycle_stages}
    disqualified = _disqualified(database, portal)
    for found in slices_of(database, every_pipeline, now):
        for contact_id, snapshot in found.items():
            contact = snapshot.contact
            created = parse_time(contact.get("created_on"), portals.zone(portal))
            if created is None or ineligible_reason(contact_id, contact, rules):
                continue
            history = LeadHistory(
                contact_id=contact_id,
                became_lead_at=created,
                company_id=snapshot.company_id,
                deals=snapshot.deals,
                stage=_stage(contact),
                excluded=contact.get("lifecycle_stage", "") in excluded,
                became_customer_on=day_of(contact.get("became_customer_on")),
                in_talks_since=day_of(contact.get("in_talks_since_on")),
                disqualified_at=disqualified.get(contact_id),
            )
            yield Past(snapshot, history)


def _disqualified(database: Database, portal: Portal) -> dict[str, datetime]:
    """When each contact was, of those whose lead records in HubSpot are all disqualified."""
    with database.read() as conn:
        records = mirror.lead_records(conn, portal.portal_id)
    states: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for contact_id, facts in records:
        states[contact_id].append(facts)
    found = {}
    for contact_id, leads in states.items():
        times = [parse_time(facts.get("entered_at"), portals.zone(portal)) for facts in leads]
        at = max((time for time in times if time is not None), default=None)
        if at is not None and all(facts.get("state") == "disqualified" for facts in leads):
            found[contact_id] = at
    return found


def _stage(contact: Mapping[str, str]) -> str:
    """The lifecycle stage; "customer" for a stage of the portal's own that is called so."""
    stage = contact.get("lifecycle_stage", "")
    called = words_of(contact.get(f"{SHOWN}lifecycle_stage", ""))
    own = stage not in _OWN_STAGES | CUSTOMER_STAGES
    return "customer" if own and _CUSTOMER_WORDS.search(called) else stage


def _first_contacts(everyone: Sequence[Past]) -> dict[str, Past]:
    """The contact that each company was first known by."""
    found: dict[str, Past] = {}
    for past in everyone:
        company_id = past.history.company_id
        if company_id is None:
            continue
        known = found.get(company_id)
        if known is None or _age(past) < _age(known):
            found[company_id] = past
    return found


def _age(past: Past) -> tuple[datetime, int, str]:
    contact_id = past.history.contact_id
    return past.became_lead_at, len(contact_id), contact_id


def _of_sales(
    past: Past,
    sales: frozenset[str],
    by_company: Mapping[str, Sequence[DealFact]],
    first: Mapping[str, Past],
    settings: PortalSettings,
) -> Past:
    """With deals of sales only, and the company's deals as the admin has chosen."""
    history = sales_only(past.history, sales)
    company_id = history.company_id or ""
    deals = tuple(by_company.get(company_id, ()))
    mine = settings.company_deals is CompanyDeals.ALL or (
        settings.company_deals is CompanyDeals.PRIMARY and first.get(company_id) is past
    )
    if mine:
        history = replace(history, company_deals=deals)
    elif settings.company_deals is CompanyDeals.NOBODY:
        history = replace(history, company_won=any(deal.outcome == "won" for deal in deals))
    snapshot = past.snapshot
    if settings.sales_pipelines:  # what a score sees, too
        snapshot = replace(snapshot, deals=history.deals)
    return Past(snapshot, history)
