"""Snapshots from the mirror: no HubSpot read, one query per hundred leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.engine import Connection

from backend.model import Snapshot
from backend.scoring.collect import snapshot_of
from backend.storage.leads import mirror
from backend.storage.portals.portals import Portal


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
