"""Which alerts stand, so that each is told once, and once more when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import upsert
from backend.storage.tables.operations import alerts


@dataclass(frozen=True, slots=True)
class Alert:
    """One threshold's state. `told_at` is None while the alert webhook has not taken it;
    `well_checks` in a row found a firing one to be well."""

    name: str
    firing: bool
    message: str
    since: datetime
    told_at: datetime | None
    well_checks: int = 0


def all_of_them(conn: Connection) -> dict[str, Alert]:
    """Every alert that ever fired, by name."""
    return {
        row.name: Alert(**{name: getattr(row, name) for name in Alert.__dataclass_fields__})
        for row in conn.execute(sa.select(alerts).order_by(alerts.c.name))
    }


def put(conn: Connection, alert: Alert) -> None:
    """Store a changed state."""
    row = {name: getattr(alert, name) for name in Alert.__dataclass_fields__}
    upsert(conn, alerts, [row])


def firing(conn: Connection) -> list[Alert]:
    """What stands now, oldest first."""
    return sorted(
        (alert for alert in all_of_them(conn).values() if alert.firing), key=lambda a: a.since
    )
