"""Hourly: find what changed in HubSpot although no webhook came, and make just those leads due.

Searches by time of change, beyond search's 10,000 results, and skips our own writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import structlog

from backend.config import RECONCILE_OVERLAP_S, SEARCH_PAGE
from backend.errors import DailyLimit, LeadlightError, MissingScopes, NeedsReconnect
from backend.model import OF_CONTACTS, CrmRecord, Urgency
from backend.ports import Crm
from backend.services.exclusive import Held, running
from backend.services.mirror.mirroring import keep_others, readable, wanted, with_contacts
from backend.services.mirror.not_allowed import not_allowed
from backend.services.mirror.owners import learn_owners
from backend.services.mirror.refresh import keep_deals_without_contact
from backend.storage import runs
from backend.storage.leads import due_leads, mirror
from backend.storage.outbox import route_tasks, writes
from backend.storage.portals import portals, webhook_days
from backend.storage.portals.portals import Portal
from backend.storage.privacy import tombstones
from backend.storage.runs import Run
from backend.vocabulary import Cause
from backend.wiring import Product, Stores

log = structlog.get_logger()
LAST = "reconciled_at"
BEHIND = "reconciled_types_at"  # types that could not be read then: since when they wait


def reconcile(product: Product, portal_id: int) -> None:
    """Work on the running reconciliation of a portal."""
    with running(product, portal_id, "reconcile", pulled=True) as work:
        if work is None:
            return
        try:
            _reconcile(product, work.portal, work.run, work.held)
        except NeedsReconnect:
            return


def _reconcile(product: Product, portal: Portal, run: Run, held: Held) -> None:
    stored = portal.installation.get(LAST)
    last = datetime.fromisoformat(stored) if stored else portal.pulled_at or run.started_at
    behind: dict[str, str] = dict(portal.installation.get(BEHIND, {}))
    crm = product.hubspot.crm(portal.portal_id, background=True)
    learn_owners(product, portal.portal_id)
    missed = checked = 0
    for object_type in ("contacts", "companies", "deals", *OF_CONTACTS):
        began = behind.get(object_type, last.isoformat())
        since = datetime.fromisoformat(began) - timedelta(seconds=RECONCILE_OVERLAP_S)
        try:
            for page in _pages(crm, object_type, since):
                held.renew()
                checked += len(page)
                missed += _take(product.stores, portal, crm, object_type, page)
        except (NeedsReconnect, DailyLimit):
            raise
        except MissingScopes as error:
            not_allowed(product.stores, portal.portal_id, object_type, error)
        except LeadlightError as error:  # one type holds up no other; it catches up an hour later
            log.warning(
                "type_not_reconciled",
                portal_id=portal.portal_id,
                type=object_type,
                problem=str(error),
            )
            behind[object_type] = began
            continue
        behind.pop(object_type, None)
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        portals.set_installation(
            conn, portal.portal_id, {LAST: run.started_at.isoformat(), BEHIND: behind}
        )
        runs.advance(conn, run, now, done=checked, total=checked, position={"missed": missed})
        runs.finish(conn, run, now)
        webhook_days.add(conn, portal.portal_id, now.date(), missed=missed)
    log.info("reconciled", portal_id=portal.portal_id, checked=checked, missed=missed)
    if missed:
        urgency = Urgency.EVENT.value
        product.stores.jobs.enqueue("score_due", portal_id=portal.portal_id, urgency=urgency)


def _pages(crm: Crm, object_type: str, since: datetime) -> Iterator[Sequence[CrmRecord]]:
    after = "0"
    while page := crm.changed_since(object_type, since, after):
        yield page
        if len(page) < SEARCH_PAGE:
            return
        after = page[-1].object_id


def _take(
    stores: Stores, portal: Portal, crm: Crm, object_type: str, page: Sequence[CrmRecord]
) -> int:
    """Make the leads of what the mirror does not know yet due; how many objects those are."""
    ids = [record.object_id for record in page]
    with stores.database.read() as conn:
        known = mirror.records(conn, portal.portal_id, object_type, ids)
        queue = writes.QUEUES.get(object_type)
        ours = writes.written_at(conn, portal.portal_id, ids, queue=queue) if queue else {}
        tasks = route_tasks.ours(conn, portal.portal_id, ids) if object_type == "tasks" else set()
    fresh = [
        record
        for record in page
        if (record.object_id not in known or record.updated_at > known[record.object_id].updated_at)
        and ours.get(record.object_id) != record.updated_at
        and record.object_id not in tasks
    ]
    if fresh:
        _due(stores, portal, crm, object_type, [record.object_id for record in fresh])
    return len(fresh)


def _due(stores: Stores, portal: Portal, crm: Crm, object_type: str, ids: Sequence[str]) -> None:
    contacts = set(ids) if object_type == "contacts" else set()
    if object_type in OF_CONTACTS:
        linked = crm.associated(object_type, "contacts", ids)
        records = crm.read(object_type, ids, wanted(portal, object_type))
        read = [with_contacts(r, linked.get(r.object_id, ())) for r in records]
        activities = readable(stores, portal, read)
        with stores.database.write() as conn:
            keep_others(conn, stores, portal, activities)
        contacts = {contact for some in linked.values() for contact in some}
    if object_type == "deals":
        keep_deals_without_contact(stores, portal, crm, ids)
    with stores.database.write() as conn:
        if object_type in ("companies", "deals"):
            mirror.mark_stale(conn, portal.portal_id, object_type, ids)
            found = mirror.contacts_of(conn, portal.portal_id, object_type, ids)
            contacts = {contact for some in found.values() for contact in some}
        macs = {stores.tombstone_mac(portal.portal_id, c): c for c in contacts}
        erased = tombstones.present(conn, portal.portal_id, list(macs), tombstones.FOR_EVER)
        due_leads.mark_due(
            conn,
            portal.portal_id,
            [contact for mac, contact in macs.items() if mac not in erased],
            Urgency.EVENT,
            stores.clock.now(),
            cause=Cause.RECONCILED,
            refresh=True,
        )
