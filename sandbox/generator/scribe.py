"""Writes what was invented into a portal's stores, with gaps and spellings as in life."""

from __future__ import annotations

import random

from sandbox.generator import spelling
from sandbox.generator.activity_text import activity_values
from sandbox.generator.rollups import contact_rollups
from sandbox.generator.sketches import Company, Deal, Person
from sandbox.generator.vocabulary import LOST_REASONS
from sandbox.state.association_types import PRIMARY_TYPE
from sandbox.state.derived import deal_state, lead_state
from sandbox.state.object_types import OBJECT_TYPES
from sandbox.state.portal import Portal
from sandbox.state.records import CALCULATED, Record, Source, Version, ui
from sandbox.times import DAY_MS, iso

FORM = Source("FORM", "contact-form", "Contact us")
IMPORT = Source("IMPORT", "imports-1", "companies.csv")
ANALYTICS = Source("ANALYTICS", "ContactAnalytics")


class Scribe:
    """Adds records straight to the stores: nobody is told, everything is in the past."""

    def __init__(self, portal: Portal, rng: random.Random, now_ms: int) -> None:
        self._portal = portal
        self._rng = rng
        self._now_ms = now_ms

    def write_companies(self, companies: list[Company]) -> None:
        """One record each."""
        for company in companies:
            values = spelling.company_values(self._rng, company)
            values["hubspot_owner_id"] = self._owner(self._rng.randrange(len(self._portal.owners)))
            record = self._add("companies", values, company.created_ms, IMPORT)
            company.record_id = record.record_id

    def write_people(self, people: list[Person]) -> None:
        """One contact each, tied to its company, with roll-ups and their history."""
        seen: set[str] = set()
        counts: dict[int, int] = {}
        for person in people:
            values = spelling.contact_values(self._rng, person, seen)
            values["hubspot_owner_id"] = self._owner(person.owner)
            record = self._add("contacts", values, person.created_ms, FORM)
            person.record_id = record.record_id
            rollups = contact_rollups(self._rng, person, self._now_ms)
            for name, versions in rollups.items():
                for at_ms, value in versions:
                    record.put(name, value, at_ms, ANALYTICS)
            self._lifecycle(record, person)
            if person.company is not None:
                company_id = person.company.record_id
                self._portal.associations.tie("contacts", record.record_id, "companies", company_id)
                record.properties["associatedcompanyid"] = str(company_id)
                counts[company_id] = counts.get(company_id, 0) + 1
            record.updated_ms = self._touch(record, "lastmodifieddate")
        for company_id, count in counts.items():
            company = self._portal.record("companies", company_id)
            company.properties["num_associated_contacts"] = str(count)

    def write_deals(self, deals: list[Deal]) -> None:
        """One record each, tied to its contact and that contact's company."""
        for deal in deals:
            person = deal.person
            record = self._add("deals", self._deal_values(deal), deal.created_ms, ui(7_000_001))
            deal.record_id = record.record_id
            if deal.won is not None:
                self._close(record, deal)
            ties = self._portal.associations
            ties.tie("deals", record.record_id, "contacts", person.record_id)
            contact = self._portal.record("contacts", person.record_id)
            contact.properties["num_associated_deals"] = str(len(person.deals))
            if person.company is not None:
                ties.tie("deals", record.record_id, "companies", person.company.record_id)

    def write_leads(self, people: list[Person]) -> None:
        """One lead record for each contact that was worked as one: qualified where it has a deal,
        and of the others the coldest disqualified."""
        for person in people:
            if person.interest < -1.3:  # a subscriber
                continue
            stage = "qualified-stage-id" if person.deals else "new-stage-id"
            if not person.deals and person.interest < -0.9:
                stage = "unqualified-stage-id"
            values = {
                "hs_lead_name": f"{person.first} {person.last}",
                "hs_lead_type": "NEW_BUSINESS",
                "hs_pipeline": "lead-pipeline-id",
                "hs_pipeline_stage": stage,
                "hs_lead_disqualification_reason": "NOT_A_GOOD_FIT"
                if stage == "unqualified-stage-id"
                else "",
                "hubspot_owner_id": self._owner(person.owner),
                **lead_state(stage, min(person.created_ms + 20 * DAY_MS, self._now_ms)),
            }
            record = self._add("leads", values, person.created_ms, ui(7_000_001 + person.owner))
            ties = self._portal.associations
            primary = PRIMARY_TYPE["leads", "contacts"]
            ties.tie("leads", record.record_id, "contacts", person.record_id, (primary,))

    def write_activities(self, people: list[Person]) -> None:
        """One record each, tied to its contact (calls, emails and meetings also to the company)."""
        ordered = sorted(
            ((activity, person) for person in people for activity in person.activities),
            key=lambda pair: pair[0].at_ms,
        )
        for activity, person in ordered:
            values = activity_values(self._rng, activity, person)
            values["hubspot_owner_id"] = self._owner(person.owner)
            record = self._add(activity.kind, values, activity.at_ms, ui(7_000_001 + person.owner))
            ties = self._portal.associations
            ties.tie(activity.kind, record.record_id, "contacts", person.record_id)
            if person.company is not None and activity.kind in ("calls", "meetings"):
                ties.tie(activity.kind, record.record_id, "companies", person.company.record_id)

    def _add(
        self, kind_name: str, values: dict[str, str], created_ms: int, source: Source
    ) -> Record:
        kind = OBJECT_TYPES[kind_name]
        record_id = self._portal.next_id()
        stamp = iso(created_ms)
        properties = {name: value for name, value in values.items() if value}
        properties |= {
            "hs_object_id": str(record_id),
            kind.created_property: stamp,
            kind.modified_property: stamp,
            "hs_object_source": source.kind,
        }
        record = Record(record_id, properties, created_ms, created_ms, source)
        self._portal.stores[kind_name].add(record)
        return record

    def _owner(self, number: int) -> str:
        return str(self._portal.owners[number].owner_id)

    def _lifecycle(self, record: Record, person: Person) -> None:
        record.properties["lifecyclestage"] = "subscriber" if person.interest < -1.3 else "lead"
        record.properties["hs_lead_status"] = self._rng.choice(("NEW", "OPEN", "IN_PROGRESS"))
        for deal in person.deals:
            record.put("lifecyclestage", "opportunity", deal.created_ms, CALCULATED)
            _on(record, "hs_lifecyclestage_opportunity_date", deal.created_ms)
            record.put("hs_lead_status", "OPEN_DEAL", deal.created_ms, ui(7_000_001))
            if deal.won:
                record.put("lifecyclestage", "customer", deal.closed_ms, CALCULATED)
                _on(record, "hs_lifecyclestage_customer_date", deal.closed_ms)

    def _deal_values(self, deal: Deal) -> dict[str, str]:
        person = deal.person
        name = person.company.name if person.company else f"{person.first} {person.last}"
        first = "appointmentscheduled" if deal.won is not None else deal.stage
        return {
            "dealname": f"{name} - new business",
            "amount": "" if self._rng.random() < 0.08 else str(deal.amount),
            "pipeline": "default",
            "dealstage": first,
            "dealtype": "newbusiness",
            "closedate": iso(deal.closed_ms),
            "hubspot_owner_id": self._owner(person.owner),
            **deal_state(first, deal.created_ms),
        }

    def _close(self, record: Record, deal: Deal) -> None:
        middle = (deal.created_ms + deal.closed_ms) // 2
        record.put("dealstage", "presentationscheduled", middle, ui(7_000_001))
        record.put("dealstage", deal.stage, deal.closed_ms, ui(7_000_001))
        for name, value in deal_state(deal.stage, deal.closed_ms).items():
            record.put(name, value, deal.closed_ms, CALCULATED)
        if not deal.won:
            reason = self._rng.choice(LOST_REASONS)
            record.put("closed_lost_reason", reason, deal.closed_ms, ui(7_000_001))
        record.updated_ms = self._touch(record, "hs_lastmodifieddate")

    def _touch(self, record: Record, name: str) -> int:
        changes = [v.timestamp_ms for versions in record.history.values() for v in versions]
        latest = min(max([record.created_ms, *changes]), self._now_ms - DAY_MS // 24)
        latest = max(latest, record.created_ms)
        record.history[name] = [Version(iso(latest), latest, CALCULATED)]
        record.properties[name] = iso(latest)
        return latest


def _on(record: Record, name: str, at_ms: int) -> None:
    record.put(name, iso(at_ms), at_ms, CALCULATED)
