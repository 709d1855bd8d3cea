"""Score every lead from the mirror, at the lowest priority, without reading HubSpot."""

from __future__ import annotations

from backend.model import Urgency
from backend.ports import Clock
from backend.services.exclusive import Held, exclusive
from backend.storage import runs
from backend.storage.database import Database
from backend.storage.leads import due_leads, mirror
from backend.storage.runs import Run
from backend.vocabulary import Cause
from backend.wiring import Product, Stores

_MARKED = "marked"


def backfill(product: Product, portal_id: int) -> None:
    """Mark every mirrored contact due, slice by slice; later, notice that all are scored."""
    with product.stores.database.read() as conn:
        run = runs.latest(conn, portal_id, "backfill")
    if run is None or run.state != "running":
        return
    if not run.position.get(_MARKED):
        with exclusive(product, f"backfill:{portal_id}") as held:
            if held is None:
                return
            _mark_all(product.stores, run, held)
    check_finished(product.stores.database, product.stores.clock, portal_id)


def _mark_all(stores: Stores, run: Run, held: Held) -> None:
    after = str(run.position.get("after", ""))
    total = run.total
    while held.renew():
        now = stores.clock.now()
        with stores.database.write() as conn:
            ids = mirror.contact_ids(conn, run.portal_id, after=after)
            if not ids:
                position = {_MARKED: True}
                runs.advance(conn, run, now, done=0, total=total, position=position)
                break
            after, total = ids[-1], total + len(ids)
            if not runs.advance(conn, run, now, done=0, total=total, position={"after": after}):
                return
            due_leads.mark_due(
                conn, run.portal_id, ids, Urgency.BACKFILL, now, cause=Cause.BACKFILL, refresh=False
            )
        stores.jobs.enqueue("score_due", portal_id=run.portal_id, urgency=Urgency.BACKFILL.value)


def check_finished(database: Database, clock: Clock, portal_id: int, worked_on: int = 0) -> None:
    """Record progress of the running backfill by so many leads, and its end. A lead that comes
    twice is counted twice: counting what is left would read the whole portal for every batch."""
    now = clock.now()
    with database.write() as conn:
        run = runs.latest(conn, portal_id, "backfill")
        if run is None or run.state != "running" or not run.position.get(_MARKED):
            return
        if due_leads.any_unfinished(conn, portal_id, Urgency.BACKFILL, Cause.BACKFILL):
            runs.count_on(conn, run, now, worked_on)
            return
        runs.advance(conn, run, now, done=run.total, position=run.position)
        runs.finish(conn, run, now)
