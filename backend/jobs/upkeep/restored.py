"""After a restore: forget again what was forgotten since, and go on from the database alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from backend.errors import LeadlightError
from backend.jobs.erase_requested import erase_marked
from backend.model import Urgency
from backend.ports import Clock
from backend.services import audit_anchor
from backend.storage import leases
from backend.storage.access import audit
from backend.storage.database import Connection, Database, DBAPIError
from backend.storage.leads import due_leads
from backend.storage.portals import portals
from backend.storage.privacy import erased_ledger, missing_contacts, tombstones
from backend.storage.walk import walk
from backend.vocabulary import Cause
from backend.wiring import Product


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What the database that is replaced knows and the backup may not."""

    erased: dict[int, dict[str, str]] = field(default_factory=dict)  # portal → hash → cause
    gone: dict[int, str | None] = field(default_factory=dict)  # portal → when it was disconnected
    last_audit: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What was done after the restore."""

    erased: int
    disconnected: int
    due: int


def carried_over(database: Database, folder: Path) -> CarriedOver:
    """From the present database, if there is one, and from the ledger beside the backups."""
    erased = {
        portal_id: dict.fromkeys(macs, tombstones.UNKNOWN)
        for portal_id, macs in erased_ledger.read(folder).items()
    }
    try:
        with database.read() as conn:
            for portal_id, mac, cause in tombstones.every(conn):
                if cause != tombstones.BELIEF:  # to be found anew, if it is so
                    erased.setdefault(portal_id, {})[mac] = cause
            gone = {
                p.portal_id: p.installation.get("disconnected_at")
                for p in portals.listed(conn)
                if p.state in ("disconnected", "erased")
            }
            return CarriedOver(erased, gone, audit.last(conn))
    except (LeadlightError, DBAPIError):  # damaged, empty or away: that is why there is a restore
        return CarriedOver(erased)


def take_up(product: Product, carried: CarriedOver, name: str) -> TakenUp:
    """Free leases and claims, erase and disconnect again, and make every lead due to be read
    from HubSpot, which finds what was deleted there in the meantime."""
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        leases.forget_all(conn)
        due_leads.release_all(conn)
        disconnected = _disconnect(conn, product, carried)
    erased = due = 0
    with product.stores.database.read() as conn:
        known = portals.listed(conn)
    for portal in known:
        macs = carried.erased.get(portal.portal_id, {})
        erased += _erase(product, portal.portal_id, macs)
        if portal.state == "connected":
            due += _all_due(product.stores.database, product.stores.clock, portal.portal_id)
    with product.stores.database.write() as conn:
        detail = {"file": name, "erased": erased, "before": carried.last_audit}
        audit.append(
            conn,
            now=now,
            actor="cli:operator",
            action="db.restore",
            subject="database",
            detail=detail,
        )
    audit_anchor.keep(product.stores)  # the trail goes on from the backup's end, and says so itself
    return TakenUp(erased, disconnected, due)


def _disconnect(conn: Connection, product: Product, carried: CarriedOver) -> int:
    known = {p.portal_id for p in portals.listed(conn) if p.state != "disconnected"}
    again = known & set(carried.gone)
    for portal_id in again:
        product.hubspot.tokens.forget(conn, portal_id)
        when = carried.gone[portal_id] or product.stores.clock.now().isoformat()
        portals.set_installation(conn, portal_id, {"disconnected_at": when})
    return len(again)


def _erase(product: Product, portal_id: int, macs: dict[str, str]) -> int:
    if not macs:
        return 0
    with product.stores.database.write() as conn:
        for cause in sorted(set(macs.values())):
            these = sorted(mac for mac in macs if macs[mac] == cause)
            tombstones.put(conn, portal_id, these, product.stores.clock.now(), cause)
    erased = 0
    for ids in walk(product.stores.database, portal_id, due_leads.contact_ids):
        hashes = {
            contact_id: product.stores.tombstone_mac(portal_id, contact_id) for contact_id in ids
        }
        found = [contact_id for contact_id in ids if hashes[contact_id] in macs]
        for cause in sorted({macs[hashes[contact_id]] for contact_id in found}):
            with product.stores.database.write() as conn:
                these = [i for i in found if macs[hashes[i]] == cause]
                now = product.stores.clock.now()
                missing_contacts.mark(conn, portal_id, these, cause, now)
        erased += len(found)
    erase_marked(product, portal_id)
    return erased


def _all_due(database: Database, clock: Clock, portal_id: int) -> int:
    due = 0
    for ids in walk(database, portal_id, due_leads.contact_ids):
        with database.write() as conn:
            now = clock.now()
            due_leads.mark_due(
                conn, portal_id, ids, Urgency.BACKFILL, now, cause=Cause.RESTORE, refresh=True
            )
        due += len(ids)
    return due
