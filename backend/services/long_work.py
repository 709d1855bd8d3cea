"""Runs that a person begins or stops: a pull, a backfill, a set-up, maintenance, a training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from backend.clients.redis.job_queue import QUESTIONS
from backend.errors import Conflict
from backend.services.rescore import must_score
from backend.storage import runs
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.leads import due_leads
from backend.storage.operations.maintenance import INSTALLATION
from backend.storage.portals import portals
from backend.storage.runs import Run
from backend.vocabulary import Cause
from backend.wiring import Stores

CANCELLABLE: Final = frozenset({"pull", "backfill", "population", "reconcile", "train", *QUESTIONS})


def begin(stores: Stores, portal_id: int, kind: str, *, actor: str) -> Run:
    """Start a run of this kind, or join the one that is running; returns at once. Portal 0 is the
    installation itself.

    Raises Conflict while the portal has to be connected again; for a backfill also before the
    first pull has ended, and Paused.
    """
    with stores.database.write() as conn:
        if portal_id != INSTALLATION:
            _must_be_ready(conn, portal_id, kind)
        run = runs.start(conn, portal_id, kind, stores.clock.now())
        record(conn, stores, run, "run.begin", actor)
    stores.jobs.enqueue(kind, portal_id=portal_id)
    return run


def _must_be_ready(conn: Connection, portal_id: int, kind: str) -> None:
    portal = portals.get(conn, portal_id)
    if portal.state != "connected":
        raise Conflict("this portal has to be connected again first")
    if kind == "backfill":
        must_score(conn, portal_id, pulled=True)


def cancel(stores: Stores, portal_id: int, run_id: str, *, actor: str) -> Run:
    """Stop a run; what it did so far stays. Raises NotFound, or Conflict for one that is over or
    too short to be stopped."""
    with stores.database.write() as conn:
        run = runs.get(conn, portal_id, run_id)
        if run.state != "running":
            raise Conflict(f"this run is {run.state} already")
        if run.kind not in CANCELLABLE:
            raise Conflict("this run is short and cannot be cancelled")
        now = stores.clock.now()
        runs.finish(conn, run, now, state="cancelled", problem="cancelled by a person")
        if run.kind == "backfill":
            due_leads.call_off(conn, portal_id, Cause.BACKFILL)
        record(conn, stores, run, "run.cancel", actor)
        return runs.get(conn, portal_id, run_id)


def record(
    conn: Connection,
    stores: Stores,
    run: Run,
    action: str,
    actor: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Put what somebody did with a run on the audit trail."""
    audit.append(
        conn,
        now=stores.clock.now(),
        actor=actor,
        action=action,
        subject=f"run:{run.run_id}",
        portal_id=run.portal_id or None,
        detail={"kind": run.kind} if detail is None else detail,
    )
