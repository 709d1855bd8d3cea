"""`python -m backend.jobs.cron`: re-rings, at a steady beat, whatever the queue forgot.

Safe when two run: a lease decides whose turn it is.
"""

from __future__ import annotations

import os
import signal
import sys
from threading import Event

import structlog

from backend.config import SWEEP_INTERVAL_S, Settings
from backend.errors import LeadlightError
from backend.jobs.carry_accesses import carry_accesses
from backend.jobs.population import begin_anew
from backend.jobs.sweep import sweep
from backend.jobs.watch import Watch
from backend.logs import set_up_logs
from backend.wiring import Product, build

log = structlog.get_logger()


def run(product: Product, stop: Event, *, interval_s: float = SWEEP_INTERVAL_S) -> None:
    """Sweep until `stop` is set; a failing database is tried again at the next beat.

    The embedding model can only have changed before this process started, so that is asked once.
    """
    watch = Watch(product)
    noticed = False
    while not stop.is_set():
        try:
            if product.leases.take("cron", interval_s * 0.9) is not None:
                noticed = noticed or begin_anew(product, product.clock.now()) >= 0
                sweep(product)
                carry_accesses(product)
        except LeadlightError as error:
            log.warning("sweep_failed", problem=str(error))
        watch.when_due()
        product.meter.send()
        stop.wait(interval_s)


def main() -> int:
    """Exit code 1 when the environment is not complete."""
    try:
        settings = Settings.from_env(os.environ)
        set_up_logs(settings.log_level)
        product = build(settings)
        product.check_start()
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
