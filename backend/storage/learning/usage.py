"""What vendors were used for, by day, and what that comes to per lead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.tables.leads import scores
from backend.storage.tables.learning import usage_days


@dataclass(frozen=True, slots=True)
class DayUsage:
    """One provider's use on one day."""

    day: date
    provider: str
    calls: int
    tokens: int
    usd: float


def by_day(conn: Connection, portal_id: int, since: date) -> list[DayUsage]:
    """Newest day first."""
    rows = conn.execute(
        sa.select(usage_days)
        .where(usage_days.c.portal_id == portal_id, usage_days.c.day >= since)
        .order_by(usage_days.c.day.desc(), usage_days.c.provider)
    )
    return [
        DayUsage(
            r.day,
            r.provider,
            r.calls,
            r.prompt_tokens + r.completion_tokens,
            r.cost_micro_usd / 1e6,
        )
        for r in rows
    ]


def leads_scored(conn: Connection, portal_id: int, since: datetime) -> int:
    """Leads whose current score is no older than that."""
    query = (
        sa.select(sa.func.count())
        .select_from(scores)
        .where(scores.c.portal_id == portal_id, scores.c.scored_at >= since)
    )
    return int(conn.execute(query).scalar_one())
