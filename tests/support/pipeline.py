"""Events that are heard, worked off and waited for."""

from __future__ import annotations

from backend.storage.leads import inbox
from tests.conftest import until
from tests.integration.conftest import PORTAL, Connected


def waiting_events(connected: Connected) -> int:
    with connected.product.stores.database.read() as conn:
        return inbox.count(conn, PORTAL)


def hear(connected: Connected, before: int) -> None:
    """Wait until the sandbox's webhooks are in the inbox and every lead is scored."""
    connected.sandbox.control("POST", "/webhooks/flush", {})
    until(lambda: waiting_events(connected) > before)
    settle(connected)


def settle(connected: Connected) -> None:
    """Take in what the portal has to tell and work until nothing is due; coalescing takes a few
    seconds of real time."""
    connected.sandbox.control("POST", "/webhooks/flush", {})

    def nothing_due() -> bool:
        connected.run(sweeps=1)
        return connected.unfinished() == 0

    until(nothing_due)


def some_lead(connected: Connected) -> str:
    return sorted(connected.scores())[5]
