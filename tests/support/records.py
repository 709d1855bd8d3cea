"""Scores on companies, deals and lead records, as the sandbox shows them."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from backend.storage.outbox import due_rows
from tests.integration.conftest import Connected


def shown(connected: Connected, kind: str) -> dict[str, dict[str, str]]:
    """Our properties in HubSpot by record, those with a value."""
    found = {
        str(one.record_id): {n: v for n, v in one.properties.items() if n.startswith("ai_") and v}
        for one in connected.sandbox.portal.stores[kind]
    }
    return {object_id: values for object_id, values in found.items() if values}


def all_due(connected: Connected) -> None:
    """Time passes: what waits for more of its kind is due."""
    due_at = connected.product.stores.clock.now() - timedelta(seconds=1)
    with connected.product.stores.database.write() as conn:
        for box in due_rows.RECORDS:
            conn.execute(sa.update(box.table).values(due_at=due_at))
    connected.run()
