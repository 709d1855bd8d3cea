"""What is added up for every portal every month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from backend.storage import runs
from backend.storage.operations import performance as month
from backend.storage.portals.portals import Portal
from backend.wiring import Product

MONTH: Final = timedelta(days=30)


def performance(product: Product, portal: Portal, _: Callable[[], Any]) -> dict[str, Any]:
    """Scores, changes, money, webhooks and what failed, over thirty days."""
    with product.stores.database.read() as conn:
        found = month.performance(conn, portal.portal_id, product.stores.clock.now() - MONTH)
    return {"ok": True} | found


def training(product: Product, portal: Portal, _: Callable[[], Any]) -> dict[str, Any]:
    """How the monthly challenger fared; the schedule starts it by itself."""
    with product.stores.database.read() as conn:
        run = runs.latest(conn, portal.portal_id, "train")
    if run is None:
        return {"ok": True, "state": "never trained"}
    return {
        "ok": True,
        "state": run.state,
        "outcomes": run.total,
        "problem": run.problem,
        "started_at": run.started_at.isoformat(timespec="seconds"),
    }
