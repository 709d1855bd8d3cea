"""Ring for everything that waits in the database. An emptied Redis loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from backend.clients.redis.job_queue import RqJobs
from backend.config import RECONCILE_INTERVAL_S
from backend.jobs.schedule import begin_due
from backend.services.routing.summary import begin_summaries
from backend.storage import runs
from backend.storage.database import Database
from backend.storage.leads import due_leads, inbox, score_days
from backend.storage.outbox import routes, workflow_runs, writes
from backend.storage.portals import portals
from backend.storage.privacy import erasures, missing_contacts
from backend.wiring import Product

log = structlog.get_logger()


def sweep(product: Product) -> int:
    """Returns the number of rings."""
    now = product.stores.clock.now()
    with product.stores.database.read() as conn:
        due = due_leads.due_counts(conn, now)
        flushes = writes.portals_waiting(conn, now)
        routings = routes.portals_waiting(conn, now)
        waiting_workflows = workflow_runs.portals_waiting(conn, now)
        fan_outs = inbox.portals_waiting(conn, now)
        unfinished = runs.running(conn)
        to_erase = {receipt.portal_id for receipt in erasures.waiting(conn)}
        to_erase |= missing_contacts.portals_waiting(conn, now)
    _count_days(product.stores.database, now)
    rings = (
        _hourly(product.stores.database, product.stores.jobs, now)
        + begin_due(product, now)
        + begin_summaries(product.stores.database, product.stores.jobs, now)
    )
    for count in due:
        if count.next_due_at <= now:
            product.stores.jobs.ring(
                "score_due", portal_id=count.portal_id, urgency=count.urgency.value
            )
            rings += 1
    for portal_id in flushes:
        product.stores.jobs.ring("flush_writes", portal_id=portal_id)
    for portal_id in routings:
        product.stores.jobs.ring("flush_routes", portal_id=portal_id)
    for portal_id in waiting_workflows:
        product.stores.jobs.ring("answer_workflows", portal_id=portal_id)
    for portal_id in fan_outs:
        product.stores.jobs.ring("fan_out", portal_id=portal_id)
    for portal_id in to_erase:
        product.stores.jobs.ring("erase_requested", portal_id=portal_id)
    for run in unfinished:
        product.stores.jobs.ring(run.kind, portal_id=run.portal_id)
    rings += len(flushes) + len(routings) + len(fan_outs) + len(unfinished) + len(to_erase)
    if rings:
        log.info("swept", rings=rings, due=sum(count.leads for count in due))
    return rings


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
        jobs.ring("forget_portal", portal_id=portal_id)
    for portal_id in late:
        with database.write() as conn:
            runs.start(conn, portal_id, "reconcile", now)
        jobs.ring("reconcile", portal_id=portal_id)
    return len(late) + len(gone)
