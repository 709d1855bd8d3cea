"""Events of companies, deals and activities become due leads; deletions and merges are obeyed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import structlog

from backend.config import LEAD_RETRY_DELAYS_S, UNASSOCIATED_RETRY_S
from backend.errors import (
    DailyLimit,
    LeadlightError,
    MissingScopes,
    NeedsReconnect,
    Permanent,
    Transient,
)
from backend.model import OF_CONTACTS, CrmRecord, Urgency
from backend.ports import Clock, Crm
from backend.retries import nth_try
from backend.scoring.facts.activities import is_ours
from backend.services.defects import Defect, halving
from backend.services.merging import follow_merges
from backend.services.mirror.mirroring import keep_others, prepared, wanted, with_contacts
from backend.services.mirror.not_allowed import not_allowed
from backend.services.mirror.refresh import keep_deals_without_contact
from backend.services.portals.account_refusals import midnight
from backend.services.privacy.confirm import ACTOR, confirmed_gone, put_off_doubted
from backend.storage.access import access_log
from backend.storage.access.access_log import LoggedAccess
from backend.storage.database import Connection, Database
from backend.storage.leads import due_leads, inbox, mirror
from backend.storage.leads.inbox import WaitingEvent
from backend.storage.outbox import route_tasks, writes
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.privacy import missing_contacts, tombstones
from backend.vocabulary import Cause
from backend.wiring import Product, Stores

CAUSES: Final = {
    "deletion": tombstones.DELETION,
    "privacyDeletion": tombstones.PRIVACY,
    "merge": tombstones.MERGE,
}


log = structlog.get_logger()
REMOVAL, CONTACT = "removal", "contact"
_FIRST: Final = {REMOVAL: 0, CONTACT: 1}  # the rest in order of arrival


def fan_out(product: Product, portal_id: int) -> None:
    """Work through the portal's waiting events."""
    with product.stores.database.read() as conn:
        portal = portals.get(conn, portal_id)
    if portal.state != "connected":
        return
    while True:
        with product.stores.database.read() as conn:
            events = inbox.waiting(conn, portal_id, product.stores.clock.now())
        if not events:
            return
        try:
            _fan_out(product, portal, events)
        except NeedsReconnect:
            return
        product.stores.jobs.enqueue("score_due", portal_id=portal_id, urgency=Urgency.EVENT.value)


def _fan_out(product: Product, portal: Portal, events: Sequence[WaitingEvent]) -> None:
    by_kind: dict[str, list[WaitingEvent]] = defaultdict(list)
    for event in events:
        by_kind[_kind(event)].append(event)
    for kind in sorted(by_kind, key=lambda kind: _FIRST.get(kind, 2)):
        _work_through(product, portal, kind, by_kind[kind])


def _work_through(
    product: Product, portal: Portal, kind: str, events: Sequence[WaitingEvent]
) -> None:
    """Events of one kind, which hold up no other. An event that HubSpot refuses alone has failed; a
    kind that the portal does not allow is its problem. A removal is neither done nor failed before
    HubSpot was asked: somebody may have to be forgotten.
    """

    def work(some: Sequence[WaitingEvent]) -> None:
        try:
            _of_kind(product, portal, kind, some)
        except NeedsReconnect:
            raise
        except LeadlightError as error:
            _unread(product, portal, kind, some, error)

    def set_aside(event: WaitingEvent, error: Defect) -> None:
        if kind == REMOVAL or event.attempts < len(LEAD_RETRY_DELAYS_S):
            _later(product.stores, portal, [event], error)
        else:
            _refused(product.stores, portal.portal_id, event, error)

    def as_now(some: Sequence[WaitingEvent]) -> list[WaitingEvent]:
        with product.stores.database.read() as conn:
            return inbox.still_waiting(conn, [event.event_row for event in some])

    halving("event", portal.portal_id, events, work, set_aside, as_now)


def _unread(
    product: Product,
    portal: Portal,
    kind: str,
    events: Sequence[WaitingEvent],
    error: LeadlightError,
) -> None:
    if isinstance(error, MissingScopes) and kind != REMOVAL:
        not_allowed(product.stores, portal.portal_id, kind, error)
        with product.stores.database.write() as conn:
            inbox.finish(conn, [event.event_row for event in events])
    elif isinstance(error, Permanent) and len(events) > 1:
        half = len(events) // 2
        for some in (events[:half], events[half:]):
            _work_through(product, portal, kind, some)
    elif isinstance(error, Permanent) and kind != REMOVAL:
        _refused(product.stores, portal.portal_id, events[0], error)
    else:
        _later(product.stores, portal, events, error)


def _of_kind(product: Product, portal: Portal, kind: str, events: Sequence[WaitingEvent]) -> None:
    if kind == REMOVAL:
        _removals(product, portal, events)
    elif kind == CONTACT:
        _contact_links(product.stores, portal, events)
    elif kind in OF_CONTACTS:
        crm = product.hubspot.crm(portal.portal_id)
        _activities(product.stores, portal, crm, kind, events)
    else:
        _others(product, portal, kind, events)


def _refused(stores: Stores, portal_id: int, event: WaitingEvent, error: LeadlightError) -> None:
    """Kept with its cause; the hourly reconciliation reads the object again once it changes."""
    log.error("event_failed", portal_id=portal_id, type=event.object_type, problem=str(error))
    with stores.database.write() as conn:
        inbox.fail(conn, event.event_row, str(error))


def _later(
    stores: Stores, portal: Portal, events: Sequence[WaitingEvent], error: LeadlightError
) -> None:
    """Each again after its delay, the last of which repeats: an event waits as long as HubSpot
    cannot be asked."""
    log.warning("events_wait", portal_id=portal.portal_id, events=len(events), error=error)
    now = stores.clock.now()
    most = len(LEAD_RETRY_DELAYS_S) - 1
    wish_s = error.retry_after_s if isinstance(error, Transient) else None
    with stores.database.write() as conn:
        for event in events:
            due_at = (
                midnight(portal, now)
                if isinstance(error, DailyLimit)
                else nth_try(LEAD_RETRY_DELAYS_S, min(event.attempts, most), now, wish_s=wish_s)
            )
            inbox.put_off(conn, event.event_row, due_at or now)


def _kind(event: WaitingEvent) -> str:
    if event.object_type == "contacts":
        removal = event.change in {"deletion", "privacyDeletion", "merge"}
        return REMOVAL if removal else CONTACT
    return event.object_type


def _removals(product: Product, portal: Portal, events: Sequence[WaitingEvent]) -> None:
    """Deleted contacts are marked, and erased by the job for that; a merge moves on to the
    surviving id. Neither before HubSpot, asked, says that the contacts are gone."""
    if not events:
        return
    named = {event.event_row: _taken_away(event) for event in events}
    confirmed = confirmed_gone(product.hubspot, portal.portal_id, set().union(*named.values()))
    doubted = [event for event in events if not named[event.event_row] <= confirmed]
    alive = set().union(*(named[event.event_row] for event in doubted)) - confirmed
    spent = put_off_doubted(product.stores, portal.portal_id, doubted, sorted(alive))
    _due_and_done(product.stores, portal, sorted(alive) if spent else (), spent)
    events = [event for event in events if event not in doubted]
    merged = merges_of([event for event in events if event.change == "merge"])
    follow_merges(product.stores.database, product.stores.clock, portal.portal_id, merged)
    survivors = merged.keys() - confirmed  # one that was taken away, too, is gone
    with product.stores.database.write() as conn:
        for event in events:
            gone = sorted(named[event.event_row])
            missing_contacts.mark(
                conn, portal.portal_id, gone, CAUSES[event.change], product.stores.clock.now()
            )
        macs = [product.stores.tombstone_mac(portal.portal_id, one) for one in survivors]
        tombstones.clear(conn, portal.portal_id, macs)
    _note_erasures(product.stores, portal.portal_id, events)
    _due_and_done(product.stores, portal, sorted(survivors), events)
    product.stores.jobs.enqueue("erase_requested", portal_id=portal.portal_id)


def _taken_away(event: WaitingEvent) -> set[str]:
    return {event.object_id} if event.change == "privacyDeletion" else _gone(event)


def _note_erasures(stores: Stores, portal_id: int, events: Sequence[WaitingEvent]) -> None:
    """In the access log, by the keyed hash that stands for the contact: its id is not kept."""
    now = stores.clock.now()
    causes = {object_id: event.change for event in events for object_id in _taken_away(event)}
    noted = [
        LoggedAccess(
            portal_id,
            now,
            ACTOR,
            f"webhook contact.{causes[contact_id]}",
            stores.tombstone_mac(portal_id, contact_id),
            204,
        )
        for contact_id in sorted(causes)
    ]
    with stores.database.write() as conn:
        access_log.add(conn, noted)


def merges_of(events: Sequence[WaitingEvent]) -> dict[str, set[str]]:
    """Ids merged away, by the id that survives all of these merges."""
    into: dict[str, str] = {}
    for event in events:
        for survivor in _concerned(event) - _gone(event):
            into |= dict.fromkeys(_gone(event), survivor)
    found: dict[str, set[str]] = defaultdict(set)
    for gone, survivor in into.items():
        passed = {gone}
        while survivor in into and survivor not in passed:
            passed.add(survivor)
            survivor = into[survivor]
        found[survivor].add(gone)
    return dict(found)


def _contact_links(stores: Stores, portal: Portal, events: Sequence[WaitingEvent]) -> None:
    """A contact's associations changed: read them again."""
    if events:
        ids = {str(i) for event in events for i in _contacts_in(event)}
        _due_and_done(stores, portal, sorted(ids), events)


def _contacts_in(event: WaitingEvent) -> Iterable[str]:
    yield event.object_id
    yield from event.related.get("contacts", [])


def _others(
    product: Product, portal: Portal, object_type: str, events: Sequence[WaitingEvent]
) -> None:
    """Companies and deals: stale in the mirror, and every contact of theirs is due. A deal of no
    contact is read at once.

    After a deletion or a merge the contacts' associations changed too, so they are read again.
    """
    ids = sorted({object_id for event in events for object_id in _concerned(event)})
    gone = sorted({object_id for event in events for object_id in _gone(event)})
    stores = product.stores
    if object_type == "deals":
        crm, left = product.hubspot.crm(portal.portal_id), sorted({*ids} - {*gone})
        keep_deals_without_contact(stores, portal, crm, left)
    with stores.database.write() as conn:
        contacts = mirror.contacts_of(conn, portal.portal_id, object_type, ids)
        mirror.mark_stale(conn, portal.portal_id, object_type, ids)
        _forget(conn, portal.portal_id, object_type, gone)
    due = {c for found in contacts.values() for c in found}
    _due_and_done(stores, portal, sorted(due), events, refresh=bool(gone))


def _concerned(event: WaitingEvent) -> set[str]:
    """Every object an event speaks of."""
    named = {event.object_id, *event.related.get("merged", [])}
    named |= {str(event.related.get(key) or "") for key in ("primary", "new")}
    return {str(object_id) for object_id in named} - {""}


def _gone(event: WaitingEvent) -> set[str]:
    """The objects an event took away."""
    if event.change in {"deletion", "privacyDeletion"}:
        return {event.object_id}
    if event.change != "merge":
        return set()
    survivor = str(event.related.get("new") or event.related.get("primary") or event.object_id)
    return _concerned(event) - {survivor}


def _activities(
    stores: Stores,
    portal: Portal,
    crm: Crm,
    object_type: str,
    events: Sequence[WaitingEvent],
) -> None:
    """Read new activities with their contacts; those not associated yet are tried again."""
    deleted = sorted({e.object_id for e in events if e.change == "deletion"})
    with stores.database.write() as conn:
        lost = mirror.contacts_of(conn, portal.portal_id, object_type, deleted)
        _forget(conn, portal.portal_id, object_type, deleted)
    ids = sorted({event.object_id for event in events} - set(deleted))
    records, contacts = _read_with_contacts(portal, crm, object_type, ids)
    read = [with_contacts(r, contacts.get(r.object_id, ())) for r in records]
    activities = prepared(stores, portal, read)
    with stores.database.write() as conn:
        keep_others(conn, stores, portal, activities)
    ours = _ours(stores.database, portal, object_type, ids, deleted, records)
    linked = {**lost, **contacts}
    due = {c for object_id, some in linked.items() if object_id not in ours for c in some}
    waiting = [
        e
        for e in events
        if e.object_id not in deleted and e.object_id not in ours and not contacts.get(e.object_id)
    ]
    _put_off(stores.database, stores.clock, waiting)
    kept = {event.event_row for event in waiting}
    _due_and_done(stores, portal, sorted(due), [e for e in events if e.event_row not in kept])


def _forget(conn: Connection, portal_id: int, object_type: str, object_ids: Sequence[str]) -> None:
    """Records that are gone, with what was to be written and what was written on them."""
    mirror.forget(conn, portal_id, object_type, object_ids)
    if object_type in writes.QUEUES:
        writes.forget(conn, portal_id, object_ids, queue=writes.QUEUES[object_type])


def _read_with_contacts(
    portal: Portal, crm: Crm, object_type: str, ids: Sequence[str]
) -> tuple[list[CrmRecord], Mapping[str, Sequence[str]]]:
    """One activity alone costs one GET with its contacts; many cost one read and one more."""
    names = wanted(portal, object_type)
    if len(ids) == 1:
        record = crm.get(object_type, ids[0], names, ("contacts",))
        if record is None:
            return [], {}
        return [record], {record.object_id: record.associations.get("contacts", ())}
    records = crm.read(object_type, ids, names) if ids else []
    found = [record.object_id for record in records]
    return records, crm.associated(object_type, "contacts", found) if found else {}


def _ours(
    database: Database,
    portal: Portal,
    object_type: str,
    object_ids: Sequence[str],
    deleted: Sequence[str],
    records: Sequence[CrmRecord],
) -> set[str]:
    """Tasks that we made: whatever happens to them, no lead is scored for it."""
    if object_type != "tasks":
        return set()
    with database.read() as conn:
        known = route_tasks.ours(conn, portal.portal_id, [*object_ids, *deleted])
    done = {r.object_id for r in records if r.properties.get("hs_task_status") == "COMPLETED"}
    with database.write() as conn:
        route_tasks.closed_by_person(conn, portal.portal_id, known & (done | set(deleted)))
    return known | {record.object_id for record in records if is_ours(record.properties)}


def _put_off(database: Database, clock: Clock, events: Sequence[WaitingEvent]) -> None:
    """30 s, then 5 min, then reconciliation is the backstop."""
    now = clock.now()
    with database.write() as conn:
        for event in events:
            due_at = nth_try(UNASSOCIATED_RETRY_S, event.attempts, now)
            if due_at is None:
                inbox.finish(conn, [event.event_row])
            else:
                inbox.put_off(conn, event.event_row, due_at)


def _due_and_done(
    stores: Stores,
    portal: Portal,
    contact_ids: Sequence[str],
    events: Sequence[WaitingEvent],
    *,
    refresh: bool = True,
) -> None:
    now = stores.clock.now()
    with stores.database.write() as conn:
        macs = {stores.tombstone_mac(portal.portal_id, c): c for c in contact_ids}
        erased = tombstones.present(conn, portal.portal_id, list(macs), tombstones.NOT_BELIEF)
        alive = [contact_id for mac, contact_id in macs.items() if mac not in erased]
        due_leads.mark_due(
            conn,
            portal.portal_id,
            alive,
            Urgency.EVENT,
            now,
            cause=Cause.EVENT,
            refresh=refresh,
            coalesce=False,
        )
        inbox.finish(conn, [event.event_row for event in events])
