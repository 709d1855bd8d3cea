"""`python -m backend.jobs.cron`: enqueues, at a steady beat, whatever the queue lost.

Safe when two run: a lease decides whose turn it is.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from threading import Event
from typing import Any

import structlog

from backend.clients.redis.meter import RedisMeter
from backend.config import SWEEP_INTERVAL_S, Settings
from backend.errors import LeadlightError
from backend.jobs.carry_accesses import carry_accesses
from backend.jobs.population import begin_anew
from backend.jobs.sweep import sweep
from backend.jobs.watch import Watch
from backend.logs import set_up_logs
from backend.services.starting import check_start
from backend.storage.leases import DatabaseLeases
from backend.wiring import Product, build

log = structlog.get_logger()


def run(product: Product, stop: Event, *, interval_s: float = SWEEP_INTERVAL_S) -> None:
    """Sweep until `stop` is set; a task that fails is tried again at the next beat.

    The embedding model can only have changed before this process started, so that is asked once.
    """
    watch = Watch(product)
    noticed = False
    while not stop.is_set():
        if attempt(
            product.stores.meter, "lease", lambda: _is_mine(product.stores.leases, interval_s)
        ):
            noticed = noticed or attempt(
                product.stores.meter, "begin_anew", lambda: _begin_anew(product)
            )
            attempt(product.stores.meter, "sweep", lambda: sweep(product))
            attempt(product.stores.meter, "accesses", lambda: carry_accesses(product.stores))
        attempt(product.stores.meter, "watch", watch.when_due)
        attempt(product.stores.meter, "meter", product.stores.meter.send)
        stop.wait(interval_s)


def attempt(meter: RedisMeter, task: str, work: Callable[[], Any]) -> bool:
    """Whether it ended well (and did not say False). Whatever it raises is counted, stands in
    /health and ends neither the other tasks nor this process."""
    try:
        found = work()
    except LeadlightError as error:
        log.warning("cron_task_failed", task=task, error=error)
    except Exception as error:
        log.error("unexpected", task=task, problem=type(error).__name__, exc_info=error)
    else:
        meter.count("cron_tasks", task=task, outcome="ok")
        return found is not False
    meter.count("cron_tasks", task=task, outcome="failed")
    return False


def _is_mine(leases: DatabaseLeases, interval_s: float) -> bool:
    return leases.take("cron", interval_s * 0.9) is not None


def _begin_anew(product: Product) -> None:
    begin_anew(product, product.stores.clock.now())


def main() -> int:
    """Exit code 1 when the environment is not complete."""
    try:
        settings = Settings.from_env(os.environ)
        set_up_logs(settings.log_level)
        product = build(settings, process="cron")
        check_start(product.stores)
    except LeadlightError as error:
        print(f"cannot start: {error}", file=sys.stderr)
        return 1
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(product, stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
