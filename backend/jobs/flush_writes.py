"""Bring HubSpot up to date: pending writes in batches of 100, one flusher per portal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

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
from backend.ports import Clock, Crm, Update, Updated
from backend.scoring.values.same import same_values
from backend.scoring.write_back import in_portal, names_in_portal
from backend.services import outbox
from backend.services.exclusive import Held, exclusive
from backend.services.mirror.missing import suspect
from backend.services.portals import account_refusals
from backend.services.portals.account_refusals import AnsweredRecord, Refusal
from backend.services.portals.portal_mode import may_write
from backend.storage import runs
from backend.storage.database import Database
from backend.storage.outbox import due_rows, writes
from backend.storage.outbox.writes import PendingWrite
from backend.storage.portals import portal_problems, portals
from backend.storage.portals.portal_problems import WRITES
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
            _flush(product, portal_id, held)
        except NeedsReconnect as error:
            log.warning("flush_waits", portal_id=portal_id, problem=error.code)


def _flush(product: Product, portal_id: int, held: Held) -> None:
    crm = product.hubspot.crm(portal_id)
    stop_at = product.stores.clock.now() + timedelta(seconds=SLICE_S)
    while held.renew():
        now = product.stores.clock.now()
        if now >= stop_at:
            product.stores.jobs.enqueue("flush_writes", portal_id=portal_id)
            return
        with product.stores.database.read() as conn:
            most = account_refusals.may_try(conn, portal_id, WRITES, now)
            batch = writes.due(conn, portal_id, now, limit=most) if most else []
            portal = portals.get(conn, portal_id)
        if not batch or not may_write(portal):
            return
        try:
            batch = _drop_known(
                product.stores.database,
                product.stores.clock,
                portal_id,
                portal.settings,
                crm,
                batch,
            )
            if batch and not _write(product, portal_id, portal.settings, crm, batch):
                return
        except DailyLimit as error:
            keys = [write.contact_id for write in batch]
            account_refusals.wait(
                product.stores, portal_id, WRITES, account_refusals.of_today(error, keys)
            )
            return


def _drop_known(
    database: Database,
    clock: Clock,
    portal_id: int,
    settings: PortalSettings,
    crm: Crm,
    batch: Sequence[PendingWrite],
) -> list[PendingWrite]:
    """After a lost answer: what HubSpot already has is not written again."""
    doubtful = [write for write in batch if write.unknown_outcome]
    if not doubtful:
        return list(batch)
    sent = {write.contact_id: in_portal(settings, write.properties) for write in doubtful}
    names = sorted({name for values in sent.values() for name in values})
    stored = {r.object_id: r for r in crm.read("contacts", list(sent), names)}
    arrived = [
        (write, stored[write.contact_id].updated_at)
        for write in doubtful
        if write.contact_id in stored
        and same_values(sent[write.contact_id], stored[write.contact_id].properties)
    ]
    with database.write() as conn:
        writes.done(conn, portal_id, arrived, clock.now())
    known = {write.contact_id for write, _ in arrived}
    return [write for write in batch if write.contact_id not in known]


def _write(
    product: Product,
    portal_id: int,
    settings: PortalSettings,
    crm: Crm,
    batch: Sequence[PendingWrite],
    *,
    fixed: bool = False,
) -> bool:
    """False when the rest should wait for a later job: HubSpot is unwell, or the account refuses.

    A property of ours that somebody deleted is made again, once.
    """
    updates = [Update(w.contact_id, in_portal(settings, w.properties)) for w in batch]
    refusal: Refusal | None
    answers: list[Updated] = []
    try:
        answers = crm.update("contacts", updates)
    except MissingProperty as error:
        keys = [write.contact_id for write in batch]
        refusal = replace(account_refusals.of_call(error, keys), code=MISSING)
    except DailyLimit:
        raise
    except OutcomeUnknown as error:
        _unanswered(product.stores, portal_id, batch, error)
        return False
    except Transient as error:
        _put_off(product.stores, portal_id, batch, error)
        return False
    except NeedsReconnect:
        raise
    except Permanent as error:
        refusal = account_refusals.of_call(error, [write.contact_id for write in batch])
        account_refusals.wait(product.stores, portal_id, WRITES, refusal)
        return False
    else:
        refusal = _judged(product.stores.database, portal_id, settings, updates, answers)
    if refusal is None or refusal.code != MISSING or fixed:
        return _settle(product, portal_id, list(zip(batch, answers, strict=False)), refusal)
    _settle(product, portal_id, list(zip(batch, answers, strict=False)), refusal, hold=False)
    refused = [write for write in batch if write.contact_id in refusal.keys]
    if not _made_again(product, portal_id, refused):
        return False
    return _write(product, portal_id, settings, crm, refused, fixed=True)


def _unanswered(
    stores: Stores, portal_id: int, batch: Sequence[PendingWrite], error: OutcomeUnknown
) -> None:
    """What HubSpot holds is asked before these are sent again."""
    with stores.database.write() as conn:
        writes.mark_unknown(conn, portal_id, batch, stores.clock.now())
    if isinstance(error, UnknownPath):
        _wait(stores, portal_id, batch, str(error), UNKNOWN_PATH_RETRY_S)
    else:
        _put_off(stores, portal_id, batch, error)


def _judged(
    database: Database,
    portal_id: int,
    settings: PortalSettings,
    updates: Sequence[Update],
    answers: Sequence[Updated],
) -> Refusal | None:
    sent = [
        AnsweredRecord(update.object_id, update.properties, answer.error)
        for update, answer in zip(updates, answers, strict=True)
    ]
    with database.read() as conn:
        known = portal_problems.get(conn, portal_id, WRITES)
    return account_refusals.judged(sent, names_in_portal(settings), known)


def _made_again(product: Product, portal_id: int, refused: Sequence[PendingWrite]) -> bool:
    """Whether the missing properties are there again; if the account refuses them, all waits."""
    try:
        product.hubspot.setup(portal_id).ensure_properties()
    except (DailyLimit, NeedsReconnect):
        raise
    except Transient as error:
        _put_off(product.stores, portal_id, refused, error)
        return False
    except Permanent as error:
        refusal = account_refusals.of_call(error, [write.contact_id for write in refused])
        account_refusals.wait(product.stores, portal_id, WRITES, refusal)
        return False
    log.warning("properties_made_again", portal_id=portal_id)
    with product.stores.database.write() as conn:  # the values of every other lead went with them
        writes.forget_written(conn, portal_id)
        runs.start(conn, portal_id, "setup", product.stores.clock.now())
    product.stores.jobs.enqueue("setup", portal_id=portal_id)
    return True


def _settle(
    product: Product,
    portal_id: int,
    answered: Sequence[tuple[PendingWrite, Updated]],
    refusal: Refusal | None,
    *,
    hold: bool = True,
) -> bool:
    """Keep what HubSpot said of each; false when the account let nothing through."""
    now = product.stores.clock.now()
    finished = [(write, answer.updated_at) for write, answer in answered if answer.error is None]
    with product.stores.database.write() as conn:
        writes.done(conn, portal_id, finished, now)
    _count(product.stores.meter, "written", len(finished))
    gone = [write for write, answer in answered if isinstance(answer.error, RecordGone)]
    _wait(product.stores, portal_id, gone, "HubSpot does not find this contact", MISSING_RECHECK_S)
    unseen = [w for w, answer in answered if isinstance(answer.error, RecordGone | OutcomeUnknown)]
    suspect(product.stores, portal_id, [write.contact_id for write in unseen])
    waiting = set(refusal.keys) if refusal else set()
    for write, answer in answered:
        _set_back(
            product.stores, portal_id, write, None if write.contact_id in waiting else answer.error
        )
    if refusal is not None:
        if hold:
            account_refusals.wait(product.stores, portal_id, WRITES, refusal)
        return bool(finished)
    if finished:
        account_refusals.got_through(product, portal_id, WRITES)
    return True


def _set_back(
    stores: Stores, portal_id: int, write: PendingWrite, error: LeadlightError | None
) -> None:
    if isinstance(error, OutcomeUnknown):
        _unanswered(stores, portal_id, [write], error)
    elif isinstance(error, Permanent) and not isinstance(error, RecordGone):
        _put_off(stores, portal_id, [write], error)


def _put_off(
    stores: Stores, portal_id: int, batch: Sequence[PendingWrite], error: LeadlightError
) -> None:
    parked = outbox.put_off(stores, due_rows.WRITES, portal_id, batch, error)
    _count(stores.meter, "parked", parked)
    _count(stores.meter, "put_off", len(batch) - parked)


def _wait(
    stores: Stores, portal_id: int, batch: Sequence[PendingWrite], problem: str, wait_s: float
) -> None:
    """Due again later; that is no failed try of these writes."""
    if not batch:
        return
    log.warning("writes_wait", portal_id=portal_id, leads=len(batch), problem=problem)
    due_at = stores.clock.now() + timedelta(seconds=wait_s)
    with stores.database.write() as conn:
        ids = [write.contact_id for write in batch]
        due_rows.wait(conn, due_rows.WRITES, portal_id, ids, due_at, problem)
    outbox.enqueue_at(stores, due_rows.WRITES, portal_id, [due_at])


def _count(meter: RedisMeter, result: str, number: int) -> None:
    outcome = "ok" if result == "written" else "failed"
    meter.count("writes", number, result=result, outcome=outcome)
