"""Thirty days after a disconnect everything of the portal is erased, audit trail apart."""

from __future__ import annotations

from datetime import timedelta

import structlog

from backend.config import DISCONNECTED_KEPT_DAYS
from backend.storage import audit, portals
from backend.storage.tables import metadata
from backend.wiring import Product

KEPT = frozenset({"audit", "portals"})
log = structlog.get_logger()


def forget_portal(product: Product, portal_id: int) -> None:
    """Erase a portal that has been disconnected long enough; anything else is left alone."""
    now = product.clock.now()
    with product.database.write() as conn:
        portal = portals.get(conn, portal_id)
        since = portals.disconnected_at(portal)
        if since is None or now - since < timedelta(days=DISCONNECTED_KEPT_DAYS):
            return
        erased = {}
        for table in metadata.sorted_tables:
            if "portal_id" in table.columns and table.name not in KEPT:
                rows = conn.execute(table.delete().where(table.c.portal_id == portal_id)).rowcount
                erased[table.name] = rows
        portals.set_state(conn, portal_id, "erased")
        audit.append(
            conn,
            now=now,
            actor="system:retention",
            action="portal.erase",
            subject=f"portal:{portal_id}",
            portal_id=portal_id,
            detail={"rows": {name: count for name, count in erased.items() if count}},
        )
    product.index.delete(portal_id)
    product.sightings.forget(portal_id)
    log.info("portal_erased", portal_id=portal_id)
