"""When leads first came into a band and what became of them, counted by cohort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.model import Band
from backend.storage.database import upsert
from backend.storage.tables.leads import band_entries, lead_summaries, score_history

By = Literal["week", "month", "owner_id", "lead_source"]
e = band_entries.c
_FIRST = ("entered_at", "week", "month", "chance")  # as they were then, whatever is counted later


@dataclass(frozen=True, slots=True)
class Entry:
    """The first time a lead was scored into a band; `chance` is that of winning, as it was then."""

    contact_id: str
    band: str
    entered_at: datetime
    chance: float | None


def first_entries(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> list[Entry]:
    """Of these leads: as an earlier count kept it, else the oldest row of the score history."""
    kept = {
        (row.contact_id, row.band): Entry(row.contact_id, row.band, row.entered_at, row.chance)
        for row in conn.execute(
            sa.select(e.contact_id, e.band, e.entered_at, e.chance).where(
                e.portal_id == portal_id, e.contact_id.in_(contact_ids)
            )
        )
    }
    h = score_history.c
    band = sa.func.coalesce(h.own_band, h.band)  # a pin makes no entry
    first = (
        sa.select(sa.func.min(h.id))
        .where(h.portal_id == portal_id, h.contact_id.in_(contact_ids))
        .group_by(h.contact_id, band)
    )
    rows = conn.execute(
        sa.select(h.contact_id, band.label("band"), h.scored_at, h.body).where(h.id.in_(first))
    )
    found = [Entry(r.contact_id, r.band, r.scored_at, _chance(r.body)) for r in rows]
    return [*kept.values(), *(one for one in found if (one.contact_id, one.band) not in kept)]


def _chance(body: Any) -> float | None:
    chance = (body or {}).get("chance")
    return None if chance is None else float(chance["value"])


def save(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store what became of them. When a lead came in, and with what chance, is never changed."""
    keys = {column.name for column in band_entries.primary_key}
    update = [name for name in (rows[0] if rows else ()) if name not in {*keys, *_FIRST}]
    upsert(conn, band_entries, rows, update=update)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries: into `band` since a day, of these owners (None: all) and this source ("":
    all)."""

    band: Band
    since: date | None = None
    owners: tuple[str, ...] | None = None
    source: str = ""


@dataclass(slots=True)
class Cohort:
    """Sums over entries. `minutes` counts touched leads by their working minutes until then.

    `decided` are won or lost, `won` of them won; `won_so_far` also counts who is not decided yet.
    `chances` leads have a chance; `chance_sum` is what they add up to, `chance_var` the variance
    of their wins, and `chance_won` how many of them have won.
    """

    leads: int = 0
    open: int = 0
    meetings: int = 0
    opportunities: int = 0
    decided: int = 0
    won: int = 0
    won_so_far: int = 0
    amount: float = 0.0
    deals: int = 0
    chances: int = 0
    chance_sum: float = 0.0
    chance_var: float = 0.0
    chance_won: int = 0
    chance_amount: float = 0.0
    minutes: Counter[int] = field(default_factory=Counter)

    @property
    def touched(self) -> int:
        """Leads that were called, written to or met."""
        return self.minutes.total()

    def add(self, other: Cohort) -> None:
        """Both together."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.minutes.update(other.minutes)


_SUMS = tuple(name for name in Cohort.__slots__ if name != "minutes")


def cohorts(
    conn: Connection, portal_id: int, by: By, asked: Asked, *, times: bool = True
) -> dict[Any, Cohort]:
    """By the week or month in which they came in, by owner or by source. Leads that had bought
    before they came in are left out. `times`: with `minutes`, which take a query of their own."""
    key = e[by]
    which = _which(portal_id, asked)
    has_chance = e.chance.is_not(None)
    rows = conn.execute(
        sa.select(
            key.label("key"),
            sa.func.count().label("leads"),
            _number(e.result == "open").label("open"),
            sa.func.count(e.meeting_at).label("meetings"),
            sa.func.count(e.opportunity_at).label("opportunities"),
            _number(e.result.in_(("won", "lost"))).label("decided"),
            _number(e.result == "won").label("won"),
            sa.func.count(e.won_at).label("won_so_far"),
            sa.func.sum(e.amount).label("amount"),
            sa.func.sum(e.deals).label("deals"),
            sa.func.count(e.chance).label("chances"),
            sa.func.coalesce(sa.func.sum(e.chance), 0.0).label("chance_sum"),
            sa.func.coalesce(sa.func.sum(e.chance * (1 - e.chance)), 0.0).label("chance_var"),
            _number(has_chance & e.won_at.is_not(None)).label("chance_won"),
            sa.func.sum(sa.case((has_chance, e.amount), else_=0.0)).label("chance_amount"),
        )
        .where(*which)
        .group_by(key)
    )
    found = {row.key: Cohort(**{name: row._mapping[name] for name in _SUMS}) for row in rows}
    if not times:
        return found
    touched = conn.execute(
        sa.select(key.label("key"), e.touch_minutes, sa.func.count().label("n"))
        .where(*which, e.touched_at.is_not(None))
        .group_by(key, e.touch_minutes)
    )
    for row in touched:
        found[row.key].minutes[row.touch_minutes] = row.n
    return found


def _which(portal_id: int, asked: Asked) -> list[sa.ColumnElement[bool]]:
    found = [e.portal_id == portal_id, e.band == asked.band.value, e.result != "before"]
    if asked.since is not None:
        found.append(e.week >= asked.since)
    if asked.owners is not None:
        found.append(e.owner_id.in_(asked.owners))
    if asked.source:
        found.append(e.lead_source == asked.source)
    return found


def _number(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((which, 1), else_=0))


def decided_by_company(conn: Connection, portal_id: int, band: Band) -> list[tuple[int, int]]:
    """(decided leads, won) of each company whose leads came into the band; a lead without a company
    stands alone."""
    s = lead_summaries.c
    joined = band_entries.outerjoin(
        lead_summaries, sa.and_(s.portal_id == e.portal_id, s.contact_id == e.contact_id)
    )
    alone = sa.func.coalesce(sa.func.nullif(s.company_key, ""), e.contact_id)
    rows = conn.execute(
        sa.select(sa.func.count().label("leads"), _number(e.result == "won").label("won"))
        .select_from(joined)
        .where(e.portal_id == portal_id, e.band == band.value, e.result.in_(("won", "lost")))
        .group_by(alone)
    )
    return [(row.leads, row.won) for row in rows]


def entered_since(conn: Connection, portal_id: int, band: Band, since: datetime) -> int:
    """How many leads came into the band since then."""
    query = sa.select(sa.func.count()).where(
        e.portal_id == portal_id, e.band == band.value, e.entered_at >= since, e.result != "before"
    )
    return int(conn.execute(query).scalar_one())


def owners_and_sources(
    conn: Connection, portal_id: int, contact_ids: Sequence[str]
) -> dict[str, tuple[str, str]]:
    """(owner id, source) by contact; only those of whom something is still kept."""
    s = lead_summaries.c
    rows = conn.execute(
        sa.select(s.contact_id, s.owner_id, s.lead_source).where(
            s.portal_id == portal_id, s.contact_id.in_(contact_ids)
        )
    )
    return {row.contact_id: (row.owner_id, row.lead_source) for row in rows}
