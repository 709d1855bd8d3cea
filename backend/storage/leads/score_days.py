"""How the bands stood, day by day: counted again while the day lasts, kept afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import upsert
from backend.storage.tables.leads import lead_summaries, score_days

COUNT_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ScoreDay:
    """Leads per band at the end of a day (so far)."""

    day: date
    high: int
    medium: int
    low: int
    mean_score: float


def count_today(conn: Connection, portal_id: int, now: datetime) -> None:
    """Replace today's row by what is true now; a portal without scores gets none."""
    rows = conn.execute(
        sa.select(
            lead_summaries.c.band, sa.func.count().label("n"), sa.func.sum(lead_summaries.c.score)
        )
        .where(lead_summaries.c.portal_id == portal_id, lead_summaries.c.score >= 0)
        .group_by(lead_summaries.c.band)
    ).all()
    leads = {row.band: row.n for row in rows}
    total = sum(leads.values())
    if not total:
        return
    row = {
        "portal_id": portal_id,
        "day": now.date(),
        "high": leads.get("High", 0),
        "medium": leads.get("Medium", 0),
        "low": leads.get("Low", 0),
        "mean_score": sum(int(r[2]) for r in rows) / total,
        "counted_at": now,
    }
    upsert(conn, score_days, [row])


def stale(conn: Connection, portal_ids: Sequence[int], now: datetime) -> list[int]:
    """Of these portals, those whose row of today is missing or old."""
    fresh = conn.execute(
        sa.select(score_days.c.portal_id).where(
            score_days.c.day == now.date(), score_days.c.counted_at > now - COUNT_EVERY
        )
    )
    known = {row.portal_id for row in fresh}
    return [portal_id for portal_id in portal_ids if portal_id not in known]


def listed(conn: Connection, portal_id: int, since: date) -> list[ScoreDay]:
    """Oldest first."""
    rows = conn.execute(
        sa.select(score_days)
        .where(score_days.c.portal_id == portal_id, score_days.c.day >= since)
        .order_by(score_days.c.day)
    )
    return [ScoreDay(r.day, r.high, r.medium, r.low, r.mean_score) for r in rows]
