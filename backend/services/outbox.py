"""What every outbox does with work that HubSpot, or a channel, did not take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

import structlog

from backend.errors import LeadlightError, Outage
from backend.retries import next_try
from backend.storage.database import Connection
from backend.storage.outbox import due_rows
from backend.storage.outbox.due_rows import DueRow, Outbox
from backend.wiring import Stores

Row = TypeVar("Row", bound=DueRow)
log = structlog.get_logger()


def put_off(
    stores: Stores,
    box: Outbox,
    portal_id: int,
    rows: Sequence[Row],
    error: LeadlightError,
    *,
    failed: Callable[[Connection, Row], None] | None = None,
) -> int:
    """Each row is due again after its delay, or failed when its tries are used up or the error is
    permanent; `failed` is told of those in the same transaction. Returns how many failed."""
    if not rows:
        return 0
    now = stores.clock.now()
    problem = str(error)
    log.warning("put_off", outbox=box.name, portal_id=portal_id, rows=len(rows), error=error)
    times = [next_try(row.attempts, error, now) for row in rows]
    if isinstance(error, Outage):  # it says nothing about these rows: no try counts
        keys = [row.as_read[box.key] for row in rows]
        again_at = times[0] or now
        with stores.database.write() as conn:
            due_rows.wait(conn, box, portal_id, keys, again_at, problem)
        enqueue_at(stores, box, portal_id, times)
        return 0
    with stores.database.write() as conn:
        for row, due_at in zip(rows, times, strict=True):
            due_rows.put_off(conn, box, portal_id, row, problem=problem, due_at=due_at, now=now)
            if due_at is None and failed is not None:
                failed(conn, row)
    enqueue_at(stores, box, portal_id, times)
    return times.count(None)


def enqueue_at(
    stores: Stores, box: Outbox, portal_id: int, times: Iterable[datetime | None]
) -> None:
    """Enqueue the outbox's job for when the soonest of these is due."""
    soonest = min((at for at in times if at is not None), default=None)
    if soonest is not None:
        delay_s = max(0.0, (soonest - stores.clock.now()).total_seconds())
        stores.jobs.enqueue(box.job, portal_id=portal_id, delay_s=delay_s)
