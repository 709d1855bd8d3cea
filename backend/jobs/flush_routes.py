"""Do in HubSpot what was decided: tasks, then messages, then lists; one flusher per portal."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from backend.errors import MissingScopes, NeedsReconnect
from backend.model import Mode
from backend.services.exclusive import Held, exclusive
from backend.services.routing.lists import flush_lists
from backend.services.routing.notify import flush_notifications
from backend.services.routing.tasks import flush_tasks
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import Product

log = structlog.get_logger()


def flush_routes(product: Product, portal_id: int) -> None:
    """Everything that is due; a second flusher of the same portal leaves at once."""
    with product.stores.database.read() as conn:
        portal = portals.get(conn, portal_id)
    if portal.state != "connected" or portal.settings.mode is not Mode.LIVE:
        return
    with exclusive(product, f"routes:{portal_id}") as held:
        if held is None:
            return
        try:
            while _round(product, portal, held):
                pass
        except NeedsReconnect as error:
            log.warning("routes_wait", portal_id=portal_id, problem=error.code)


def _round(product: Product, portal: Portal, held: Held) -> bool:
    """All tasks and messages, one batch of lists; whether there are more.

    People wait for tasks and messages, so a backfill's lists never stand in their way.
    """
    if not portals.refuses(portal, "tasks"):
        _unless_refused(product, portal, "tasks", flush_tasks, held)
    flush_notifications(product, portal, held)
    if portals.refuses(portal, "lists") or not portal.installation.get("lists"):
        return False
    return _unless_refused(product, portal, "lists", flush_lists, held)


def _unless_refused(
    product: Product,
    portal: Portal,
    feature: str,
    flush: Callable[[Product, Portal, Held], bool],
    held: Held,
) -> bool:
    """What the portal does not allow is switched off, visibly; its work stays pending."""
    try:
        return flush(product, portal, held)
    except MissingScopes as error:
        log.warning("feature_off", portal_id=portal.portal_id, feature=feature, scopes=error.scopes)
        with product.stores.database.write() as conn:
            portals.refused(conn, portal.portal_id, feature, error.sentence or str(error))
        return False
