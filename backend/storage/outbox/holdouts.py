"""Experiments that leave a share of the High leads without follow-up, and who is in which arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.slices import slices
from backend.storage.database import upsert
from backend.storage.outbox import experiments
from backend.storage.tables.outbox import holdout_leads, holdouts

h, m = holdouts.c, holdout_leads.c


@dataclass(frozen=True, slots=True)
class Holdout:
    """One experiment: `share` per cent are held out, a win counts within `window_days`, and its
    intervals are narrowest at `planned_leads`."""

    holdout_id: str
    share: int
    window_days: int
    planned_leads: int
    started_by: str
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A lead of an experiment. `result` and what follows are as the last count found them."""

    contact_id: str
    company_mac: str
    held: bool
    assigned_at: datetime
    result: str = "open"
    touch_minutes: int | None = None
    amount: float = 0.0


def listed(conn: Connection, portal_id: int) -> list[Holdout]:
    """Newest first."""
    rows = conn.execute(
        sa.select(holdouts).where(h.portal_id == portal_id).order_by(h.started_at.desc())
    ).mappings()
    names = Holdout.__slots__
    return [Holdout(**{name: row[name] for name in names}) for row in rows]


def running(conn: Connection, portal_id: int) -> Holdout | None:
    """The one that has not ended."""
    return next((one for one in listed(conn, portal_id) if one.ended_at is None), None)


def begin(conn: Connection, portal_id: int, holdout: Holdout) -> None:
    """Store a new one."""
    values = {name: getattr(holdout, name) for name in Holdout.__slots__}
    conn.execute(sa.insert(holdouts).values(portal_id=portal_id, **values))


def end(conn: Connection, portal_id: int, holdout_id: str, now: datetime) -> None:
    """From now on everybody is followed up."""
    conn.execute(
        sa.update(holdouts)
        .where(h.portal_id == portal_id, h.holdout_id == holdout_id, h.ended_at.is_(None))
        .values(ended_at=now)
    )


def arms(
    conn: Connection, portal_id: int, holdout_id: str, contact_ids: Sequence[str]
) -> dict[str, bool]:
    """Whether each is held out; who is in no arm is left out."""
    found: dict[str, bool] = {}
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(m.contact_id, m.held).where(
                m.portal_id == portal_id, m.holdout_id == holdout_id, m.contact_id.in_(part)
            )
        )
        found |= {row.contact_id: row.held for row in rows}
    return found


def assign(conn: Connection, portal_id: int, holdout_id: str, new: Sequence[Member]) -> None:
    """Put leads into their arms; who is in one stays there."""
    rows = [
        {
            "portal_id": portal_id,
            "holdout_id": holdout_id,
            "contact_id": one.contact_id,
            "company_mac": one.company_mac,
            "held": one.held,
            "assigned_at": one.assigned_at,
        }
        for one in new
    ]
    upsert(conn, holdout_leads, rows, update=())


def members(conn: Connection, portal_id: int, holdout_id: str) -> list[Member]:
    """In the order in which they were assigned."""
    rows = conn.execute(
        sa.select(holdout_leads)
        .where(m.portal_id == portal_id, m.holdout_id == holdout_id)
        .order_by(m.assigned_at, m.contact_id)
    ).mappings()
    names = Member.__slots__
    return [Member(**{name: row[name] for name in names}) for row in rows]


def counted(
    conn: Connection, portal_id: int, holdout_id: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """What became of them (`experiments.counted`)."""
    experiments.counted(conn, holdout_leads, portal_id, holdout_id, rows)


def held_out(portal_id: int, contact_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether that contact is held out by an experiment that runs: for conditions of queries. The
    contacts are looked up once, not row by row."""
    same = sa.and_(h.portal_id == m.portal_id, h.holdout_id == m.holdout_id)
    return contact_id.in_(
        sa.select(m.contact_id)
        .select_from(holdout_leads.join(holdouts, same))
        .where(m.portal_id == portal_id, m.held, h.ended_at.is_(None))
    )


def are_held(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> set[str]:
    """Who of these is held out now."""
    one = running(conn, portal_id)
    if one is None:
        return set()
    return {cid for cid, held in arms(conn, portal_id, one.holdout_id, contact_ids).items() if held}
