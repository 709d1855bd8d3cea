"""When a route that failed is tried again, and the ring for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from backend.clients.redis.job_queue import RqJobs
from backend.errors import LeadlightError, Permanent, Transient
from backend.ports import Clock
from backend.retries import retry_at


def next_try(attempts: int, error: LeadlightError, now: datetime) -> datetime | None:
    """None when it is to be parked: a permanent refusal, or all tries are used up."""
    if isinstance(error, Permanent):
        return None
    wish_s = error.retry_after_s if isinstance(error, Transient) else None
    return retry_at(attempts, now, wish_s)


def ring_again(
    clock: Clock, jobs: RqJobs, portal_id: int, times: Iterable[datetime | None]
) -> None:
    """Ring when the soonest of these is due."""
    soonest = min((at for at in times if at is not None), default=None)
    if soonest is not None:
        delay_s = max(0.0, (soonest - clock.now()).total_seconds())
        jobs.ring("flush_routes", portal_id=portal_id, delay_s=delay_s)
