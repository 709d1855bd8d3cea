"""Snapshots from the mirror: no HubSpot read, one query per hundred leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.engine import Connection

from backend.model import ACTIVITY_TYPES, MirrorRecord, Snapshot
from backend.scoring.collect import snapshot
from backend.storage import mirror
from backend.storage.portals import Portal


def load(
    conn: Connection, portal: Portal, contact_ids: Sequence[str], today: date
) -> dict[str, Snapshot]:
    """By contact id; contacts that the mirror does not have are left out."""
    contacts = mirror.records(conn, portal.portal_id, "contacts", contact_ids)
    linked = mirror.linked_records(conn, portal.portal_id, list(contacts))
    return {
        contact_id: _snapshot(portal, contact, linked.get(contact_id, []), today)
        for contact_id, contact in contacts.items()
    }


def _snapshot(
    portal: Portal, contact: MirrorRecord, linked: Sequence[MirrorRecord], today: date
) -> Snapshot:
    return snapshot(
        portal.portal_id,
        contact,
        _company(contact.facts, [r for r in linked if r.object_type == "companies"]),
        [r for r in linked if r.object_type == "deals"],
        [r for r in linked if r.object_type in ACTIVITY_TYPES],
        today,
        portal.settings,
    )


def _company(contact: Mapping[str, str], companies: Sequence[MirrorRecord]) -> MirrorRecord | None:
    """The primary company, or the one with the smallest id."""
    by_id = {record.object_id: record for record in companies}
    primary = by_id.get(contact.get("company_id", ""))
    return primary or (by_id[min(by_id, key=lambda i: (len(i), i))] if by_id else None)
