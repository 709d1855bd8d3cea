"""A deal's contacts with the score each had when the deal was created, and has now."""

from __future__ import annotations

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
    portal_id = portal.portal_id
    record = mirror.records(conn, portal_id, DEALS, [deal_id]).get(deal_id)
    known = deals_of([record], zone=portals.zone(portal)) if record is not None else ()
    if not known:
        return None
    created_at = known[0].created_at
    contacts = mirror.contacts_of(conn, portal_id, DEALS, [deal_id]).get(deal_id, [])
    ids = sorted(contacts)[:CONTACTS_MAX]
    now = {
        row["contact_id"]: row["score"]
        for row in summary_rows.scored_among(conn, portal_id, ids, CONTACTS_MAX)
    }
    then = scores.at(conn, portal_id, ids, created_at)
    leads = [DealLead(one, then.get(one), now.get(one)) for one in ids if one in now or one in then]
    leads.sort(key=lambda lead: (-_or(lead.now), -_or(lead.then), lead.contact_id))
    return DealLeads(created_at, leads) if leads else None


def _or(score: int | None) -> int:
    return -1 if score is None else score
