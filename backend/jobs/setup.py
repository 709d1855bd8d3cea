"""Going live: our properties and lists in the portal, then every stored score is written."""

from __future__ import annotations

import structlog

from backend.errors import LeadlightError, MissingScopes, Transient
from backend.model import Mode
from backend.scoring.write_back import properties_of
from backend.storage import mirror, portals, runs, scores, writes
from backend.storage.runs import Run
from backend.wiring import Product

SLICE = 500
log = structlog.get_logger()


def setup(product: Product, portal_id: int) -> None:
    """Idempotent; a feature that the portal refused is noted in its installation."""
    with product.database.read() as conn:
        run = runs.latest(conn, portal_id, "setup")
    if run is None or run.state != "running":
        return
    try:
        found = _make(product, portal_id)
    except Transient:
        raise
    except LeadlightError as error:
        with product.database.write() as conn:
            runs.finish(conn, run, product.clock.now(), state="failed", problem=str(error))
        return
    with product.database.write() as conn:
        portals.set_installation(conn, portal_id, found)
        portal = portals.get(conn, portal_id)
    if portal.settings.mode is Mode.LIVE:
        _write_all(product, portal_id, run)
    with product.database.write() as conn:
        runs.finish(conn, run, product.clock.now())
    product.jobs.ring("flush_writes", portal_id=portal_id)
    product.jobs.ring("flush_routes", portal_id=portal_id)


def _make(product: Product, portal_id: int) -> dict[str, object]:
    in_portal = product.setup(portal_id)
    found: dict[str, object] = {"account": dict(in_portal.account()), "refused": []}
    created = in_portal.ensure_properties()
    log.info("properties_ready", portal_id=portal_id, created=len(created))
    try:
        found["lists"] = in_portal.ensure_lists()
    except MissingScopes as error:
        found["refused"] = ["lists"]
        log.warning("lists_off", portal_id=portal_id, scopes=error.scopes)
    return found


def _write_all(product: Product, portal_id: int, run: Run) -> None:
    """Queue every stored score; values HubSpot has already are skipped by the flusher's put."""
    after = ""
    while True:
        now = product.clock.now()
        with product.database.write() as conn:
            ids = mirror.contact_ids(conn, portal_id, after=after, limit=SLICE)
            if not ids:
                return
            after = ids[-1]
            known = writes.last_written(conn, portal_id, ids)
            stored = scores.current(conn, portal_id, ids)
            payloads = {cid: properties_of(score) for cid, score in stored.items()}
            fresh = {cid: p for cid, p in payloads.items() if known.get(cid, ({},))[0] != p}
            writes.put(conn, portal_id, fresh, now)
            runs.advance(conn, run, now, done=run.done, position={"after": after})
