"""Events that wait in the inbox, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa

from backend.storage.leads import inbox
from backend.storage.leads.inbox import NewEvent
from backend.storage.tables.leads import inbox_events, mirror_links
from tests.integration.conftest import PORTAL, Connected


def linked(connected: Connected, object_type: str, number: int) -> dict[str, str]:
    """Some objects of a type and a contact of each."""
    with connected.product.stores.database.read() as conn:
        rows = conn.execute(
            sa.select(mirror_links.c.object_id, sa.func.min(mirror_links.c.contact_id))
            .where(mirror_links.c.object_type == object_type)
            .group_by(mirror_links.c.object_id)
            .order_by(mirror_links.c.object_id)
            .limit(number)
        ).all()
    return {str(object_id): str(contact_id) for object_id, contact_id in rows}


def happened(connected: Connected, object_type: str, *object_ids: str) -> None:
    """Events of these objects wait in the inbox."""
    now = connected.product.stores.clock.now()
    events = [
        NewEvent(PORTAL, f"{object_type}-{one}", object_type, one, "propertyChange", "x", now, {})
        for one in object_ids
    ]
    with connected.product.stores.database.write() as conn:
        inbox.add(conn, events, now)


def states(connected: Connected, object_type: str) -> dict[str, tuple[str, int]]:
    with connected.product.stores.database.read() as conn:
        rows = conn.execute(
            sa.select(inbox_events).where(inbox_events.c.object_type == object_type)
        ).all()
    return {row.object_id: (row.state, row.attempts) for row in rows}
