"""The initial pull: the whole portal into the mirror, 100 objects a page, resumable by cursor."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Lock

import structlog

from backend.errors import LeadlightError, MissingScopes, NeedsReconnect
from backend.model import OF_CONTACTS
from backend.ports import Page
from backend.services.exclusive import Held, exclusive, giving_up
from backend.services.mirror.definitions import learn_account, learn_labels
from backend.services.mirror.mirroring import (
    LINKED,
    OWNERS_OF_DEALS,
    keep_contacts,
    keep_others,
    readable,
    wanted,
)
from backend.services.mirror.not_allowed import not_allowed
from backend.services.mirror.owners import learn_owners
from backend.services.mirror.read_again import _FINISHED, _PART, OBJECT_TYPES
from backend.storage import runs
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.runs import Run
from backend.wiring import Product

SLICE_S = 60  # one job works so long, then enqueues the next; a crash costs a page at most
LANES = 3  # object types read side by side, so that HubSpot's latency does not idle the bucket

log = structlog.get_logger()

_ASSOCIATIONS: dict[str, tuple[str, ...]] = {"contacts": LINKED, "deals": OWNERS_OF_DEALS} | {
    kind: ("contacts",) for kind in OF_CONTACTS
}


def pull(product: Product, portal_id: int) -> None:
    """Work on the running pull for a minute; then enqueue more, or the population."""
    with product.stores.database.write() as conn:
        run = runs.latest(conn, portal_id, "pull")
        if run is None or run.state != "running":
            return
        portal = portals.get(conn, portal_id)
    with exclusive(product, f"pull:{portal_id}") as held:
        if held is None:
            return
        finished = None
        try:
            with giving_up(product.stores, run):
                finished = _read(product, portal, run, held)
        except NeedsReconnect:
            return  # goes on after the reconnect: the position is stored
        if finished is None:
            return
    if finished:
        with product.stores.database.write() as conn:
            if not run.position.get(_PART):
                portals.set_pulled(conn, portal_id, product.stores.clock.now())
            runs.finish(conn, run, product.stores.clock.now())
            runs.start(conn, portal_id, "population", product.stores.clock.now())
        product.stores.jobs.enqueue("population", portal_id=portal_id)
    else:
        product.stores.jobs.enqueue("pull", portal_id=portal_id)


def _read(product: Product, portal: Portal, run: Run, held: Held) -> bool:
    if "contacts" not in run.position:
        if not run.position.get(_PART):
            learn_owners(product, portal.portal_id)
            learn_account(product, portal.portal_id)
        portal = learn_labels(product, portal)  # as it is stored now, zone included
    return _work(product, portal, run, held)


def _work(product: Product, portal: Portal, run: Run, held: Held) -> bool:
    lanes = _Lanes(product, portal, run, held)
    with ThreadPoolExecutor(LANES) as pool:
        outcomes = list(pool.map(lanes.walk, OBJECT_TYPES))
    errors = [outcome for outcome in outcomes if isinstance(outcome, LeadlightError)]
    if errors:
        raise errors[0]
    return all(outcomes)


class _Lanes:
    """Each object type has its own cursor; all share one row of progress."""

    def __init__(self, product: Product, portal: Portal, run: Run, held: Held) -> None:
        self._held = held
        self._product = product
        self._portal = portal
        self._run = run
        self._cursors = dict(run.position)
        self._done = run.done
        self._lock = Lock()
        self._stop_at = product.stores.clock.now() + timedelta(seconds=SLICE_S)

    def walk(self, object_type: str) -> bool | LeadlightError:
        """Whether this type is complete; the error when it could not go on."""
        try:
            while self._cursors.get(object_type) != _FINISHED:
                if self._product.stores.clock.now() >= self._stop_at or not self._held.renew():
                    return False
                if not self._keep(object_type, self._page(object_type)):
                    return False
        except MissingScopes as error:
            not_allowed(self._product.stores, self._portal.portal_id, object_type, error)
            self._keep(object_type, Page((), None))
        except LeadlightError as error:
            return error
        return True

    def _page(self, object_type: str) -> Page:
        crm = self._product.hubspot.crm(self._portal.portal_id, background=True)
        return crm.page(
            object_type,
            wanted(self._portal, object_type),
            _ASSOCIATIONS.get(object_type, ()),
            self._cursors.get(object_type),
        )

    def _keep(self, object_type: str, page: Page) -> bool:
        with self._lock:
            return self._kept(object_type, page)

    def _kept(self, object_type: str, page: Page) -> bool:
        """False when the pull was cancelled meanwhile. The cursor moves on after the commit: if it
        fails, no other type's next page may write that this one was kept.
        """
        product = self._product
        cursors = {**self._cursors, object_type: page.after or _FINISHED}
        done = self._done + len(page.records)
        ready = readable(product.stores, self._portal, page.records)
        with product.stores.database.write() as conn:
            if object_type == "contacts":
                keep_contacts(conn, product.stores, self._portal, ready)
            else:
                keep_others(conn, product.stores, self._portal, ready)
            going_on = runs.advance(
                conn, self._run, product.stores.clock.now(), done=done, position=cursors
            )
        self._cursors, self._done = cursors, done
        return going_on
