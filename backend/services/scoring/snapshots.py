"""Snapshots from the mirror: no HubSpot read, one query per hundred leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from backend.model import Snapshot
from backend.scoring.collect import snapshot_of
from backend.scoring.facts.eligibility import ineligible_reason
from backend.storage.database import Connection, Database
from backend.storage.leads import mirror
from backend.storage.portals.portals import Portal
from backend.storage.walk import walk


def load(
    conn: Connection, portal: Portal, contact_ids: Sequence[str], today: date
) -> dict[str, Snapshot]:
    """By contact id; contacts that the mirror does not have are left out."""
    contacts = mirror.records(conn, portal.portal_id, "contacts", contact_ids)
    linked = mirror.linked_records(conn, portal.portal_id, list(contacts))
    return {
        contact_id: snapshot_of(
            portal.portal_id, contact, linked.get(contact_id, []), today, portal.settings
        )
        for contact_id, contact in contacts.items()
    }


def slices_of(database: Database, portal: Portal, today: date) -> Iterator[dict[str, Snapshot]]:
    """Every mirrored contact, by contact id, as many at a time as one read takes."""
    for ids in walk(database, portal.portal_id, mirror.contact_ids):
        with database.read() as conn:
            found = load(conn, portal, ids, today)
        yield found


def leads_among(portal: Portal, found: dict[str, Snapshot]) -> dict[str, Snapshot]:
    """Those that the portal's rules call leads."""
    rules = portal.settings.eligibility
    return {c: s for c, s in found.items() if not ineligible_reason(c, s.contact, rules)}
