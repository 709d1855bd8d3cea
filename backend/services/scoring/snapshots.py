"""Snapshots from the mirror: no HubSpot read, one query per hundred leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog

from backend.model import Snapshot
from backend.scoring.collect import snapshot_of
from backend.scoring.facts.eligibility import ineligible_reason
from backend.scoring.facts.segments import asks_for_team
from backend.services.defects import Defect, halving
from backend.storage.database import Connection, Database
from backend.storage.leads import mirror
from backend.storage.portals import owners, portals
from backend.storage.portals.portals import Portal
from backend.storage.walk import walk

log = structlog.get_logger()


def load(
    conn: Connection, portal: Portal, contact_ids: Sequence[str], now: datetime
) -> dict[str, Snapshot]:
    """By contact id, with days as they are in the portal's time zone; contacts that the mirror does
    not have are left out."""
    zone = portals.zone(portal)
    today = now.astimezone(zone).date()
    contacts = mirror.records(conn, portal.portal_id, "contacts", contact_ids)
    linked = mirror.linked_records(conn, portal.portal_id, list(contacts))
    teams = owners.teams(conn, portal.portal_id) if asks_for_team(portal.settings) else {}
    return {
        contact_id: snapshot_of(
            portal.portal_id,
            contact,
            linked.get(contact_id, []),
            today,
            portal.settings,
            zone,
            teams.get(contact.facts.get("owner_id", ""), ""),
        )
        for contact_id, contact in contacts.items()
    }


def slices_of(database: Database, portal: Portal, now: datetime) -> Iterator[dict[str, Snapshot]]:
    """Every mirrored contact, by contact id, as many at a time as one read takes. One over which
    our own code stumbles is named in the log and left out."""
    found: dict[str, Snapshot] = {}

    def take(ids: Sequence[str]) -> None:
        with database.read() as conn:
            found.update(load(conn, portal, ids, now))

    def left_out(contact_id: str, defect: Defect) -> None:
        log.error(
            "lead_left_out",
            portal_id=portal.portal_id,
            contact_id=contact_id,
            problem=str(defect),
        )

    for ids in walk(database, portal.portal_id, mirror.contact_ids):
        found.clear()
        halving("lead", portal.portal_id, ids, take, left_out)
        yield dict(found)


def leads_among(portal: Portal, found: dict[str, Snapshot]) -> dict[str, Snapshot]:
    """Those that the portal's rules call leads."""
    rules = portal.settings.eligibility
    return {c: s for c, s in found.items() if not ineligible_reason(c, s.contact, rules)}
