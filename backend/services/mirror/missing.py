"""Contacts that HubSpot did not show: looked for again, and only then believed to be gone.

A deletion is believed when HubSpot's own JSON names the id as not found at least
MISSING_RECHECK_S after it was first missed. Seen alive, a suspicion ends; merged, the lead follows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog

from backend.config import BATCH_LEADS, MISSING_RECHECK_MAX_S, MISSING_RECHECK_S
from backend.model import CrmRecord, Urgency
from backend.ports import Clock
from backend.services.exclusive import exclusive
from backend.services.merging import follow_merges
from backend.services.mirror.mirroring import keep_contacts, prepared, wanted
from backend.services.mirror.refresh import linked
from backend.storage.database import Database
from backend.storage.leads import due_leads, mirror
from backend.storage.outbox import workflow_runs
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.privacy import missing_contacts, tombstones
from backend.storage.privacy.missing_contacts import Missing
from backend.vocabulary import Cause
from backend.wiring import Product, Stores

RECHECK = timedelta(seconds=MISSING_RECHECK_S)
log = structlog.get_logger()


def suspect(stores: Stores, portal_id: int, contact_ids: Sequence[str]) -> None:
    """Write down that HubSpot did not show these contacts, and have them looked for. One that was
    erased for ever meanwhile leaves no trace again."""
    if not contact_ids:
        return
    macs = {stores.tombstone_mac(portal_id, each): each for each in contact_ids}
    with stores.database.write() as conn:
        tombstones.hold(conn, portal_id)
        erased = tombstones.present(conn, portal_id, list(macs), tombstones.FOR_EVER)
        ids = [contact_id for mac, contact_id in macs.items() if mac not in erased]
        missing_contacts.suspect(conn, portal_id, ids, stores.clock.now())
    log.warning("contacts_missing", portal_id=portal_id, contacts=len(ids))
    stores.jobs.enqueue("erase_requested", portal_id=portal_id)


def mark_again(stores: Stores, portal_id: int, contact_ids: Sequence[str]) -> None:
    """Those that were erased while a job was under way are erased again, for the cause they were:
    the job may have stored something of them since."""
    macs = {stores.tombstone_mac(portal_id, each): each for each in contact_ids}
    with stores.database.read() as conn:
        causes = tombstones.causes(conn, portal_id, list(macs))
    if not causes:
        return
    with stores.database.write() as conn:
        tombstones.hold(conn, portal_id)
        for mac, cause in tombstones.causes(conn, portal_id, list(macs)).items():
            missing_contacts.mark(conn, portal_id, [macs[mac]], cause, stores.clock.now())
    stores.jobs.enqueue("erase_requested", portal_id=portal_id)


def check_missing(product: Product, portal_id: int) -> None:
    """Look for every suspected contact that is due. Raises Transient and NeedsReconnect."""
    with exclusive(product, f"missing:{portal_id}") as held:
        while held is not None and held.renew():
            with product.stores.database.read() as conn:
                portal = portals.get(conn, portal_id)
                some = missing_contacts.due(
                    conn, portal_id, product.stores.clock.now(), limit=BATCH_LEADS
                )
            if not some or portal.state != "connected":
                return
            _check(product, portal, some)


def _check(product: Product, portal: Portal, some: Sequence[Missing]) -> None:
    crm = product.hubspot.crm(portal.portal_id, background=True)
    ids = [one.contact_id for one in some]
    found = crm.look("contacts", ids, wanted(portal, "contacts"))
    _alive(product.stores, portal, linked(crm, found.records))
    _merged(product.stores, portal.portal_id, found.merged)
    _gone(product.stores, portal.portal_id, [one for one in some if one.contact_id in found.gone])
    _put_off(product.stores.database, product.stores.clock, portal.portal_id, some)


def _alive(stores: Stores, portal: Portal, records: Sequence[CrmRecord]) -> None:
    """Their facts are read already: they are scored with them, without another read."""
    ids = [record.object_id for record in records]
    contacts = prepared(stores, portal, records)
    with stores.database.write() as conn:
        keep_contacts(conn, stores, portal, contacts)
        missing_contacts.clear(conn, portal.portal_id, ids)
    _due(stores, portal.portal_id, ids, refresh=False)


def _merged(stores: Stores, portal_id: int, merged: Mapping[str, str]) -> None:
    """What was decided for a merged contact moves on, and the contact that survives is scored."""
    by_survivor: dict[str, list[str]] = defaultdict(list)
    for old, survivor in sorted(merged.items()):
        by_survivor[survivor].append(old)
    follow_merges(stores.database, stores.clock, portal_id, by_survivor)
    with stores.database.write() as conn:
        now = stores.clock.now()
        missing_contacts.mark(conn, portal_id, sorted(merged), tombstones.MERGE, now)
        macs = [stores.tombstone_mac(portal_id, one) for one in by_survivor]
        tombstones.clear(conn, portal_id, macs, tombstones.RESTORABLE - tombstones.FOR_EVER)
    _due(stores, portal_id, sorted(by_survivor), refresh=True)


def _due(stores: Stores, portal_id: int, contact_ids: Sequence[str], *, refresh: bool) -> None:
    if not contact_ids:
        return
    macs = {stores.tombstone_mac(portal_id, each): each for each in contact_ids}
    with stores.database.write() as conn:
        erased = tombstones.present(conn, portal_id, list(macs))
        alive = [contact_id for mac, contact_id in macs.items() if mac not in erased]
        now = stores.clock.now()
        due_leads.mark_due(
            conn,
            portal_id,
            alive,
            Urgency.EVENT,
            now,
            cause=Cause.FOUND,
            refresh=refresh,
            coalesce=False,
        )
    stores.jobs.enqueue("score_due", portal_id=portal_id, urgency=Urgency.EVENT.value)


def _gone(stores: Stores, portal_id: int, named: Sequence[Missing]) -> None:
    """HubSpot names these as not found: marked as gone when that is the second time, unless so
    many are missing that a person has to say so first."""
    now = stores.clock.now()
    _let_workflows_go_on(stores, portal_id, [one.contact_id for one in named])
    ripe = [one for one in named if one.since + RECHECK <= now]
    with stores.database.read() as conn:
        too_many = missing_contacts.alarming(conn, portal_id)
    if too_many:
        log.error("too_many_contacts_missing", portal_id=portal_id, contacts=too_many)
        ripe = [one for one in ripe if one.confirmed]
    with stores.database.write() as conn:
        missing_contacts.believe(conn, portal_id, [one.contact_id for one in ripe], now)


def _let_workflows_go_on(stores: Stores, portal_id: int, named: Sequence[str]) -> None:
    """Of contacts that we never saw either no score will come: their workflows need not wait."""
    with stores.database.write() as conn:
        known = mirror.records(conn, portal_id, "contacts", named)
        blank = [contact_id for contact_id in named if contact_id not in known]
        workflow_runs.leave(conn, portal_id, blank, stores.clock.now())
    if blank:
        stores.jobs.enqueue("answer_workflows", portal_id=portal_id)


def _put_off(database: Database, clock: Clock, portal_id: int, some: Sequence[Missing]) -> None:
    """What is still suspected is looked for again in ten minutes, later the longer it lasts."""
    now = clock.now()
    with database.write() as conn:
        for one in some:
            age_s = (now - one.since).total_seconds()
            wait_s = min(max(age_s, MISSING_RECHECK_S), MISSING_RECHECK_MAX_S)
            missing_contacts.put_off(
                conn, portal_id, one.contact_id, now + timedelta(seconds=wait_s)
            )
