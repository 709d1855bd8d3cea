"""Claim due leads, refresh the mirror, score them, save scores with their writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from backend.config import (
    AI_CONCURRENCY,
    ANSWER_WITHIN_S,
    BACKFILL_WITHIN_S,
    LEAD_RETRY_DELAYS_S,
    MISSING_RECHECK_S,
    SCORE_LEADS,
    UNKNOWN_PATH_RETRY_S,
)
from backend.errors import (
    DailyLimit,
    LeadlightError,
    NeedsReconnect,
    Outage,
    UnknownPath,
)
from backend.jobs.backfill import check_finished
from backend.jobs.renewing import renewing
from backend.model import Mode, Urgency
from backend.ports import Clock
from backend.retries import next_try
from backend.services.defects import Defect, halving
from backend.services.mirror.missing import mark_again, suspect
from backend.services.mirror.refresh import refresh
from backend.services.portals.account_refusals import midnight
from backend.services.scoring.metrics import batch_scored
from backend.services.scoring.pipeline import Keep, context_of, score_batch
from backend.services.scoring.save import save_scores
from backend.storage.database import Database
from backend.storage.leads import due_leads, mirror
from backend.storage.leads.due_leads import Claimed, Setback
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.vocabulary import Cause
from backend.wiring import Product, Stores

WAIT_S = 1.0  # a lead due within this time is waited for, not rung for again
log = structlog.get_logger()


def score_due(
    product: Product, portal_id: int, urgency: str, contact_id: str | None = None
) -> None:
    """One batch of leads; enqueues the next while more are due."""
    wanted = Urgency(urgency)
    with product.stores.database.read() as conn:
        portal = portals.get(conn, portal_id)
    if not _may_score(portal):
        return
    patient = _in_no_hurry(product, portal, wanted)
    limit = AI_CONCURRENCY if patient else SCORE_LEADS
    claimed = _claim(product.stores, portal_id, wanted, contact_id, limit)
    if not claimed:
        _enqueue_later(product.stores, portal_id, wanted)
        return
    stores, token = product.stores, claimed[0].token
    try:
        with renewing(stores.database, stores.clock, portal_id, token):
            if patient and all(c.cause == Cause.BACKFILL for c in claimed):
                product = replace(product, ai=product.ai.in_no_hurry())
            _score_safely(product, portal, claimed)
    except NeedsReconnect as error:
        _give_back(product.stores.database, product.stores.clock, portal_id, claimed, error)
        return
    _go_on(product.stores, portal, wanted, claimed)


def _score_safely(product: Product, portal: Portal, claimed: Sequence[Claimed]) -> None:
    def score(some: Sequence[Claimed]) -> None:
        try:
            _score(product, portal, some)
        except NeedsReconnect:
            raise
        except LeadlightError as error:
            _all_back(product.stores, portal, some, error)

    def set_aside(one: Claimed, error: Defect) -> None:
        _all_back(product.stores, portal, [one], error)

    halving("lead", portal.portal_id, claimed, score, set_aside)


def _all_back(
    stores: Stores, portal: Portal, claimed: Sequence[Claimed], error: LeadlightError
) -> None:
    log.warning("batch_failed", portal_id=portal.portal_id, leads=len(claimed), error=error)
    _set_back(stores, portal, claimed, {c.contact_id: error for c in claimed})


def _may_score(portal: Portal) -> bool:
    ready = portal.state == "connected" and portal.pulled_at is not None
    return ready and portal.settings.mode is not Mode.PAUSED


def _in_no_hurry(product: Product, portal: Portal, urgency: Urgency) -> bool:
    """Whether a run over all leads asks at half the price: fewer leads at a time then, because each
    answer may take as long as the whole batch. What was not answered comes again at the full one.
    """
    offered = product.ai.half_price is not None and portal.settings.half_price_runs
    return offered and urgency is Urgency.BACKFILL


def _claim(
    stores: Stores, portal_id: int, urgency: Urgency, contact_id: str | None, limit: int
) -> list[Claimed]:
    only = None if contact_id is None else [contact_id]
    now = stores.clock.now()
    with stores.database.write() as conn:
        parked = due_leads.park_lapsed(conn, portal_id, now, len(LEAD_RETRY_DELAYS_S))
        claimed = due_leads.claim(conn, portal_id, urgency, now, limit=limit, contact_ids=only)
    for each in parked:
        stores.meter.count("leads_set_back", result="parked")
        log.error("lead_parked", portal_id=portal_id, contact_id=each, problem=due_leads.LAPSED)
    if claimed or urgency is not Urgency.EVENT:
        return claimed
    now = stores.clock.now()
    with stores.database.read() as conn:
        next_at = due_leads.next_due_at(conn, portal_id, urgency, now)
    if next_at is None or next_at - now > timedelta(seconds=WAIT_S):
        return []
    stores.clock.sleep(max(0.0, (next_at - now).total_seconds()))
    with stores.database.write() as conn:
        return due_leads.claim(conn, portal_id, urgency, stores.clock.now())


def _score(product: Product, portal: Portal, claimed: Sequence[Claimed]) -> None:
    portal_id = portal.portal_id
    with product.stores.meter.step("refresh", len(claimed)):
        unseen = _refresh(product, portal, claimed)
    claimed = _known(product.stores.database, product.stores.clock, portal_id, claimed, unseen)
    suspect(product.stores, portal_id, sorted(unseen))
    if not claimed:
        return
    context = context_of(product, portal)
    started = product.stores.clock.now()
    people = frozenset(c.contact_id for c in claimed if c.urgency is Urgency.PERSON)
    if people:
        product.ai.try_now()
    keep = Keep(_of_cause(claimed, Cause.DECAY), _of_cause(claimed, Cause.BACKFILL), people)
    ids = [c.contact_id for c in claimed]
    waits = any(c.urgency is not Urgency.BACKFILL for c in claimed)
    within_s = ANSWER_WITHIN_S if waits else BACKFILL_WITHIN_S
    batch = score_batch(product, context, ids, started, keep, within_s)
    with product.stores.meter.step("save", len(claimed)):
        saved = save_scores(product.stores, portal_id, claimed, batch)
    _set_back(product.stores, portal, claimed, batch.failed)
    mark_again(product.stores, portal_id, [c.contact_id for c in claimed])
    seconds = (product.stores.clock.now() - started).total_seconds()
    batch_scored(product.stores, claimed, batch, seconds)
    log.info(
        "scored",
        portal_id=portal_id,
        leads=saved,
        ineligible=len(batch.ineligible),
        failed=len(batch.failed),
        ms=round(seconds * 1000, 1),
    )


def _known(
    database: Database, clock: Clock, portal_id: int, claimed: Sequence[Claimed], unseen: set[str]
) -> list[Claimed]:
    """Without those that HubSpot did not show and of which we know nothing: they stay due. Of the
    others we know at least what they were."""
    with database.read() as conn:
        blank = unseen - mirror.records(conn, portal_id, "contacts", sorted(unseen)).keys()
    if blank:
        now = clock.now()
        due_at = now + timedelta(seconds=MISSING_RECHECK_S)
        problem = "HubSpot does not show this contact (yet, or any more)"
        setbacks = [
            Setback(c, problem, due_at, c.attempts) for c in claimed if c.contact_id in blank
        ]
        with database.write() as conn:
            due_leads.set_back(conn, portal_id, setbacks, now)
    return [c for c in claimed if c.contact_id not in blank]


def _of_cause(claimed: Sequence[Claimed], cause: str) -> frozenset[str]:
    return frozenset(c.contact_id for c in claimed if c.cause == cause)


def _refresh(product: Product, portal: Portal, claimed: Sequence[Claimed]) -> set[str]:
    """Backfills read no HubSpot; events and people see what HubSpot has now."""
    fresh = [c.contact_id for c in claimed if c.urgency is not Urgency.BACKFILL or c.refresh]
    if not fresh:
        return set()
    wanted = [c.contact_id for c in claimed if c.refresh]
    return refresh(product.stores, portal, product.hubspot.crm(portal.portal_id), fresh, wanted)


def _set_back(
    stores: Stores,
    portal: Portal,
    claimed: Sequence[Claimed],
    failed: dict[str, LeadlightError],
) -> None:
    """Each failed lead is due again after its delay, or failed with its cause."""
    now = stores.clock.now()
    setbacks = [
        _setback(portal, one, failed[one.contact_id], now)
        for one in claimed
        if one.contact_id in failed
    ]
    if not setbacks:
        return
    with stores.database.write() as conn:
        due_leads.set_back(conn, portal.portal_id, setbacks, now)
    for setback in setbacks:
        result = "parked" if setback.due_at is None else "retried"
        stores.meter.count("leads_set_back", result=result)
        if setback.due_at is None:
            log.error(
                "lead_parked",
                portal_id=portal.portal_id,
                contact_id=setback.claimed.contact_id,
                problem=setback.problem,
            )


def _setback(portal: Portal, claimed: Claimed, error: LeadlightError, now: datetime) -> Setback:
    if isinstance(error, UnknownPath):
        due_at = now + timedelta(seconds=UNKNOWN_PATH_RETRY_S)
        return Setback(claimed, str(error), due_at, claimed.attempts)
    if isinstance(error, DailyLimit):
        return Setback(claimed, str(error), midnight(portal, now), claimed.attempts)
    again = next_try(claimed.attempts, error, now)
    if isinstance(error, Outage):
        return Setback(claimed, str(error), again, claimed.attempts)
    return Setback(claimed, str(error), again, claimed.attempts + 1)


def _give_back(
    database: Database,
    clock: Clock,
    portal_id: int,
    claimed: Sequence[Claimed],
    error: NeedsReconnect,
) -> None:
    """The portal has to be connected again: its leads wait, no try is burnt."""
    now = clock.now()
    with database.write() as conn:
        setbacks = [Setback(c, str(error), now, c.attempts) for c in claimed]
        due_leads.set_back(conn, portal_id, setbacks, now)
    log.warning("portal_needs_reconnect", portal_id=portal_id, leads=len(claimed))


def _go_on(stores: Stores, portal: Portal, urgency: Urgency, claimed: Sequence[Claimed]) -> None:
    if urgency is Urgency.BACKFILL:
        of_run = sum(c.cause == Cause.BACKFILL for c in claimed)
        check_finished(stores.database, stores.clock, portal.portal_id, of_run)
    _enqueue_later(stores, portal.portal_id, urgency)


def _enqueue_later(stores: Stores, portal_id: int, urgency: Urgency) -> None:
    now = stores.clock.now()
    with stores.database.read() as conn:
        next_at = due_leads.next_due_at(conn, portal_id, urgency, now)
    if next_at is not None:
        delay_s = max(0.0, (next_at - now).total_seconds())
        stores.jobs.enqueue(
            "score_due", portal_id=portal_id, urgency=urgency.value, delay_s=delay_s
        )
