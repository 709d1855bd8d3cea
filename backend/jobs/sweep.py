"""Ring for everything that waits in the database. An emptied Redis loses nothing."""

from __future__ import annotations

import structlog

from backend.storage import inbox, leads, runs, writes
from backend.wiring import Product

log = structlog.get_logger()


def sweep(product: Product) -> int:
    """Returns the number of rings."""
    now = product.clock.now()
    with product.database.read() as conn:
        due = leads.due_counts(conn, now)
        flushes = writes.portals_waiting(conn, now)
        fan_outs = inbox.portals_waiting(conn, now)
        unfinished = runs.running(conn)
    rings = 0
    for count in due:
        if count.next_due_at <= now:
            product.jobs.ring("score_due", portal_id=count.portal_id, urgency=count.urgency.value)
            rings += 1
    for portal_id in flushes:
        product.jobs.ring("flush_writes", portal_id=portal_id)
    for portal_id in fan_outs:
        product.jobs.ring("fan_out", portal_id=portal_id)
    for run in unfinished:
        product.jobs.ring(run.kind, portal_id=run.portal_id)
    rings += len(flushes) + len(fan_outs) + len(unfinished)
    if rings:
        log.info("swept", rings=rings, due=sum(count.leads for count in due))
    return rings
