"""The job queue on RQ. Redis carries wake-ups, the database is the ledger of what is due."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from backend.config import JOB_TIMEOUT_S

# Most urgent first; a worker looks at them in this order.
EVENT_QUEUES = ("person", "event")
BATCH_QUEUES = ("question", "backfill", "maintenance")  # minutes each, or endless in number
QUEUES = (*EVENT_QUEUES, *BATCH_QUEUES)
UPKEEP = frozenset({"train", "reconcile", "drift", "daily", "weekly", "monthly"})
QUESTIONS = frozenset(
    {"outcomes", "impact", "backtest", "suggest", "model_preview", "profile_preview"}
)
LONG_JOBS = UPKEEP | QUESTIONS | {"population", "setup", "backfill"}
LONG_JOB_TIMEOUT_S = 3_600
FORGET_JOBS = 2_000  # of a queue are looked through when a contact is erased
JOB_TTL_S = 3_600  # an hour-old wake-up is worth nothing: the sweep has rung again
FAILURE_TTL_S = 7 * 86_400
LATER = ":later"  # ends the key of a delayed job
ENQUEUE_S = 30  # a job not begun for so long may be enqueued again: it may be lost

log = structlog.get_logger()


def queue_of(job: str, urgency: str) -> str:
    """Scoring goes by its urgency, the rest of an event's way is as urgent as the event."""
    if urgency in QUEUES:
        return urgency
    if job in UPKEEP:
        return "maintenance"
    if job in QUESTIONS:
        return "question"
    return "backfill" if job in {"pull", "population", "backfill"} else "event"


class RqJobs:
    """The Jobs port. The same job of a portal is enqueued once until a worker begins it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._queues = {
            name: Queue(name, connection=redis, serializer=JSONSerializer) for name in QUEUES
        }

    def enqueue(self, job: str, *, delay_s: float = 0.0, **arguments: str | int) -> None:
        """Ask a worker to run the named job soon, or after `delay_s`: the soonest of several
        delays counts. Never raises when the queue is down."""
        key = enqueue_key(job, arguments)
        try:
            if delay_s and self._is_soonest(key + LATER, delay_s):
                self._enqueue(job, arguments, delay_s)
            elif not delay_s and self._redis.set(key, "1", nx=True, ex=ENQUEUE_S):
                self._enqueue(job, arguments, 0)
        except RedisError as error:
            log.warning("job_not_enqueued", job=job, problem=type(error).__name__)

    def _is_soonest(self, key: str, delay_s: float) -> bool:
        """Whether no delayed job of the key runs before that; the mark holds when it does."""
        at_ms = int((time.time() + delay_s) * 1000)
        lasts_ms = max(1_000, int(delay_s * 1000))
        if self._redis.set(key, at_ms, nx=True, px=lasts_ms):
            return True
        known = self._redis.get(key)
        if known is not None and int(known) <= at_ms:
            return False
        self._redis.set(key, at_ms, px=lasts_ms)  # of two that meet here, both are enqueued
        return True

    def answered(self, job: str, arguments: dict[str, str | int]) -> None:
        """A worker begins this job: enqueueing it later is a new one."""
        try:
            self._redis.delete(enqueue_key(job, arguments))
        except RedisError as error:
            log.warning("job_mark_not_cleared", job=job, problem=type(error).__name__)

    def forget(self, portal_id: int, contact_ids: Sequence[str] | None) -> None:
        """Delete jobs about these contacts, or all of the portal's, waiting, put off and failed;
        what is missed finds nothing to do."""
        erased = None if contact_ids is None else set(contact_ids)
        try:
            for job in self._kept_jobs():
                kwargs = job.kwargs or {}
                if kwargs.get("portal_id") == portal_id and (
                    erased is None or kwargs.get("contact_id") in erased
                ):
                    key = enqueue_key(str(job.func_name).split(".")[-1], kwargs)
                    self._redis.delete(key, f"{key}{LATER}")
                    job.delete()
        except RedisError as error:
            log.warning("jobs_not_forgotten", problem=type(error).__name__)

    def _kept_jobs(self) -> Iterator[Job]:
        for queue in self._queues.values():
            kept = [queue.get_job_ids(0, FORGET_JOBS)]
            for registry in (queue.scheduled_job_registry, queue.failed_job_registry):
                kept.append(registry.get_job_ids(0, FORGET_JOBS))
            for ids in kept:
                found = Job.fetch_many(ids, connection=self._redis, serializer=JSONSerializer)
                yield from (job for job in found if job is not None)

    def depth(self) -> dict[str, int]:
        """Jobs waiting by queue. Raises RedisError when it is away."""
        return {name: queue.count for name, queue in self._queues.items()}

    def oldest_s(self) -> dict[str, int]:
        """How long the next job of each queue has waited. Raises RedisError when it is away."""
        return {name: _waited_s(queue) for name, queue in self._queues.items()}

    def _enqueue(self, job: str, arguments: dict[str, str | int], delay_s: float) -> None:
        queue = self._queues[queue_of(job, str(arguments.get("urgency", "")))]
        if delay_s:
            queue.enqueue_in(
                timedelta(seconds=delay_s),
                f"leadlight.{job}",
                kwargs=arguments,
                job_timeout=LONG_JOB_TIMEOUT_S if job in LONG_JOBS else JOB_TIMEOUT_S,
                result_ttl=0,
                failure_ttl=FAILURE_TTL_S,
            )
            return
        queue.enqueue_call(
            func=f"leadlight.{job}",
            kwargs=arguments,
            timeout=LONG_JOB_TIMEOUT_S if job in LONG_JOBS else JOB_TIMEOUT_S,
            result_ttl=0,
            ttl=JOB_TTL_S,
            failure_ttl=FAILURE_TTL_S,
        )


def _waited_s(queue: Queue) -> int:
    for job in queue.get_jobs(0, 1):
        if job.enqueued_at is not None:
            return max(0, round((datetime.now(UTC) - job.enqueued_at).total_seconds()))
    return 0


def enqueue_key(job: str, arguments: dict[str, str | int]) -> str:
    """The mark that a job is enqueued and not begun."""
    parts = [f"{name}={arguments[name]}" for name in sorted(arguments)]
    return ":".join(["enqueued", job, *parts])
