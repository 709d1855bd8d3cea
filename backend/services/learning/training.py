"""A training is begun: by a person, with a row on the audit trail, or by the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from backend.services.long_work import record
from backend.storage import runs
from backend.storage.database import Connection
from backend.storage.portals import portals
from backend.storage.runs import Run
from backend.wiring import Stores

MONTHLY: Final = "monthly"  # in a run's position: begun by the clock, not by a person


def ask_for(
    stores: Stores,
    portal_id: int,
    *,
    keep: tuple[str, ...],
    ignore: tuple[str, ...],
    actor: str,
) -> Run:
    """Have a challenger trained from the portal's outcomes; nothing changes until it is published.
    The run to follow, or the one that is running already. Raises NotConnected."""
    with stores.database.write() as conn:
        portals.get(conn, portal_id)
        run = begin(conn, portal_id, stores.clock.now(), keep=keep, ignore=ignore)
        detail = {"keep": list(keep), "ignore": list(ignore)}
        record(conn, stores, run, "model.train.begin", actor, detail)
    stores.jobs.enqueue("train", portal_id=portal_id)
    return run


def begin(
    conn: Connection,
    portal_id: int,
    now: datetime,
    *,
    keep: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    monthly: bool = False,
) -> Run:
    """Start a training with these choices, or join the one that is running."""
    run = runs.start(conn, portal_id, "train", now)
    if run.started_at == now:
        position = {"keep": list(keep), "ignore": list(ignore), MONTHLY: monthly}
        runs.advance(conn, run, now, done=0, position=position)
    return run
