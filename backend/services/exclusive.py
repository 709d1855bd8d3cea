"""One worker at a time for a named piece of work; a crashed one loses its lease in a minute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread

import structlog
from rq.timeouts import JobTimeoutException

from backend.errors import LeadlightError, Transient
from backend.storage import leases, runs
from backend.storage.database import Connection
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.runs import Run
from backend.wiring import Product, Stores

LEASE_S = 60.0
DEFECTS_MAX = 3  # of a run, in a row
log = structlog.get_logger()


class Held:
    """A lease that this worker holds while it works; `exclusive` renews it meanwhile."""

    def __init__(self, product: Product, name: str, token: str) -> None:
        self._product = product
        self._name = name
        self._token = token

    def renew(self) -> bool:
        """False when it lapsed and another worker took over: stop."""
        return self._product.stores.leases.renew(self._name, self._token, LEASE_S)


@contextmanager
def exclusive(product: Product, name: str) -> Iterator[Held | None]:
    """The lease, or None while another worker holds it."""
    token = product.stores.leases.take(name, LEASE_S)
    if token is None:
        yield None
        return
    held = Held(product, name, token)
    over = Event()
    beat = Thread(target=_renewed, args=(held, name, over), name=f"lease:{name}", daemon=True)
    beat.start()
    try:
        yield held
    finally:
        over.set()
        beat.join()
        product.stores.leases.give_back(name, token)


def _renewed(held: Held, name: str, over: Event) -> None:
    """Keep the lease until the work is over: a training of minutes has no place to ask for it, and
    if it lapsed, the next worker would begin anew and the first one's answer be thrown away."""
    while not over.wait(LEASE_S / 3):
        try:
            if not held.renew():
                return
        except Transient as error:
            log.warning("lease_not_renewed", lease=name, error=error)


@dataclass(frozen=True, slots=True)
class Work:
    """A run that this worker alone works on."""

    portal: Portal
    run: Run
    held: Held


def lease_name(portal_id: int, kind: str) -> str:
    """Of the lease that a worker holds while it is at a portal's run of a kind."""
    return f"{kind}:{portal_id}"


def worked_on(conn: Connection, run: Run, now: datetime) -> bool:
    """Whether a worker is at it."""
    return leases.held(conn, lease_name(run.portal_id, run.kind), now)


@contextmanager
def running(
    product: Product, portal_id: int, kind: str, *, pulled: bool = False
) -> Iterator[Work | None]:
    """The newest run of a kind; None when it is not running, another worker is at it, or the
    portal was never `pulled` where that is needed."""
    with exclusive(product, lease_name(portal_id, kind)) as held:
        if held is None:
            yield None
            return
        with product.stores.database.read() as conn:
            run = runs.latest(conn, portal_id, kind)
            portal = portals.get(conn, portal_id)
        if run is None or run.state != "running" or (pulled and portal.pulled_at is None):
            yield None
            return
        with giving_up(product.stores, run):
            yield Work(portal, run, held)


@contextmanager
def giving_up(stores: Stores, run: Run) -> Iterator[None]:
    """A run that meets a defect of ours is tried again a few times, and then has failed: the sweep
    would go on with it for ever."""
    try:
        yield
    except (LeadlightError, JobTimeoutException):
        raise
    except Exception as error:
        tries = int(run.position.get(runs.DEFECTS, 0)) + 1
        log.error("unexpected", what=run.kind, portal_id=run.portal_id, tries=tries, exc_info=error)
        name, now = type(error).__name__, stores.clock.now()
        with stores.database.write() as conn:
            if tries < DEFECTS_MAX:
                runs.met_defect(conn, run, now, tries)
            else:
                problem = (
                    f"Something unexpected ({name}) stopped this {tries} times. It can be started "
                    "again; what happened stands in the worker's log."
                )
                runs.finish(conn, run, now, state="failed", problem=problem)
