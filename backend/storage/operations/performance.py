"""Sums over a stretch of time, for the performance report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.operations import parked
from backend.storage.tables.leads import score_history, scores
from backend.storage.tables.learning import usage_days
from backend.storage.tables.portals import webhook_days


def performance(conn: Connection, portal_id: int, since: datetime) -> dict[str, Any]:
    """One portal's numbers since then; money in US dollars."""
    h, w = score_history, webhook_days
    changes = conn.execute(
        sa.select(h.c.cause, sa.func.count().label("n"))
        .where(h.c.portal_id == portal_id, h.c.scored_at >= since)
        .group_by(h.c.cause)
    )
    bands = conn.execute(
        sa.select(scores.c.band, sa.func.count().label("n"))
        .where(scores.c.portal_id == portal_id)
        .group_by(scores.c.band)
    )
    hooks = conn.execute(
        sa.select(sa.func.sum(w.c.received), sa.func.sum(w.c.missed)).where(
            w.c.portal_id == portal_id, w.c.day >= since.date()
        )
    ).one()
    return {
        "changes_by_cause": {row.cause: row.n for row in changes},
        "leads_by_band": {row.band: row.n for row in bands},
        "usage": _usage(conn, portal_id, since),
        "webhook_events": int(hooks[0] or 0),
        "changes_without_webhook": int(hooks[1] or 0),
        "parked_leads": sum(parked.leads_by_cause(conn, portal_id).values()),
        "parked_writes": sum(parked.writes_by_cause(conn, portal_id).values()),
    }


def _usage(conn: Connection, portal_id: int, since: datetime) -> dict[str, Any]:
    u = usage_days
    rows = conn.execute(
        sa.select(
            u.c.provider,
            sa.func.sum(u.c.calls).label("calls"),
            sa.func.sum(u.c.prompt_tokens + u.c.completion_tokens).label("tokens"),
            sa.func.sum(u.c.cost_micro_usd).label("cost"),
        )
        .where(u.c.portal_id == portal_id, u.c.day >= since.date())
        .group_by(u.c.provider)
    )
    return {
        row.provider: {
            "calls": int(row.calls),
            "tokens": int(row.tokens),
            "usd": round(int(row.cost) / 1e6, 4),
        }
        for row in rows
    }
