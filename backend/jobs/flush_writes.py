"""Bring HubSpot up to date: pending writes in batches of 100, one flusher per portal.

Contacts first, then companies, deals and lead records where the portal has scores on them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from backend.clients.redis.meter import RedisMeter
from backend.config import (
    MISSING_RECHECK_S,
    UNKNOWN_PATH_RETRY_S,
)
from backend.errors import (
    DailyLimit,
    LeadlightError,
    MissingProperty,
    NeedsReconnect,
    OutcomeUnknown,
    Permanent,
    RecordGone,
    Transient,
    UnknownPath,
)
from backend.model import PortalSettings
from backend.ports import Crm, Update, Updated
from backend.scoring.values.same import same_values
from backend.scoring.write_back import (
    every_name_in_portal,
    in_portal,
    names_in_portal,
    still_wanted,
)
from backend.services import outbox
from backend.services.defects import Defect, halving
from backend.services.exclusive import Held, exclusive
from backend.services.mirror.missing import suspect
from backend.services.portals import account_refusals
from backend.services.portals.account_refusals import AnsweredRecord, Refusal
from backend.services.portals.portal_mode import MADE, may_write
from backend.services.scoring.record_values import computed
from backend.storage import runs
from backend.storage.outbox import due_rows, writes
from backend.storage.outbox.writes import PendingWrite, Queue
from backend.storage.portals import portal_problems, portals
from backend.storage.portals.portals import Portal
from backend.wiring import Product, Stores

SLICE_S = 5  # then whoever has waited meanwhile has a turn
MISSING = "PROPERTY_DOESNT_EXIST"

log = structlog.get_logger()


def flush_writes(product: Product, portal_id: int) -> None:
    """Write everything that is due; a second flusher of the same portal leaves at once."""
    with product.stores.database.read() as conn:
        if not may_write(portals.get(conn, portal_id)):
            return
    with exclusive(product, f"flush:{portal_id}") as held:
        if held is None:
            return
        try:
            stop_at = product.stores.clock.now() + timedelta(seconds=SLICE_S)
            for queue in writes.QUEUES.values():
                _flush(product, portal_id, held, queue, stop_at)
        except NeedsReconnect as error:
            log.warning("flush_waits", portal_id=portal_id, problem=error.code)


def _flush(product: Product, portal_id: int, held: Held, queue: Queue, stop_at: datetime) -> None:
    crm, area = product.hubspot.crm(portal_id), queue.box.name
    while held.renew():
        now = product.stores.clock.now()
        if now >= stop_at:
            product.stores.jobs.enqueue("flush_writes", portal_id=portal_id)
            return
        with product.stores.database.read() as conn:
            most = account_refusals.may_try(conn, portal_id, area, now)
            batch = writes.due(conn, portal_id, now, limit=most, queue=queue) if most else []
            portal = portals.get(conn, portal_id)
        if not batch or not may_write(portal):
            return
        flushing = _Flushing(product, portal_id, portal.settings, crm, queue)
        waits: list[bool] = []
        write = partial(_write_now, flushing, portal, waits)
        try:
            halving("write", portal_id, batch, write, flushing.set_aside, flushing.as_now)
        except DailyLimit as error:
            keys = [write.object_id for write in batch]
            account_refusals.wait(
                product.stores, portal_id, area, account_refusals.of_today(error, keys)
            )
            return
        if waits:
            return


def _still_wanted(
    settings: PortalSettings, made: Collection[str], batch: Sequence[PendingWrite]
) -> list[PendingWrite]:
    return [replace(w, properties=still_wanted(settings, made, w.properties)) for w in batch]


@dataclass(frozen=True, slots=True)
class _Flushing:
    """One portal's writes to one type of object, under way."""

    product: Product
    portal_id: int
    settings: PortalSettings
    crm: Crm
    queue: Queue

    @property
    def stores(self) -> Stores:
        return self.product.stores

    @property
    def area(self) -> str:
        """What the account's refusals of these are called."""
        return self.queue.box.name

    def as_now(self, some: Sequence[PendingWrite]) -> list[PendingWrite]:
        """Those of these that are still due, as they are now."""
        ids, now = {write.object_id for write in some}, self.stores.clock.now()
        with self.stores.database.read() as conn:
            found = writes.due(conn, self.portal_id, now, queue=self.queue)
        return [write for write in found if write.object_id in ids]

    def set_aside(self, write: PendingWrite, error: Defect) -> None:
        """Due again later, alone."""
        _put_off(self, [write], error)


def _write_now(
    flushing: _Flushing, portal: Portal, waits: list[bool], batch: Sequence[PendingWrite]
) -> None:
    """Notes in `waits` that the rest should wait for a later job."""
    if waits:
        return
    if flushing.queue.of_contacts:
        batch = _still_wanted(portal.settings, portal.installation.get(MADE) or (), batch)
    else:
        now = flushing.stores.clock.now()
        batch = computed(flushing.stores, portal, flushing.queue, batch, now)
    batch = _drop_known(flushing, batch)
    if batch and not _write(flushing, batch):
        waits.append(True)


def _drop_known(flushing: _Flushing, batch: Sequence[PendingWrite]) -> list[PendingWrite]:
    """After a lost answer: what HubSpot already has is not written again."""
    doubtful = [write for write in batch if write.unknown_outcome]
    if not doubtful:
        return list(batch)
    sent = {write.object_id: in_portal(flushing.settings, write.properties) for write in doubtful}
    names = sorted({name for values in sent.values() for name in values})
    found = flushing.crm.read(flushing.queue.object_type, list(sent), names)
    stored = {record.object_id: record for record in found}
    arrived = [
        (write, stored[write.object_id].updated_at)
        for write in doubtful
        if write.object_id in stored
        and same_values(sent[write.object_id], stored[write.object_id].properties)
    ]
    _done(flushing, arrived)
    known = {write.object_id for write, _ in arrived}
    return [write for write in batch if write.object_id not in known]


def _done(flushing: _Flushing, finished: Sequence[tuple[PendingWrite, datetime | None]]) -> None:
    now = flushing.stores.clock.now()
    with flushing.stores.database.write() as conn:
        writes.done(conn, flushing.portal_id, finished, now, queue=flushing.queue)


def _write(flushing: _Flushing, batch: Sequence[PendingWrite], *, fixed: bool = False) -> bool:
    """False when the rest should wait for a later job: HubSpot is unwell, or the account refuses.

    A property of ours that somebody deleted is made again, once.
    """
    settings = flushing.settings
    updates = [Update(w.object_id, in_portal(settings, w.properties)) for w in batch]
    refusal: Refusal | None
    answers: list[Updated] = []
    try:
        answers = flushing.crm.update(flushing.queue.object_type, updates)
    except MissingProperty as error:
        keys = [write.object_id for write in batch]
        refusal = replace(account_refusals.of_call(error, keys), code=MISSING)
    except DailyLimit:
        raise
    except OutcomeUnknown as error:
        _unanswered(flushing, batch, error)
        return False
    except Transient as error:
        _put_off(flushing, batch, error)
        return False
    except NeedsReconnect:
        raise
    except Permanent as error:
        _refused_all(flushing, batch, error)
        return False
    else:
        refusal = _judged(flushing, updates, answers)
    answered = list(zip(batch, answers, strict=False))
    if refusal is None or refusal.code != MISSING or fixed:
        return _settle(flushing, answered, refusal)
    _settle(flushing, answered, refusal, hold=False)
    refused = [write for write in batch if write.object_id in refusal.keys]
    again = _made_again(flushing, refused)
    return bool(again) and _write(flushing, again, fixed=True)


def _refused_all(flushing: _Flushing, batch: Sequence[PendingWrite], error: Permanent) -> None:
    refusal = account_refusals.of_call(error, [write.object_id for write in batch])
    account_refusals.wait(flushing.stores, flushing.portal_id, flushing.area, refusal)


def _unanswered(flushing: _Flushing, batch: Sequence[PendingWrite], error: OutcomeUnknown) -> None:
    """What HubSpot holds is asked before these are sent again."""
    now = flushing.stores.clock.now()
    with flushing.stores.database.write() as conn:
        writes.mark_unknown(conn, flushing.portal_id, batch, now, queue=flushing.queue)
    if isinstance(error, UnknownPath):
        _wait(flushing, batch, str(error), UNKNOWN_PATH_RETRY_S)
    else:
        _put_off(flushing, batch, error)


def _judged(
    flushing: _Flushing, updates: Sequence[Update], answers: Sequence[Updated]
) -> Refusal | None:
    sent = [
        AnsweredRecord(update.object_id, update.properties, answer.error)
        for update, answer in zip(updates, answers, strict=True)
    ]
    with flushing.stores.database.read() as conn:
        known = portal_problems.get(conn, flushing.portal_id, flushing.area)
    settings, kind = flushing.settings, flushing.queue.object_type
    ours = {*names_in_portal(settings, kind), *every_name_in_portal(settings)}
    return account_refusals.judged(sent, ours, known)


def _made_again(flushing: _Flushing, refused: Sequence[PendingWrite]) -> list[PendingWrite]:
    """What to send once more, now that the missing properties are there again; if the account
    refuses them, all waits. One that the portal does without is not made, and not emptied."""
    product, portal_id, queue = flushing.product, flushing.portal_id, flushing.queue
    try:
        product.hubspot.setup(portal_id, queue.object_type).ensure_properties()
    except (DailyLimit, NeedsReconnect):
        raise
    except Transient as error:
        _put_off(flushing, refused, error)
        return []
    except Permanent as error:
        _refused_all(flushing, refused, error)
        return []
    log.warning("properties_made_again", portal_id=portal_id)
    with product.stores.database.write() as conn:  # the values of every other lead went with them
        writes.forget_written(conn, portal_id, queue=queue)
        runs.start(conn, portal_id, "setup", product.stores.clock.now())
    product.stores.jobs.enqueue("setup", portal_id=portal_id)
    return _still_wanted(flushing.settings, (), refused) if queue.of_contacts else list(refused)


def _settle(
    flushing: _Flushing,
    answered: Sequence[tuple[PendingWrite, Updated]],
    refusal: Refusal | None,
    *,
    hold: bool = True,
) -> bool:
    """Keep what HubSpot said of each; false when the account let nothing through."""
    finished = [(write, answer.updated_at) for write, answer in answered if answer.error is None]
    _done(flushing, finished)
    _count(flushing.stores.meter, "written", len(finished))
    _unseen(flushing, answered)
    waiting = set(refusal.keys) if refusal else set()
    for write, answer in answered:
        _set_back(flushing, write, None if write.object_id in waiting else answer.error)
    if refusal is not None:
        if hold:
            account_refusals.wait(flushing.stores, flushing.portal_id, flushing.area, refusal)
        return bool(finished)
    if finished:
        account_refusals.got_through(flushing.product, flushing.portal_id, flushing.area)
    return True


def _unseen(flushing: _Flushing, answered: Sequence[tuple[PendingWrite, Updated]]) -> None:
    """A contact that HubSpot does not find is suspected to be gone, and waits; another record is
    let be: whatever changes about its contacts brings it back."""
    stores, portal_id = flushing.stores, flushing.portal_id
    gone = [write for write, answer in answered if isinstance(answer.error, RecordGone)]
    if not flushing.queue.of_contacts:
        with stores.database.write() as conn:
            ids = [write.object_id for write in gone]
            writes.forget(conn, portal_id, ids, queue=flushing.queue)
        return
    _wait(flushing, gone, "HubSpot does not find this contact", MISSING_RECHECK_S)
    unseen = [w for w, answer in answered if isinstance(answer.error, RecordGone | OutcomeUnknown)]
    suspect(stores, portal_id, [write.object_id for write in unseen])


def _set_back(flushing: _Flushing, write: PendingWrite, error: LeadlightError | None) -> None:
    if isinstance(error, OutcomeUnknown):
        _unanswered(flushing, [write], error)
    elif isinstance(error, Permanent) and not isinstance(error, RecordGone):
        _put_off(flushing, [write], error)


def _put_off(flushing: _Flushing, batch: Sequence[PendingWrite], error: LeadlightError) -> None:
    box = flushing.queue.box
    parked = outbox.put_off(flushing.stores, box, flushing.portal_id, batch, error)
    _count(flushing.stores.meter, "parked", parked)
    _count(flushing.stores.meter, "put_off", len(batch) - parked)


def _wait(flushing: _Flushing, batch: Sequence[PendingWrite], problem: str, wait_s: float) -> None:
    """Due again later; that is no failed try of these writes."""
    if not batch:
        return
    stores, portal_id, box = flushing.stores, flushing.portal_id, flushing.queue.box
    log.warning("writes_wait", portal_id=portal_id, rows=len(batch), problem=problem)
    due_at = stores.clock.now() + timedelta(seconds=wait_s)
    with stores.database.write() as conn:
        ids = [write.object_id for write in batch]
        due_rows.wait(conn, box, portal_id, ids, due_at, problem)
    outbox.enqueue_at(stores, box, portal_id, [due_at])


def _count(meter: RedisMeter, result: str, number: int) -> None:
    outcome = "ok" if result == "written" else "failed"
    meter.count("writes", number, result=result, outcome=outcome)
