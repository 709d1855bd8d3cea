"""Score every lead from the mirror, at the lowest priority, without reading HubSpot."""

from __future__ import annotations

from backend.model import Urgency
from backend.services.exclusive import Held, exclusive
from backend.storage import runs
from backend.storage.leads import due_leads, mirror
from backend.storage.runs import Run
from backend.wiring import Product

_MARKED = "marked"


def backfill(product: Product, portal_id: int) -> None:
    """Mark every mirrored contact due, slice by slice; later, notice that all are scored."""
    with product.database.read() as conn:
        run = runs.latest(conn, portal_id, "backfill")
    if run is None or run.state != "running":
        return
    if not run.position.get(_MARKED):
        with exclusive(product, f"backfill:{portal_id}") as held:
            if held is None:
                return
            _mark_all(product, run, held)
    check_finished(product, portal_id)


def _mark_all(product: Product, run: Run, held: Held) -> None:
    after = str(run.position.get("after", ""))
    total = run.total
    while held.renew():
        now = product.clock.now()
        with product.database.write() as conn:
            ids = mirror.contact_ids(conn, run.portal_id, after=after)
            if not ids:
                position = {_MARKED: True}
                runs.advance(conn, run, now, done=0, total=total, position=position)
                break
            after, total = ids[-1], total + len(ids)
            if not runs.advance(conn, run, now, done=0, total=total, position={"after": after}):
                return
            due_leads.mark_due(
                conn, run.portal_id, ids, Urgency.BACKFILL, now, cause="backfill", refresh=False
            )
        product.jobs.ring("score_due", portal_id=run.portal_id, urgency=Urgency.BACKFILL.value)


def check_finished(product: Product, portal_id: int) -> None:
    """Record progress of the running backfill, and its end."""
    now = product.clock.now()
    with product.database.write() as conn:
        run = runs.latest(conn, portal_id, "backfill")
        if run is None or run.state != "running" or not run.position.get(_MARKED):
            return
        left = due_leads.unfinished(conn, portal_id, Urgency.BACKFILL, cause="backfill")
        runs.advance(conn, run, now, done=max(0, run.total - left), position=run.position)
        if left == 0:
            runs.finish(conn, run, now)
