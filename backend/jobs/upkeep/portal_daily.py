"""What is looked after in every portal every day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from backend.errors import NeedsReconnect, Undecipherable
from backend.jobs import reports
from backend.jobs.erase_requested import erase_requested
from backend.services.health.rules import MISSED_ENOUGH, MISSED_SHARE
from backend.storage.leads import inbox
from backend.storage.operations import parked
from backend.storage.portals import webhook_days
from backend.storage.portals.portals import Portal
from backend.storage.portals.webhook_days import WebhookCount
from backend.storage.privacy import erasures as receipts
from backend.wiring import Product

LOOK_BACK: Final = timedelta(days=1)


def tokens(product: Product, portal: Portal, _: Callable[[], Any]) -> dict[str, Any]:
    """Trade the tokens for new ones, used or not: sealed anew with the current key, and known to
    be good."""
    if portal.state != "connected":
        return {"ok": portal.state == "disconnected", "state": portal.state}
    try:
        product.hubspot.keeper.rotate(portal.portal_id)
    except (NeedsReconnect, Undecipherable) as error:
        return {"ok": False, "state": "needs_reconnect", "problem": str(error)}
    return {"ok": True, "state": "connected", "rotated": True}


def erasures(product: Product, portal: Portal, _: Callable[[], Any]) -> dict[str, Any]:
    """Finish what somebody asked for and no worker got to."""
    erase_requested(product, portal.portal_id)
    with product.stores.database.read() as conn:
        left = receipts.waiting(conn, portal.portal_id)
    return {"ok": not left, "waiting": len(left)}


def webhooks(product: Product, portal: Portal, _: Callable[[], Any]) -> dict[str, Any]:
    """What came since yesterday, and what came without a webhook."""
    since = (product.stores.clock.now() - LOOK_BACK).date()
    with product.stores.database.read() as conn:
        count = webhook_days.since(conn, since).get(portal.portal_id, WebhookCount())
        last = inbox.last_received_at(conn, portal.portal_id)
        quarantined = inbox.count(conn, portal.portal_id, "quarantined")
    missing = count.missed >= MISSED_ENOUGH and count.missed_share > MISSED_SHARE
    return {
        "ok": not missing,
        "received": count.received,
        "missed": count.missed,
        "missed_share": round(count.missed_share, 3),
        "quarantined": quarantined,
        "last_received_at": last and last.isoformat(timespec="seconds"),
    }


def errors(product: Product, portal: Portal, _: Callable[[], Any]) -> dict[str, Any]:
    """What failed, by cause."""
    with product.stores.database.read() as conn:
        found = {
            "leads": parked.leads_by_cause(conn, portal.portal_id),
            "writes": parked.writes_by_cause(conn, portal.portal_id),
        }
    return {"ok": not any(found.values())} | found


def impact(product: Product, portal: Portal, _: Callable[[], Any]) -> dict[str, Any]:
    """Begin to count what became of the leads of each band."""
    stores, portal_id = product.stores, portal.portal_id
    with stores.database.write() as conn:
        run = reports.begin(conn, portal_id, "impact", stores.clock.now(), {})
    stores.jobs.enqueue("impact", portal_id=portal_id)
    return {"ok": True, "run": run.run_id}
