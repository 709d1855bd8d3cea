"""What was written to HubSpot, and how it is made to go wrong."""

from __future__ import annotations

from typing import Any

from backend.model import PortalSettings
from backend.storage.leads import scores
from backend.storage.outbox import due_rows, writes
from tests.integration.conftest import PORTAL, Connected


def write_again(connected: Connected, contact_ids: list[str]) -> None:
    """Queue the stored scores as if HubSpot had none of them, and flush."""
    from backend.scoring.write_back import properties_of

    product = connected.product
    with product.stores.database.write() as conn:
        writes.forget(conn, PORTAL, contact_ids)
        stored = scores.current(conn, PORTAL, contact_ids)
        payloads = {cid: properties_of(score, PortalSettings()) for cid, score in stored.items()}
        writes.put(conn, PORTAL, payloads, product.stores.clock.now())
    product.stores.jobs.enqueue("flush_writes", portal_id=PORTAL)
    connected.run()


def fault(connected: Connected, **rule: Any) -> None:
    connected.sandbox.control("PUT", "/faults", {"rules": [rule]})


def counts(connected: Connected) -> tuple[int, int]:
    """(pending, parked)"""
    with connected.product.stores.database.read() as conn:
        pending = due_rows.count(conn, due_rows.WRITES, PORTAL)
        return pending, due_rows.count(conn, due_rows.WRITES, PORTAL, parked=True)


def batch_calls(connected: Connected) -> int:
    calls = connected.sandbox.control("GET", "/stats")["calls"]
    return sum(n for name, n in calls.items() if name.endswith("contacts/batch/update"))
