"""A deal's contacts with the score each had when the deal was created, and has now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from backend.scoring.collect import deals_of
from backend.storage.database import Connection
from backend.storage.leads import mirror, scores, summary_rows
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal

DEALS: Final = "deals"
CONTACTS_MAX: Final = 100  # of one deal


@dataclass(frozen=True, slots=True)
class DealLead:
    """One contact of the deal. `now` is None for a customer or whoever else is no lead, `then` for
    one without a score at that time."""

    contact_id: str
    then: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class DealLeads:
    """`leads` are best first, by the score now, then by the one then."""

    created_at: datetime
    leads: list[DealLead]


def deal_leads(conn: Connection, portal: Portal, deal_id: str) -> DealLeads | None:
    """None for a deal that is not in the mirror, or of whose contacts none ever had a score."""
    return leads_of_deals(conn, portal, [deal_id]).get(deal_id)


def leads_of_deals(
    conn: Connection, portal: Portal, deal_ids: Sequence[str]
) -> dict[str, DealLeads]:
    """The same for many deals at once, by deal id; those without an answer are left out."""
    portal_id = portal.portal_id
    records = mirror.records(conn, portal_id, DEALS, deal_ids)
    known = deals_of(records.values(), zone=portals.zone(portal))
    created = {deal.deal_id: deal.created_at for deal in known}
    linked = mirror.contacts_of(conn, portal_id, DEALS, sorted(created))
    contacts = {deal_id: sorted(ids)[:CONTACTS_MAX] for deal_id, ids in linked.items()}
    scored = summary_rows.scored_of(conn, portal_id, contacts, CONTACTS_MAX)
    wanted = {(one, created[deal_id]) for deal_id, ids in contacts.items() for one in ids}
    then = scores.at_moments(conn, portal_id, sorted(wanted))
    found: dict[str, DealLeads] = {}
    for deal_id, ids in contacts.items():
        now = {row["contact_id"]: row["score"] for row in scored[deal_id]}
        both = [DealLead(one, then.get((one, created[deal_id])), now.get(one)) for one in ids]
        leads = [lead for lead in both if (lead.then, lead.now) != (None, None)]
        leads.sort(key=lambda lead: (-_or(lead.now), -_or(lead.then), lead.contact_id))
        if leads:
            found[deal_id] = DealLeads(created[deal_id], leads)
    return found


def _or(score: int | None) -> int:
    return -1 if score is None else score
