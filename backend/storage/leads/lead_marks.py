"""The working list: leads with something to do, without those that their owner has put aside."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import NotFound
from backend.model import NextAction
from backend.storage.database import upsert
from backend.storage.outbox.explorations import open_offers
from backend.storage.outbox.holdouts import held_out
from backend.storage.tables.leads import lead_marks, lead_summaries, leads

Kind = Literal["done", "snoozed", "not_a_lead"]
NOT_A_LEAD: Final[Kind] = "not_a_lead"
_NEVER: Final = sa.literal(date.min, sa.Date)
_ACTIONS: Final = (NextAction.CALL.value, NextAction.EMAIL.value)

s, m, k = lead_summaries.c, lead_marks.c, leads.c


def put(
    conn: Connection,
    portal_id: int,
    contact_id: str,
    kind: Kind,
    until: datetime | None,
    *,
    made_by: str,
    now: datetime,
) -> int:
    """Take a lead off the list: until a moment (None: for good), and before it where the lead does
    something; one that is `not_a_lead` stays away. Returns its score. Raises NotFound where no such
    lead is scored."""
    row = conn.execute(
        sa.select(s.score, s.last_sign_on, s.engagement_points).where(
            s.portal_id == portal_id, s.contact_id == contact_id, s.score.is_not(None)
        )
    ).first()
    if row is None:
        raise NotFound("no such lead in this portal")
    values = {
        "portal_id": portal_id,
        "contact_id": contact_id,
        "kind": kind,
        "until": until,
        "sign_on": row.last_sign_on,
        "engagement_points": row.engagement_points,
        "made_by": made_by,
        "made_at": now,
    }
    upsert(conn, lead_marks, [values])
    return int(row.score)


def remove(conn: Connection, portal_id: int, contact_id: str) -> tuple[str, str] | None:
    """Back on the list: (kind, made_by) of the mark, None where there was none."""
    gone = conn.execute(
        sa.delete(lead_marks)
        .where(m.portal_id == portal_id, m.contact_id == contact_id)
        .returning(m.kind, m.made_by)
    ).first()
    return None if gone is None else (gone.kind, gone.made_by)


def working(
    conn: Connection, portal_id: int, owner_id: str, *, since: datetime, now: datetime, limit: int
) -> list[sa.RowMapping]:
    """An owner's leads to call or write to, those that changed since `since` first, then by band,
    chance, score and freshness. Whom an experiment holds out is not among them; who is `offered`
    by one stands behind the High leads, or nobody would ever come to them."""
    offered = s.contact_id.in_(open_offers(portal_id, now))
    bands = sa.case((s.band == "High", 0), (offered, 1), (s.band == "Medium", 2), else_=3)
    changed = sa.case((s.changed_at >= since, 0), else_=1)
    rows = conn.execute(
        sa.select(lead_summaries, k.person_sealed, offered.label("offered"))
        .select_from(_marked())
        .where(*_to_do(portal_id, owner_id, now))
        .order_by(
            changed,
            bands,
            sa.func.coalesce(s.chance, 0.0).desc(),
            s.score.desc(),
            s.unclamped.desc(),
            sa.func.coalesce(s.last_sign_on, _NEVER).desc(),
            s.contact_id,
        )
        .limit(limit)
    )
    return list(rows.mappings())


def aside(
    conn: Connection, portal_id: int, owner_id: str, *, now: datetime, limit: int
) -> list[sa.RowMapping]:
    """Those of the owner's leads that are put aside, the last first."""
    rows = conn.execute(
        sa.select(s.contact_id, k.person_sealed, m.kind, m.until, m.made_at)
        .select_from(_marked())
        .where(s.portal_id == portal_id, s.owner_id == owner_id, _aside(now))
        .order_by(m.made_at.desc(), s.contact_id)
        .limit(limit)
    )
    return list(rows.mappings())


def count(conn: Connection, portal_id: int, owner_id: str, now: datetime) -> int:
    """How many are on the list."""
    query = (
        sa.select(sa.func.count()).select_from(_marked()).where(*_to_do(portal_id, owner_id, now))
    )
    return int(conn.execute(query).scalar_one())


def _marked() -> sa.Join:
    mine = sa.and_(m.portal_id == s.portal_id, m.contact_id == s.contact_id)
    known = sa.and_(k.portal_id == s.portal_id, k.contact_id == s.contact_id)
    return lead_summaries.join(leads, known).outerjoin(lead_marks, mine)


def _to_do(portal_id: int, owner_id: str, now: datetime) -> list[sa.ColumnElement[bool]]:
    return [
        s.portal_id == portal_id,
        s.owner_id == owner_id,
        s.score.is_not(None),
        s.next_action.in_(_ACTIONS) | s.contact_id.in_(open_offers(portal_id, now)),
        sa.not_(held_out(portal_id, s.contact_id)),
        sa.not_(_aside(now)),
    ]


def _aside(now: datetime) -> sa.ColumnElement[bool]:
    """Marked, its time not over, and nothing new from the lead since."""
    quiet = sa.and_(
        sa.func.coalesce(s.last_sign_on, _NEVER) <= sa.func.coalesce(m.sign_on, _NEVER),
        s.engagement_points <= m.engagement_points,
        sa.or_(m.until.is_(None), m.until > now),
    )
    return sa.func.coalesce(sa.or_(m.kind == NOT_A_LEAD, quiet), sa.false())
