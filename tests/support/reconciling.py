"""Webhooks that never came, and the look after them."""

from __future__ import annotations

from backend.storage import runs
from tests.integration.conftest import PORTAL, Connected
from tests.support.pipeline import settle


def reconcile(connected: Connected) -> int:
    """Run it now; how many changed objects had been missed."""
    product = connected.product
    with product.stores.database.write() as conn:
        runs.start(conn, PORTAL, "reconcile", product.stores.clock.now())
    product.stores.jobs.enqueue("reconcile", portal_id=PORTAL)
    settle(connected)
    with product.stores.database.read() as conn:
        run = runs.latest(conn, PORTAL, "reconcile")
    assert run is not None
    assert run.state == "done", run.problem
    return int(run.position["missed"])


def silence(connected: Connected) -> None:
    """HubSpot's webhooks do not arrive."""
    rules = {"rules": [{"effect": "webhook_drop"}]}
    connected.sandbox.control("PUT", "/faults", rules)
