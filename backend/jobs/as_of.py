"""Leads as they were one day before their first deal: what a score would have known then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from backend.jobs.mirroring import wanted
from backend.jobs.snapshots import load
from backend.learning.outcomes import LeadHistory, Outcome
from backend.model import CrmRecord, DealFact, Snapshot
from backend.ports import Crm
from backend.scoring.collect import mirror_record
from backend.scoring.eligibility import ineligible_reason
from backend.scoring.properties import FREE_TEXT, IDENTITY
from backend.scoring.times import parse_time
from backend.storage import mirror, models
from backend.storage.portals import Portal
from backend.wiring import Product

SLICE = 400
# Facts made of identity properties, whose history is not read; they hardly ever change.
_OF_IDENTITY = ("email_domain", "email_kind", "has_email", "has_phone", "company_id", "created_on")


@dataclass(frozen=True, slots=True)
class Past:
    """One contact that is or was a lead: what became of it is decided from its deals."""

    snapshot: Snapshot  # as of today
    became_lead_at: datetime

    def history(self) -> LeadHistory:
        """For the outcome; its properties are rebuilt only for leads that have one."""
        return LeadHistory(
            contact_id=self.snapshot.contact_id,
            became_lead_at=self.became_lead_at,
            company_id=self.snapshot.company_id,
            deals=self.snapshot.deals,
            properties={},
            history={},
        )


def pasts(product: Product, portal: Portal) -> Iterator[Past]:
    """Every contact that could have been a lead; customers were leads once."""
    rules = replace(portal.settings.eligibility, excluded_lifecycle_stages=())
    after = ""
    while True:
        with product.database.read() as conn:
            ids = mirror.contact_ids(conn, portal.portal_id, after=after, limit=SLICE)
            found = load(conn, portal, ids, product.clock.now().date())
        if not ids:
            return
        after = ids[-1]
        for contact_id, snapshot in found.items():
            created = parse_time(snapshot.contact.get("created_on"))
            if created is None or ineligible_reason(contact_id, snapshot.contact, rules):
                continue
            yield Past(snapshot, created if created.tzinfo else created.replace(tzinfo=UTC))


def snapshots_as_of(
    product: Product, portal: Portal, chosen: Sequence[tuple[Past, Outcome]]
) -> list[Snapshot]:
    """The same leads as they were at their outcome's `as_of`, in order."""
    found: list[Snapshot] = []
    for start in range(0, len(chosen), SLICE):
        part = chosen[start : start + SLICE]
        facts = _facts(product, portal, part)
        found += [
            _back_then(past.snapshot, outcome.as_of, facts[past.snapshot.contact_id])
            for past, outcome in part
        ]
    return found


def _facts(
    product: Product, portal: Portal, part: Sequence[tuple[Past, Outcome]]
) -> dict[str, Mapping[str, str]]:
    """Contact facts at each lead's time, from the cache or from HubSpot's property history."""
    ids = [past.snapshot.contact_id for past, _ in part]
    with product.database.read() as conn:
        known = models.known_facts(conn, portal.portal_id, ids)
    facts: dict[str, Mapping[str, str]] = {
        past.snapshot.contact_id: known[past.snapshot.contact_id][1]
        for past, outcome in part
        if known.get(past.snapshot.contact_id, (None,))[0] == outcome.as_of
    }
    missing = [(p, o) for p, o in part if p.snapshot.contact_id not in facts]
    if missing:
        crm = product.crm(portal.portal_id, background=True)
        read = _read(portal, crm, missing)
        with product.database.write() as conn:
            models.remember_facts(conn, portal.portal_id, read)
        facts |= {contact_id: found for contact_id, (_, found) in read.items()}
    return facts


def _read(
    portal: Portal, crm: Crm, missing: Sequence[tuple[Past, Outcome]]
) -> dict[str, tuple[datetime, Mapping[str, str]]]:
    hidden = IDENTITY | {name for owner, name in FREE_TEXT.values() if owner == "contacts"}
    names = [name for name in wanted(portal, "contacts") if name not in hidden]
    changes = crm.history("contacts", [p.snapshot.contact_id for p, _ in missing], names)
    found: dict[str, tuple[datetime, Mapping[str, str]]] = {}
    for past, outcome in missing:
        now = past.snapshot.contact
        versions = changes.get(past.snapshot.contact_id, {})
        values = {
            name: next((value for at, value in reversed(list(v)) if at <= outcome.as_of), None)
            for name, v in versions.items()
        }
        record = CrmRecord("contacts", past.snapshot.contact_id, values, outcome.as_of)
        mirrored, _ = mirror_record(record, portal.settings.property_map)
        kept = {name: now[name] for name in _OF_IDENTITY if name in now}
        found[past.snapshot.contact_id] = (outcome.as_of, {**mirrored.facts, **kept})
    return found


def _back_then(snapshot: Snapshot, at: datetime, facts: Mapping[str, str]) -> Snapshot:
    return replace(
        snapshot,
        today=at.date(),
        contact=facts,
        deals=tuple(_deal_then(deal, at) for deal in snapshot.deals if deal.created_at < at),
        activities=tuple(a for a in snapshot.activities if a.occurred_at < at),
        free_text={},
    )


def _deal_then(deal: DealFact, at: datetime) -> DealFact:
    if deal.closed_at is not None and deal.closed_at >= at:
        return replace(deal, outcome="open", closed_at=None)
    return deal
