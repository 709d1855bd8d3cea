"""Reports of daily, weekly and monthly maintenance: finished runs that keep their report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.tables.operations import runs

KINDS: Final = ("daily", "weekly", "monthly")
INSTALLATION: Final = 0  # the portal id of reports about the whole installation
REPORT: Final = "report"  # where a finished run keeps it


@dataclass(frozen=True, slots=True)
class Report:
    """One maintenance of one portal. `body` has a section per task, each with `ok`."""

    kind: str
    state: str  # running, done, failed, cancelled
    started_at: datetime
    finished_at: datetime | None
    problem: str
    body: Mapping[str, Any]


def last_reports(conn: Connection, portal_id: int) -> dict[str, Report]:
    """The newest report of each kind; INSTALLATION for those of all portals together."""
    found = {kind: reports(conn, portal_id, kind, limit=1) for kind in KINDS}
    return {kind: listed[0] for kind, listed in found.items() if listed}


def reports(conn: Connection, portal_id: int, kind: str, *, limit: int = 30) -> list[Report]:
    """Newest first."""
    rows = conn.execute(
        sa.select(runs)
        .where(runs.c.portal_id == portal_id, runs.c.kind == kind)
        .order_by(runs.c.started_at.desc())
        .limit(limit)
    )
    return [
        Report(
            row.kind,
            row.state,
            row.started_at,
            row.finished_at,
            row.problem,
            row.position.get(REPORT, {}),
        )
        for row in rows
    ]
