"""What happened in a stretch of time: leads that came, became High, were won; how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.tables.leads import band_entries, lead_summaries, score_days

s, e, d = lead_summaries.c, band_entries.c, score_days.c


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose leads, and where from; None and "" ask for all."""

    owners: tuple[str, ...] | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one stretch. `became_high` and what became of those leads since are of those that came
    into High in it; `high` and `mean_score` as it stood on its last day, None where that was not
    counted. The last two are of all leads, whatever was asked."""

    new_leads: int
    won: int
    lost: int
    became_high: int
    contacted: int
    met: int
    opportunities: int
    high_won: int
    amount: float
    high: int | None
    mean_score: float | None


def counts(
    conn: Connection,
    portal_id: int,
    start: datetime,
    until: datetime,
    last_day: date,
    whose: Whose,
    *,
    so_far: bool,
) -> Counts:
    """From `start` up to `until`, which is no more part of it. `so_far`: the last day is today, and
    stands as it is now."""
    decided = _within(s.outcome_at, start, until)
    leads = conn.execute(
        sa.select(
            _number(_within(s.lead_since, start, until)).label("new_leads"),
            _number(decided & (s.outcome == "won")).label("won"),
            _number(decided & (s.outcome == "lost")).label("lost"),
        ).where(s.portal_id == portal_id, *_whose(s.owner_id, s.lead_source, whose))
    ).one()
    high = conn.execute(
        sa.select(
            sa.func.count().label("became_high"),
            sa.func.count(e.touched_at).label("contacted"),
            sa.func.count(e.meeting_at).label("met"),
            sa.func.count(e.opportunity_at).label("opportunities"),
            sa.func.count(e.won_at).label("high_won"),
            sa.func.coalesce(sa.func.sum(e.amount), 0.0).label("amount"),
        ).where(
            e.portal_id == portal_id,
            e.band == "High",
            e.result != "before",
            _within(e.entered_at, start, until),
            *_whose(e.owner_id, e.lead_source, whose),
        )
    ).one()
    kept = (
        sa.select(d.high, d.mean_score)
        .where(d.portal_id == portal_id, d.day >= last_day.replace(day=1), d.day <= last_day)
        .order_by(d.day.desc())
        .limit(1)
    )
    present = sa.select(
        _number(s.band == "High").label("high"), sa.func.avg(s.score).label("mean_score")
    ).where(s.portal_id == portal_id, s.score.is_not(None))
    stood = conn.execute(present if so_far else kept).first()
    return Counts(
        **{name: int(value or 0) for name, value in leads._mapping.items()},
        **{name: value for name, value in high._mapping.items()},
        high=None if stood is None or stood.high is None else int(stood.high),
        mean_score=None if stood is None or stood.high is None else float(stood.mean_score),
    )


def _within(
    column: sa.Column[datetime], start: datetime, until: datetime
) -> sa.ColumnElement[bool]:
    return sa.and_(column >= start, column < until)


def _whose(
    owner: sa.Column[str], source: sa.Column[str], whose: Whose
) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if whose.owners is not None:
        found.append(owner.in_(whose.owners))
    if whose.source:
        found.append(source == whose.source)
    return found


def _number(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((which, 1), else_=0))
