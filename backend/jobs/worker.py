"""`python -m backend.jobs.worker [events|batch]`: runs the queued jobs.

One process answers events and people, another does what takes minutes, so that neither waits for
the other; without an argument both run. The product is wired once, before the first fork; every
job runs in a forked child, so a crash or a leak costs one batch. Jobs are looked up in our own
table, never imported by name, and travel as JSON: nothing on the queue can run foreign code.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import structlog
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.defaults import DEFAULT_LOGGING_DATE_FORMAT, DEFAULT_LOGGING_FORMAT
from rq.job import Job
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer

from backend.clients.redis.job_queue import BATCH_QUEUES, EVENT_QUEUES
from backend.config import WORKER_TTL_S, Settings
from backend.errors import LeadlightError
from backend.jobs.processes import Roles
from backend.jobs.table import JOBS, PREFIX
from backend.logs import set_up_logs
from backend.services.starting import check_start
from backend.wiring import Product, build

MAINTENANCE_S = 30
ROLES: Final = {"events": EVENT_QUEUES, "batch": BATCH_QUEUES}
# RQ imports the first three by name, and calls the last over the network.
CALLBACKS = frozenset(
    {"success_callback_name", "failure_callback_name", "stopped_callback_name", "webhooks"}
)
log = structlog.get_logger()


def job_class(product: Product) -> type[Job]:
    """A Job that runs functions of our table with the wired product as first argument."""

    class ProductJob(Job):
        def restore(self, raw_data: Any) -> None:
            """Whatever is on the queue names no code: RQ would import callbacks by their name."""
            super().restore({k: v for k, v in raw_data.items() if _text(k) not in CALLBACKS})

        def _execute(self) -> Any:
            name = str(self.func_name).removeprefix(PREFIX)
            arguments = dict(self.kwargs)
            product.stores.jobs.answered(name, arguments)
            with structlog.contextvars.bound_contextvars(job=name, job_id=self.id, **arguments):
                try:
                    return _run(product, name, arguments)
                finally:
                    product.stores.meter.send()

    return ProductJob


def _text(key: Any) -> str:
    return key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key)


def _run(product: Product, name: str, arguments: dict[str, Any]) -> None:
    if name not in JOBS:
        log.error("unknown_job", name=name)
        return
    began = time.perf_counter()
    outcome = "failed"
    try:
        JOBS[name](product, **arguments)
        outcome = "ok"
    except LeadlightError as error:
        # What is due stays due in the database: the sweep enqueues it again.
        log.warning("job_failed", error=error, code=error.code)
    finally:
        seconds = time.perf_counter() - began
        product.stores.meter.count("jobs", job=name, outcome=outcome)
        product.stores.meter.observe("job_seconds", seconds, job=name)
    if outcome == "ok":
        log.info("job_done", ms=round(seconds * 1000, 1))


class PatientScheduler(RQScheduler):
    """Enqueues delayed jobs, and waits while Redis takes nothing."""

    def work(self) -> None:
        """Until it is told to stop; its locks lapse where Redis cannot be told."""
        while True:
            try:
                super().work()  # type: ignore[no-untyped-call]
                return
            except RedisError as error:
                if self._stop_requested:
                    return
                log.warning("scheduler_waits", error=error)
                time.sleep(self.interval)


def worker_class(product: Product) -> type[Worker]:
    """A forking worker whose children forget their parent's connections."""

    class ProductWorker(Worker):
        def _start_scheduler(
            self,
            burst: bool = False,
            logging_level: str | None = "WARNING",
            date_format: str = DEFAULT_LOGGING_DATE_FORMAT,
            log_format: str = DEFAULT_LOGGING_FORMAT,
        ) -> None:
            self.scheduler = PatientScheduler(
                self.queues,
                connection=self.connection,
                logging_level=logging_level or "WARNING",
                date_format=date_format,
                log_format=log_format,
                serializer=self.serializer,
            )
            self.scheduler.acquire_locks()  # type: ignore[no-untyped-call]
            if self.scheduler.acquired_locks:
                self.scheduler.start()  # type: ignore[no-untyped-call]

        def teardown(self) -> None:
            try:
                super().teardown()  # type: ignore[no-untyped-call]
            except RedisError as error:  # its registration lapses by itself
                log.warning("worker_ends_without_redis", error=error)

        def main_work_horse(self, job: Job, queue: Queue) -> None:
            product.after_fork()
            super().main_work_horse(job, queue)

    return ProductWorker


def run(product: Product, names: Sequence[str]) -> None:
    """Work on these queues until told to stop; a running job is finished first."""
    product.after_fork()
    redis = product.stores.redis
    own = job_class(product)
    queues = [Queue(n, connection=redis, serializer=JSONSerializer, job_class=own) for n in names]
    worker = worker_class(product)(
        queues,
        connection=redis,
        serializer=JSONSerializer,
        job_class=own,
        worker_ttl=WORKER_TTL_S,
        maintenance_interval=MAINTENANCE_S,
        job_monitoring_interval=5,
        disable_default_exception_handler=False,
    )
    worker.log_job_description = False
    worker.work(with_scheduler=True, logging_level="WARNING")


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 when the environment is not complete, 2 for a role that does not exist."""
    roles = arguments or list(ROLES)
    if unknown := [role for role in roles if role not in ROLES]:
        print(f"no role {unknown[0]!r}: leave it out, or say {' or '.join(ROLES)}", file=sys.stderr)
        return 2
    try:
        settings = Settings.from_env(os.environ)
        set_up_logs(settings.log_level)
        product = build(settings, process="worker")
        check_start(product.stores)
        product.ai.check(product.stores.clock.now())
    except LeadlightError as error:
        print(f"cannot start: {error}", file=sys.stderr)
        return 1
    product.ai.warm_up()
    gc.collect()
    gc.freeze()  # forked processes go on sharing what is loaded: a collection writes to all it sees
    Roles({role: partial(run, product, ROLES[role]) for role in roles}).keep_running()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
