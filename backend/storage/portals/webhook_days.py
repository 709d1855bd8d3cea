"""Counters per portal and day: what webhooks brought, and what they should have brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from backend.storage.tables.portals import webhook_days

EVERY_PORTAL = 0  # signatures are made with the app's secret: a bad one belongs to no portal


@dataclass(frozen=True, slots=True)
class WebhookCount:
    """`missed`: objects that reconciliation found changed although no webhook came."""

    received: int = 0
    missed: int = 0
    bad_signatures: int = 0

    @property
    def missed_share(self) -> float:
        """Of all changes that we know of, 0-1."""
        known = self.received + self.missed
        return self.missed / known if known else 0.0


def add(
    conn: Connection,
    portal_id: int,
    day: date,
    *,
    received: int = 0,
    missed: int = 0,
    bad_signatures: int = 0,
) -> None:
    """Count on, in the caller's transaction."""
    counts = {"received": received, "missed": missed, "bad_signatures": bad_signatures}
    if not any(counts.values()):
        return
    insert: Any = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    statement = insert(webhook_days).values(portal_id=portal_id, day=day, **counts)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["portal_id", "day"],
            set_={name: webhook_days.c[name] + value for name, value in counts.items()},
        )
    )


def since(conn: Connection, day: date) -> dict[int, WebhookCount]:
    """Sums from that day on, by portal."""
    w = webhook_days
    names = ("received", "missed", "bad_signatures")
    rows = conn.execute(
        sa.select(w.c.portal_id, *(sa.func.sum(w.c[name]).label(name) for name in names))
        .where(w.c.day >= day)
        .group_by(w.c.portal_id)
    )
    return {r.portal_id: WebhookCount(*(int(getattr(r, name)) for name in names)) for r in rows}
