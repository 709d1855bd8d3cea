"""Who scores high, who buys, and where the two disagree: counted in SQL over the standings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.tables.leads import lead_summaries, score_history

s = lead_summaries.c
Trait = Literal[
    "industry",
    "company_size",
    "revenue_range",
    "location",
    "lead_source",
    "owner_id",
    "technologies",
]
_COLUMNS: Final[dict[str, sa.Column[str]]] = {
    "industry": s.industry,
    "company_size": s.company_size,
    "revenue_range": s.revenue_range,
    "location": s.location,
    "lead_source": s.lead_source,
    "owner_id": s.owner_id,
    "technologies": s.technologies,
}
# Upper edges of the grid's cells; the last cell is open.
FIT_EDGES: Final = (-5, 0, 10, 20)  # points
ENGAGEMENT_EDGES: Final = (0, 5, 10, 15)  # points
TOUCH_HOURS: Final = (1, 24, 72)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which leads count; "" and None ask for nothing."""

    owner_id: str = ""
    lead_source: str = ""
    since: datetime | None = None
    decided_since: datetime | None = None  # outcomes before it do not count


@dataclass(slots=True)
class Count:
    """`scored` of the leads have a score now, which sum up to `points`; `decided` are won or
    lost."""

    leads: int = 0
    scored: int = 0
    points: int = 0
    high: int = 0
    won: int = 0
    decided: int = 0

    def add(self, row: sa.Row[Any]) -> None:
        """One group of the query."""
        self.leads += row.leads
        self.scored += row.scored
        self.points += int(row.points or 0)
        self.high += row.high
        self.won += row.won
        self.decided += row.decided


def overall(conn: Connection, portal_id: int, chosen: Chosen) -> Count:
    """All of the chosen leads together."""
    found = Count()
    found.add(conn.execute(sa.select(*_sums(chosen)).where(*_where(portal_id, chosen))).one())
    return found


def by_trait(conn: Connection, portal_id: int, trait: Trait, chosen: Chosen) -> dict[str, Count]:
    """Counts by value, "" being unknown; a lead with several technologies counts in each."""
    column = _COLUMNS[trait]
    rows = conn.execute(
        sa.select(column.label("value"), *_sums(chosen))
        .where(*_where(portal_id, chosen))
        .group_by(column)
    )
    found: dict[str, Count] = defaultdict(Count)
    for row in rows:
        for value in row.value.split(";") if trait == "technologies" else (row.value,):
            found[value].add(row)
    return dict(found)


def grid(conn: Connection, portal_id: int, chosen: Chosen) -> dict[tuple[int, int], Count]:
    """Counts by (cell of fit points, cell of engagement points); cells by the edges above. Leads
    that never had a score have no points and are left out."""
    fit, engagement = _cell(s.fit_points, FIT_EDGES), _cell(s.engagement_points, ENGAGEMENT_EDGES)
    rows = conn.execute(
        sa.select(fit.label("fit"), engagement.label("engagement"), *_sums(chosen))
        .where(*_where(portal_id, chosen), s.last_score.is_not(None))
        .group_by(sa.literal_column("fit"), sa.literal_column("engagement"))
    )
    found: dict[tuple[int, int], Count] = defaultdict(Count)
    for row in rows:
        found[row.fit, row.engagement].add(row)
    return dict(found)


def touches(conn: Connection, portal_id: int, chosen: Chosen) -> dict[tuple[str, int], int]:
    """Leads with a score by (band, cell): within each of `TOUCH_HOURS`, later, and last never."""
    waited = _hours_between(conn, s.lead_since, s.first_touch_at)
    cell = sa.case(
        (s.first_touch_at.is_(None), len(TOUCH_HOURS) + 1),
        *((waited <= hours, place) for place, hours in enumerate(TOUCH_HOURS)),
        else_=len(TOUCH_HOURS),
    ).label("cell")
    rows = conn.execute(
        sa.select(s.band, cell, sa.func.count().label("leads"))
        .where(*_where(portal_id, chosen), s.score.is_not(None), s.lead_since.is_not(None))
        .group_by(s.band, sa.literal_column("cell"))
    )
    return {(row.band, row.cell): row.leads for row in rows}


@dataclass(frozen=True, slots=True)
class Miss:
    """A lead whose score before its outcome, and the outcome, disagree."""

    contact_id: str
    score_before: int
    outcome: str
    outcome_at: datetime | None
    industry: str
    company_size: str
    company_name: str
    owner_id: str


def misses(
    conn: Connection,
    portal_id: int,
    chosen: Chosen,
    *,
    outcome: Literal["won", "lost"],
    low: int,
    high: int,
    limit: int,
) -> list[Miss]:
    """The newest leads with this outcome whose score before was in [low, high]."""
    judged = _judged(portal_id, chosen).where(s.outcome == outcome).subquery()
    rows = conn.execute(
        sa.select(judged)
        .where(judged.c.score_before.between(low, high))
        .order_by(judged.c.outcome_at.desc(), judged.c.contact_id.desc())
        .limit(limit)
    )
    return [Miss(**dict(row)) for row in rows.mappings()]


@dataclass(frozen=True, slots=True)
class Judged:
    """Decided leads that had a score before their outcome, and those where the two disagree."""

    leads: int
    missed_gems: int
    false_hopes: int


def judged_leads(
    conn: Connection, portal_id: int, chosen: Chosen, *, medium: int, high: int
) -> Judged:
    """Won below `medium` is a missed gem, lost from `high` on a false hope."""
    # Worked out once a lead, instead of once for every time that its score is asked for below.
    judged = _judged(portal_id, chosen).cte("judged").prefix_with("MATERIALIZED")
    before, outcome = judged.c.score_before, judged.c.outcome
    query = sa.select(
        sa.func.count(before),
        _count_if(sa.and_(outcome == "won", before < medium)),
        _count_if(sa.and_(outcome == "lost", before >= high)),
    )
    leads, missed_gems, false_hopes = conn.execute(query).one()
    return Judged(leads, missed_gems, false_hopes)


def _judged(portal_id: int, chosen: Chosen) -> sa.Select[Any]:
    """Decided leads with the newest score from before the outcome, empty where there was none."""
    h = score_history.c
    before = (
        sa.select(sa.func.coalesce(h.own_score, h.score))
        .where(h.portal_id == s.portal_id, h.contact_id == s.contact_id, h.scored_at < s.outcome_at)
        .order_by(h.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    kept = [s[name] for name in Miss.__dataclass_fields__ if name != "score_before"]
    return sa.select(*kept, before.label("score_before")).where(
        *_where(portal_id, chosen), _decided(chosen), s.outcome_at.is_not(None)
    )


def _decided(chosen: Chosen) -> sa.ColumnElement[bool]:
    decided = s.outcome.in_(("won", "lost"))
    if chosen.decided_since is None:
        return decided
    return sa.and_(decided, s.outcome_at >= chosen.decided_since)


def _sums(chosen: Chosen) -> Sequence[sa.Label[Any]]:
    decided = _decided(chosen)
    return (
        sa.func.count().label("leads"),
        sa.func.count(s.score).label("scored"),
        sa.func.sum(s.score).label("points"),
        _count_if(s.band == "High").label("high"),
        _count_if(sa.and_(decided, s.outcome == "won")).label("won"),
        _count_if(decided).label("decided"),
    )


def _count_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count(sa.case((condition, 1)))


def _where(portal_id: int, chosen: Chosen) -> list[sa.ColumnElement[bool]]:
    where = [s.portal_id == portal_id]
    if chosen.owner_id:
        where.append(s.owner_id == chosen.owner_id)
    if chosen.lead_source:
        where.append(s.lead_source == chosen.lead_source)
    if chosen.since is not None:
        where.append(s.lead_since >= chosen.since)
    return where


def _cell(column: sa.Column[int], edges: Iterable[int]) -> sa.ColumnElement[int]:
    known = list(edges)
    return sa.case(*((column <= edge, i) for i, edge in enumerate(known)), else_=len(known))


def _hours_between(
    conn: Connection, first: sa.Column[Any], then: sa.Column[Any]
) -> sa.ColumnElement[Any]:
    if conn.dialect.name == "sqlite":
        return (sa.func.julianday(then) - sa.func.julianday(first)) * 24.0
    return sa.extract("epoch", then - first) / 3600.0
