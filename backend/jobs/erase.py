"""Forget a contact: HubSpot deleted it, or it was merged away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from backend.scoring.similar import lead_item_id
from backend.storage import (
    analyses,
    executions,
    feedback,
    leads,
    mirror,
    models,
    notifications,
    person_words,
    route_tasks,
    routes,
    routings,
    scores,
    standings,
    tombstones,
    writes,
)
from backend.wiring import Product


def erase(product: Product, portal_id: int, contact_ids: Sequence[str]) -> None:
    """Remove everything held about these contacts and leave a tombstone for late events.

    Raises Transient while the vector index is away: nothing is then forgotten by halves.
    """
    if not contact_ids:
        return
    # First what lies outside: should it be away, the event stays waiting and is taken up again.
    product.index.delete(portal_id, [lead_item_id(contact_id) for contact_id in contact_ids])
    with product.database.write() as conn:
        forget(conn, product, portal_id, contact_ids, product.clock.now())
    product.jobs.ring("flush_routes", portal_id=portal_id)


def forget(
    conn: Connection,
    product: Product,
    portal_id: int,
    contact_ids: Sequence[str],
    now: datetime,
) -> None:
    """The database's part, in the caller's transaction."""
    macs = [product.tombstone_mac(portal_id, cid) for cid in contact_ids]
    tombstones.put(conn, portal_id, macs, now)
    mirror.forget(conn, portal_id, "contacts", contact_ids)
    scores.forget(conn, portal_id, contact_ids)
    writes.forget(conn, portal_id, contact_ids)
    analyses.forget(conn, portal_id, contact_ids)
    models.forget(conn, portal_id, contact_ids)
    leads.forget(conn, portal_id, contact_ids)
    feedback.forget(conn, portal_id, contact_ids)
    standings.forget(conn, portal_id, contact_ids)
    person_words.forget(conn, portal_id, contact_ids)
    routings.forget(conn, portal_id, contact_ids)
    routes.forget(conn, portal_id, contact_ids)
    notifications.forget(conn, portal_id, contact_ids)
    route_tasks.leave(conn, portal_id, contact_ids, now)
    executions.leave(conn, portal_id, contact_ids, now)
