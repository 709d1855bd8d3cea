"""Experiments that offer a share of the Low leads for follow-up, and who was offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.model import Band, NextAction
from backend.slices import slices
from backend.storage.database import upsert
from backend.storage.outbox import experiments
from backend.storage.outbox.holdouts import held_out
from backend.storage.tables.leads import lead_summaries
from backend.storage.tables.outbox import exploration_leads, explorations

OFFER_DAYS: Final = 30  # an offer that nobody took up by then is over
x, m = explorations.c, exploration_leads.c


@dataclass(frozen=True, slots=True)
class Exploration:
    """One experiment: `share` per cent of the leads that are newly Low are offered, at most
    `per_week`; a win counts within `window_days`."""

    exploration_id: str
    share: int
    per_week: int
    window_days: int
    started_by: str
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explored:
    """A lead of an experiment, offered or not. `result` and what follows are as the last count
    found them."""

    contact_id: str
    company_mac: str
    offered: bool
    assigned_at: datetime
    result: str = "open"
    touch_minutes: int | None = None
    amount: float = 0.0


def listed(conn: Connection, portal_id: int) -> list[Exploration]:
    """Newest first."""
    rows = conn.execute(
        sa.select(explorations).where(x.portal_id == portal_id).order_by(x.started_at.desc())
    ).mappings()
    names = Exploration.__slots__
    return [Exploration(**{name: row[name] for name in names}) for row in rows]


def running(conn: Connection, portal_id: int) -> Exploration | None:
    """The one that has not ended."""
    return next((one for one in listed(conn, portal_id) if one.ended_at is None), None)


def begin(conn: Connection, portal_id: int, exploration: Exploration) -> None:
    """Store a new one."""
    values = {name: getattr(exploration, name) for name in Exploration.__slots__}
    conn.execute(sa.insert(explorations).values(portal_id=portal_id, **values))


def end(conn: Connection, portal_id: int, exploration_id: str, now: datetime) -> None:
    """From now on nobody new is offered."""
    conn.execute(
        sa.update(explorations)
        .where(x.portal_id == portal_id, x.exploration_id == exploration_id, x.ended_at.is_(None))
        .values(ended_at=now)
    )


def known(
    conn: Connection, portal_id: int, exploration_id: str, contact_ids: Sequence[str]
) -> set[str]:
    """Who of these is in an arm already."""
    found: set[str] = set()
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(m.contact_id).where(
                m.portal_id == portal_id,
                m.exploration_id == exploration_id,
                m.contact_id.in_(part),
            )
        )
        found |= {row.contact_id for row in rows}
    return found


def offered_since(conn: Connection, portal_id: int, since: datetime) -> int:
    """How many leads were offered since then, by any experiment."""
    query = sa.select(sa.func.count()).where(
        m.portal_id == portal_id, m.offered, m.assigned_at > since
    )
    return int(conn.execute(query).scalar_one())


def assign(conn: Connection, portal_id: int, exploration_id: str, new: Sequence[Explored]) -> None:
    """Put leads into their arms; who is in one stays there."""
    rows = [
        {
            "portal_id": portal_id,
            "exploration_id": exploration_id,
            "contact_id": one.contact_id,
            "company_mac": one.company_mac,
            "offered": one.offered,
            "assigned_at": one.assigned_at,
        }
        for one in new
    ]
    upsert(conn, exploration_leads, rows, update=())


def members(conn: Connection, portal_id: int, exploration_id: str) -> list[Explored]:
    """In the order in which they were assigned."""
    rows = conn.execute(
        sa.select(exploration_leads)
        .where(m.portal_id == portal_id, m.exploration_id == exploration_id)
        .order_by(m.assigned_at, m.contact_id)
    ).mappings()
    names = Explored.__slots__
    return [Explored(**{name: row[name] for name in names}) for row in rows]


def counted(
    conn: Connection, portal_id: int, exploration_id: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """What became of them (`experiments.counted`)."""
    experiments.counted(conn, exploration_leads, portal_id, exploration_id, rows)


def open_offers(portal_id: int, now: datetime) -> sa.Select[tuple[str]]:
    """Contact ids of the leads that wait to be followed up because they were offered: Low still,
    not called, written to or met since, something can be done, and `OFFER_DAYS` are not over. Whom
    a holdout leaves alone is not among them."""
    s = lead_summaries.alias("offered_summaries").c
    lead = sa.and_(s.portal_id == m.portal_id, s.contact_id == m.contact_id)
    touched_at = sa.func.coalesce(s.last_touch_at, s.first_touch_at)
    return (
        sa.select(m.contact_id)
        .select_from(exploration_leads.join(s.contact_id.table, lead))
        .where(
            m.portal_id == portal_id,
            m.offered,
            m.assigned_at > now - timedelta(days=OFFER_DAYS),
            touched_at.is_(None) | (touched_at <= m.assigned_at),
            s.band == Band.LOW.value,
            s.next_action != NextAction.NONE.value,
            ~held_out(portal_id, m.contact_id),
        )
    )


def is_offered(conn: Connection, portal_id: int, contact_id: str, now: datetime) -> bool:
    """Whether this lead waits because it was offered."""
    query = open_offers(portal_id, now).where(m.contact_id == contact_id)
    return conn.execute(query).first() is not None
