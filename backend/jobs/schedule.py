"""What comes round by itself: maintenance, a challenger every month, a drift report every week.

Safe when two run: a lease decides, and whether it is time is asked again under it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from backend.jobs.upkeep.maintain import kinds_of
from backend.services.exclusive import exclusive
from backend.services.learning import training
from backend.storage import runs
from backend.storage.database import Connection
from backend.storage.learning import models
from backend.storage.operations.maintenance import INSTALLATION
from backend.storage.portals import portals
from backend.wiring import Product

RETRAIN_EVERY: Final = timedelta(days=30)  # a month of outcomes
DRIFT_EVERY: Final = timedelta(days=7)
UPKEEP_EVERY: Final = {
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
}
MOST_AT_ONCE: Final = 50  # portals begin in one sweep: ten thousand are spread over an hour


def begin_due(product: Product, now: datetime) -> int:
    """Start what is due, per portal; the number of jobs enqueued. A portal is first trained a month
    after its first pull, and first watched a week after a model was published."""
    with product.stores.database.read() as conn:
        ready = [
            p
            for p in portals.listed(conn)
            if p.state == "connected" and p.pulled_at and p.created_at < now - RETRAIN_EVERY
        ]
        connected = {p.portal_id for p in portals.listed(conn) if p.state == "connected"}
        watched = [p for p in models.published_before(conn, now - DRIFT_EVERY) if p in connected]
    upkeep = _begin_upkeep(product, now)
    return (
        upkeep
        + _begin(product, now, "train", RETRAIN_EVERY, [p.portal_id for p in ready], _monthly)
        + _begin(product, now, "drift", DRIFT_EVERY, watched, _weekly)
    )


def _begin_upkeep(product: Product, now: datetime) -> int:
    """Daily, weekly and monthly maintenance of every portal that is old enough for it, and of the
    installation with its oldest portal."""
    with product.stores.database.read() as conn:
        known = [p for p in portals.listed(conn) if p.state in ("connected", "needs_reconnect")]
    begun = 0
    for kind, every in UPKEEP_EVERY.items():
        old = [p.portal_id for p in known if p.created_at < now - every]
        due = [p for p in ([INSTALLATION, *old] if old else []) if kind in kinds_of(p)]
        begun += _begin(product, now, kind, every, due, _start(kind))
    return begun


def _start(kind: str) -> Callable[[Connection, int, datetime], None]:
    def start(conn: Connection, portal_id: int, now: datetime) -> None:
        runs.start(conn, portal_id, kind, now)

    return start


def _begin(
    product: Product,
    now: datetime,
    kind: str,
    every: timedelta,
    portal_ids: list[int],
    start: Callable[[Connection, int, datetime], None],
) -> int:
    with product.stores.database.read() as conn:
        late = runs.due_kinds(conn, kind, now - every, portal_ids)
    begun = 0
    for portal_id in late[:MOST_AT_ONCE]:
        with exclusive(product, f"schedule:{kind}:{portal_id}") as held:
            if held is None:
                continue
            with product.stores.database.write() as conn:
                if not runs.due_kinds(conn, kind, now - every, [portal_id]):
                    continue
                start(conn, portal_id, now)
        product.stores.jobs.enqueue(kind, portal_id=portal_id)
        begun += 1
    return begun


def _monthly(conn: Connection, portal_id: int, now: datetime) -> None:
    training.begin(conn, portal_id, now, monthly=True)


def _weekly(conn: Connection, portal_id: int, now: datetime) -> None:
    runs.start(conn, portal_id, "drift", now)
