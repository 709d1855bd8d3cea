"""How many leads wait for whom: for capacity, for the week's best, for the summary. Leads that an
experiment holds out wait for nobody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.model import Band
from backend.storage.outbox.holdouts import held_out
from backend.storage.tables.leads import lead_summaries, scores
from backend.storage.tables.outbox import route_tasks, routings


@dataclass(frozen=True, slots=True)
class OwnerLoad:
    """One owner's leads; `owner_id` is "" for leads without one. `entered` since the given time."""

    owner_id: str
    high: int
    medium: int
    entered_high: int
    entered_medium: int
    open_tasks: int


def by_owner(conn: Connection, portal_id: int, since: datetime) -> list[OwnerLoad]:
    """Leads that stand in High or Medium by their owner, most High first."""

    def number(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0))

    is_high = routings.c.settled == Band.HIGH.value
    is_medium = routings.c.settled == Band.MEDIUM.value
    lately = routings.c.entered_at >= since
    rows = conn.execute(
        sa.select(
            routings.c.owner_id,
            number(is_high).label("high"),
            number(is_medium).label("medium"),
            number(is_high, lately).label("entered_high"),
            number(is_medium, lately).label("entered_medium"),
        )
        .where(
            routings.c.portal_id == portal_id,
            routings.c.settled.in_((Band.HIGH.value, Band.MEDIUM.value)),
            ~held_out(portal_id, routings.c.contact_id),
        )
        .group_by(routings.c.owner_id)
    ).all()
    open_tasks = _open_tasks(conn, portal_id)
    found = [
        OwnerLoad(
            row.owner_id,
            int(row.high),
            int(row.medium),
            int(row.entered_high),
            int(row.entered_medium),
            open_tasks.get(row.owner_id, 0),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.high, -one.medium, one.owner_id))


def _open_tasks(conn: Connection, portal_id: int) -> dict[str, int]:
    joined = route_tasks.join(
        routings,
        sa.and_(
            routings.c.portal_id == route_tasks.c.portal_id,
            routings.c.contact_id == route_tasks.c.contact_id,
        ),
    )
    rows = conn.execute(
        sa.select(routings.c.owner_id, sa.func.count().label("n"))
        .select_from(joined)
        .where(route_tasks.c.portal_id == portal_id, route_tasks.c.wanted == "open")
        .group_by(routings.c.owner_id)
    )
    return {row.owner_id: int(row.n) for row in rows}


def best(
    conn: Connection,
    portal_id: int,
    *,
    limit: int,
    owner_id: str | None = None,
    since: datetime | None = None,
) -> list[str]:
    """Contact ids of the best leads, best first: of one owner, or that rose since a time."""
    joined = routings.join(
        scores,
        sa.and_(
            scores.c.portal_id == routings.c.portal_id,
            scores.c.contact_id == routings.c.contact_id,
        ),
    )
    query = (
        sa.select(routings.c.contact_id)
        .select_from(joined)
        .where(
            routings.c.portal_id == portal_id,
            routings.c.settled.in_((Band.HIGH.value, Band.MEDIUM.value)),
            ~held_out(portal_id, routings.c.contact_id),
        )
        .order_by(scores.c.score.desc(), scores.c.unclamped.desc(), routings.c.contact_id)
        .limit(limit)
    )
    if owner_id is not None:
        query = query.where(routings.c.owner_id == owner_id)
    if since is not None:
        query = query.where(routings.c.entered_at >= since)
    return [row.contact_id for row in conn.execute(query)]


@dataclass(frozen=True, slots=True)
class Quiet:
    """A lead that a run (or shadow mode) moved into its band, so that no task was made for it."""

    contact_id: str
    owner_id: str
    band: Band


def quiet(conn: Connection, portal_id: int, bands: Collection[Band]) -> list[Quiet]:
    """Those of these bands, the best first."""
    joined = routings.join(
        scores,
        sa.and_(
            scores.c.portal_id == routings.c.portal_id,
            scores.c.contact_id == routings.c.contact_id,
        ),
    )
    has_task = (
        sa.select(sa.literal(1))
        .where(
            route_tasks.c.portal_id == routings.c.portal_id,
            route_tasks.c.contact_id == routings.c.contact_id,
            route_tasks.c.wanted == "open",
            route_tasks.c.band == routings.c.settled,
        )
        .exists()
    )
    rows = conn.execute(
        sa.select(routings.c.contact_id, routings.c.owner_id, routings.c.settled)
        .select_from(joined)
        .where(
            routings.c.portal_id == portal_id,
            routings.c.by_run,
            routings.c.settled.in_([band.value for band in bands]),
            ~has_task,
            ~held_out(portal_id, routings.c.contact_id),
        )
        .order_by(scores.c.score.desc(), scores.c.unclamped.desc(), routings.c.contact_id)
    )
    return [Quiet(row.contact_id, row.owner_id, Band(row.settled)) for row in rows]


@dataclass(frozen=True, slots=True)
class Untouched:
    """A High lead that nobody called, wrote to or met since it became High."""

    contact_id: str
    owner_id: str
    since: datetime
    score: int
    chance: float | None
    company_name: str


def untouched(
    conn: Connection, portal_id: int, *, limit: int, unowned: bool = False
) -> tuple[int, list[Untouched]]:
    """(how many there are, those who have waited longest); only those without an owner where
    that is asked."""
    s = lead_summaries.c
    joined = routings.join(
        lead_summaries,
        sa.and_(s.portal_id == routings.c.portal_id, s.contact_id == routings.c.contact_id),
    )
    touched_at = sa.func.coalesce(s.last_touch_at, s.first_touch_at)
    which = [
        routings.c.portal_id == portal_id,
        routings.c.settled == Band.HIGH.value,
        s.band != "",  # still a lead
        ~held_out(portal_id, routings.c.contact_id),
    ]
    if unowned:
        which.append(routings.c.owner_id == "")
    else:
        which.append(touched_at.is_(None) | (touched_at < routings.c.entered_at))
    total = conn.execute(sa.select(sa.func.count()).select_from(joined).where(*which)).scalar_one()
    rows = conn.execute(
        sa.select(
            routings.c.contact_id,
            routings.c.owner_id,
            routings.c.entered_at,
            s.score,
            s.chance,
            s.company_name,
        )
        .select_from(joined)
        .where(*which)
        .order_by(routings.c.entered_at, routings.c.contact_id)
        .limit(limit)
    )
    return int(total), [Untouched(*row) for row in rows]
