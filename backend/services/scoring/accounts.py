"""A company as an account: its score, its leads ranked, and which departments are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from backend.model import Snapshot
from backend.scoring.account import AccountLead, AccountScore, account_score
from backend.scoring.points.engagement import engagement_parts
from backend.services.scoring.snapshots import load
from backend.storage.database import Connection, RowMapping
from backend.storage.leads import mirror, summary_rows
from backend.storage.portals.portals import Portal

COMPANIES: Final = "companies"
LEADS_MAX: Final = 500  # of one company, the best
LOOKED_AT: Final = 50  # of them whose record is looked at
WON_MAX: Final = 500  # won contacts that tell who takes part, the newest
ABSENT_MAX: Final = 2
SHARE_LEAST: Final = 0.15  # of won contacts, for a department to be missed
WON_LEAST: Final = 15  # won contacts with a known department, to say anything


@dataclass(frozen=True, slots=True)
class Absent:
    """A department of which the company has no lead; `share` of the won contacts work there."""

    department: str
    share: float


@dataclass(frozen=True, slots=True)
class Account:
    """`leads` are rows of `summary_rows`, best first; `departments` by contact id."""

    score: AccountScore
    leads: list[RowMapping]
    departments: dict[str, str]
    absent: list[Absent]


def account_of(conn: Connection, portal: Portal, company_id: str, now: datetime) -> Account | None:
    """None for a company without a scored lead.

    How engaged each person is follows from the record today, with or without a model.
    """
    portal_id = portal.portal_id
    contacts = mirror.contacts_of(conn, portal_id, COMPANIES, [company_id]).get(company_id, [])
    leads = summary_rows.scored_among(conn, portal_id, contacts, LEADS_MAX)
    snapshots = load(conn, portal, [row["contact_id"] for row in leads[:LOOKED_AT]], now)
    score = _scored(portal, leads, snapshots)
    if score is None:
        return None
    departments = {
        contact_id: snapshot.contact["department"]
        for contact_id, snapshot in snapshots.items()
        if snapshot.contact.get("department")
    }
    return Account(score, leads, departments, _absent(conn, portal_id, departments))


def account_scores(
    conn: Connection, portal: Portal, company_ids: Sequence[str], now: datetime
) -> dict[str, AccountScore]:
    """The scores of many companies, those without a scored lead left out. A record is looked at
    only where there is more than one lead: the best one counts as it is."""
    portal_id = portal.portal_id
    contacts = mirror.contacts_of(conn, portal_id, COMPANIES, company_ids)
    leads = summary_rows.scored_of(conn, portal_id, contacts, LEADS_MAX)
    several = [
        row["contact_id"] for rows in leads.values() if len(rows) > 1 for row in rows[:LOOKED_AT]
    ]
    snapshots = load(conn, portal, sorted(set(several)), now)
    found = {company_id: _scored(portal, rows, snapshots) for company_id, rows in leads.items()}
    return {company_id: score for company_id, score in found.items() if score is not None}


def _scored(
    portal: Portal, leads: Sequence[RowMapping], snapshots: Mapping[str, Snapshot]
) -> AccountScore | None:
    known = [
        AccountLead(row["contact_id"], row["score"], _engagement(snapshots.get(row["contact_id"])))
        for row in leads
    ]
    return account_score(known, portal.settings.thresholds)


def _engagement(snapshot: Snapshot | None) -> float:
    if snapshot is None:
        return 0.0
    return sum(part.points for part in engagement_parts(snapshot))


def _departments(conn: Connection, portal_id: int, contact_ids: list[str]) -> dict[str, str]:
    found = mirror.records(conn, portal_id, "contacts", contact_ids)
    facts = {contact_id: record.facts.get("department") for contact_id, record in found.items()}
    return {contact_id: name for contact_id, name in facts.items() if name}


def _absent(conn: Connection, portal_id: int, present: dict[str, str]) -> list[Absent]:
    """What the portal's own won deals had and this company has not."""
    won = _departments(conn, portal_id, summary_rows.won(conn, portal_id, WON_MAX))
    if len(won) < WON_LEAST:
        return []
    counts = Counter(won.values())
    shares = [(name, count / len(won)) for name, count in counts.most_common()]
    missed = [
        Absent(name, share)
        for name, share in shares
        if share >= SHARE_LEAST and name not in present.values()
    ]
    return missed[:ABSENT_MAX]
