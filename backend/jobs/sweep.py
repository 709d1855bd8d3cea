"""Enqueue a job for everything that waits in the database. An emptied Redis loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from backend.clients.redis.job_queue import RqJobs
from backend.config import RECONCILE_INTERVAL_S
from backend.jobs.schedule import begin_due
from backend.services.routing.pins import end_pins
from backend.services.routing.summary import begin_summaries
from backend.storage import clock_steps, runs
from backend.storage.database import Database
from backend.storage.leads import due_leads, inbox, score_days
from backend.storage.outbox import due_rows
from backend.storage.outbox.due_rows import OUTBOXES
from backend.storage.portals import portals
from backend.storage.privacy import erasures, missing_contacts
from backend.wiring import Product

log = structlog.get_logger()


def sweep(product: Product) -> int:
    """Enqueue a job for all due work; safe after Redis was flushed. Returns how many."""
    now = product.stores.clock.now()
    _notice_clock(product.stores.database, now)
    with product.stores.database.read() as conn:
        due = due_leads.due_counts(conn, now)
        jobs = {
            (box.job, portal_id)
            for box in OUTBOXES
            for portal_id in due_rows.portals_waiting(conn, box, now)
        }
        jobs |= {("fan_out", portal_id) for portal_id in inbox.portals_waiting(conn, now)}
        to_erase = {receipt.portal_id for receipt in erasures.waiting(conn)}
        to_erase |= missing_contacts.portals_waiting(conn, now)
        jobs |= {("erase_requested", portal_id) for portal_id in to_erase}
        jobs |= {(run.kind, run.portal_id) for run in runs.running(conn)}
    end_pins(product.stores)
    _count_days(product.stores.database, now)
    enqueued = (
        _hourly(product.stores.database, product.stores.jobs, now)
        + begin_due(product, now)
        + begin_summaries(product.stores.database, product.stores.jobs, now)
    )
    for count in due:
        if count.next_due_at <= now:
            product.stores.jobs.enqueue(
                "score_due", portal_id=count.portal_id, urgency=count.urgency.value
            )
            enqueued += 1
    for job, portal_id in sorted(jobs):
        product.stores.jobs.enqueue(job, portal_id=portal_id)
    enqueued += len(jobs)
    if enqueued:
        log.info("swept", enqueued=enqueued, due=sum(count.leads for count in due))
    return enqueued


def _notice_clock(database: Database, now: datetime) -> None:
    with database.write() as conn:
        back = clock_steps.set_back_by(conn, now)
        moved = clock_steps.all_due(conn, now) if back else 0
    if back:
        log.warning("clock_set_back", seconds=round(back.total_seconds()), due_now=moved)


def _count_days(database: Database, now: datetime) -> None:
    """How the bands stand today, for the trend; counted anew every ten minutes."""
    with database.read() as conn:
        known = [p.portal_id for p in portals.listed(conn) if p.state == "connected"]
        late = score_days.stale(conn, known, now)
    for portal_id in late:
        with database.write() as conn:
            score_days.count_today(conn, portal_id, now)


def _hourly(database: Database, jobs: RqJobs, now: datetime) -> int:
    """Begin a reconciliation where the last one is an hour old; erase what was disconnected."""
    with database.read() as conn:
        known = portals.listed(conn)
        ready = [p.portal_id for p in known if p.state == "connected" and p.pulled_at]
        gone = [p.portal_id for p in known if portals.disconnected_at(p) is not None]
        before = now - timedelta(seconds=RECONCILE_INTERVAL_S)
        late = runs.due_kinds(conn, "reconcile", before, ready)
    for portal_id in gone:
        jobs.enqueue("forget_portal", portal_id=portal_id)
    for portal_id in late:
        with database.write() as conn:
            runs.start(conn, portal_id, "reconcile", now)
        jobs.enqueue("reconcile", portal_id=portal_id)
    return len(late) + len(gone)
