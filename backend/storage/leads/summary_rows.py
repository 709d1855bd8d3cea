"""One narrow row per contact that is or was a lead: what lists and charts read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.flat import flat
from backend.model import Score
from backend.scoring.traits import Traits, engagement_points, fit_points
from backend.slices import slices
from backend.storage.database import upsert
from backend.storage.tables.leads import lead_summaries, leads


def save(
    conn: Connection,
    scored: Sequence[Score],
    before: Mapping[str, Score],
    traits: Mapping[str, Traits],
) -> None:
    """The rows of leads that have just been scored; an unchanged score keeps its time."""
    moved = [s for s in scored if _moved(before.get(s.contact_id), s)]
    still = [s for s in scored if not _moved(before.get(s.contact_id), s)]
    upsert(conn, lead_summaries, [_row(s, traits) | {"changed_at": s.scored_at} for s in moved])
    upsert(conn, lead_summaries, [_row(s, traits) for s in still])


def leave(conn: Connection, portal_id: int, traits: Mapping[str, Traits]) -> None:
    """They are no leads (any more): the last score they had stays, for what became of them."""
    rows = [
        {"portal_id": portal_id, "contact_id": contact_id, "score": None, "band": ""} | flat(known)
        for contact_id, known in traits.items()
    ]
    upsert(conn, lead_summaries, rows)


def _moved(old: Score | None, new: Score) -> bool:
    return old is None or (old.score, old.band) != (new.score, new.band)


def _row(score: Score, traits: Mapping[str, Traits]) -> dict[str, Any]:
    return flat(traits[score.contact_id]) | {
        "portal_id": score.portal_id,
        "contact_id": score.contact_id,
        "score": score.score,
        "last_score": score.score,
        "unclamped": score.unclamped,
        "band": score.band.value,
        "next_action": score.next_action.value,
        "chance": None if score.chance is None else score.chance.value,
        "fit_points": fit_points(score),
        "engagement_points": engagement_points(score),
    }


@dataclass(frozen=True, slots=True)
class FunnelCounts:
    """How many contacts came how far."""

    contacts: int
    leads: int
    scored: int
    high: int
    high_touched: int
    won: int


def funnel(conn: Connection, portal_id: int) -> FunnelCounts:
    """Counted over all contacts of the portal, whenever they came."""
    is_high = lead_summaries.c.band == "High"
    touched = lead_summaries.c.first_touch_at.is_not(None)
    row = conn.execute(
        sa.select(
            sa.func.count().label("known"),
            sa.func.count(lead_summaries.c.score).label("scored"),
            _count(is_high).label("high"),
            _count(is_high & touched).label("touched"),
            _count(lead_summaries.c.outcome == "won").label("won"),
        ).where(lead_summaries.c.portal_id == portal_id)
    ).one()
    contacts = _rows(conn, leads.c.portal_id == portal_id)
    out = _rows(conn, leads.c.portal_id == portal_id, leads.c.ineligible_reason > "")
    return FunnelCounts(contacts, contacts - out, row.scored, row.high, row.touched, row.won)


def _count(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((which, 1), else_=0)), 0)


def _rows(conn: Connection, *conditions: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(leads).where(*conditions)
    return int(conn.execute(query).scalar_one())


def distribution(conn: Connection, portal_id: int) -> list[int]:
    """Number of leads by score 0-100."""
    found = [0] * 101
    query = (
        sa.select(lead_summaries.c.score, sa.func.count().label("n"))
        .where(lead_summaries.c.portal_id == portal_id, lead_summaries.c.score >= 0)
        .group_by(lead_summaries.c.score)
    )
    for row in conn.execute(query):
        found[row.score] = row.n
    return found


def by_band(conn: Connection, portal_id: int) -> dict[str, int]:
    """Number of leads by band."""
    s = lead_summaries.c
    query = sa.select(s.band, sa.func.count().label("n")).where(
        s.portal_id == portal_id, s.score >= 0
    )
    return {row.band: row.n for row in conn.execute(query.group_by(s.band))}


@dataclass(frozen=True, slots=True)
class ScoreCount:
    """Leads with one score; `chances` of them have a chance, which add up to `chance_sum`."""

    score: int
    leads: int
    chances: int
    chance_sum: float


def score_counts(
    conn: Connection, portal_id: int, without_segments: Sequence[str] = ()
) -> list[ScoreCount]:
    """By score, lowest first, leaving out the leads of some segments."""
    rows = conn.execute(
        sa.select(
            lead_summaries.c.score,
            sa.func.count().label("n"),
            sa.func.count(lead_summaries.c.chance).label("chances"),
            sa.func.coalesce(sa.func.sum(lead_summaries.c.chance), 0.0).label("chance_sum"),
        )
        .where(
            lead_summaries.c.portal_id == portal_id,
            lead_summaries.c.score >= 0,
            lead_summaries.c.segment.not_in(without_segments),
        )
        .group_by(lead_summaries.c.score)
        .order_by(lead_summaries.c.score)
    )
    return [ScoreCount(r.score, r.n, r.chances, float(r.chance_sum)) for r in rows]


def colleagues(conn: Connection, portal_id: int, contact_id: str, limit: int) -> list[sa.Row[Any]]:
    """(contact_id, score, band, next_action) of other leads of the same company, best first."""
    mine = lead_summaries.alias()
    company = (
        sa.select(mine.c.company_name)
        .where(mine.c.portal_id == portal_id, mine.c.contact_id == contact_id)
        .scalar_subquery()
    )
    s = lead_summaries.c
    return list(
        conn.execute(
            sa.select(s.contact_id, s.score, s.band, s.next_action)
            .where(
                s.portal_id == portal_id,
                s.score >= 0,
                s.contact_id != contact_id,
                s.company_name == company,
                s.company_name != "",
            )
            .order_by(s.score.desc(), s.unclamped.desc(), s.contact_id)
            .limit(limit)
        )
    )


def scored_among(
    conn: Connection, portal_id: int, contact_ids: Sequence[str], limit: int
) -> list[sa.RowMapping]:
    """Rows of those of these contacts that have a score, best first."""
    return scored_of(conn, portal_id, {"": contact_ids}, limit)[""]


def scored_of(
    conn: Connection, portal_id: int, contacts: Mapping[str, Sequence[str]], limit: int
) -> dict[str, list[sa.RowMapping]]:
    """The same for many records at once: up to `limit` rows of each, given the contacts of each."""
    s = lead_summaries.c
    columns = (s.contact_id, s.score, s.unclamped, s.band, s.next_action)
    rows: dict[str, sa.RowMapping] = {}
    for part in slices(sorted({one for ids in contacts.values() for one in ids})):
        query = sa.select(*columns).where(
            s.portal_id == portal_id, s.contact_id.in_(part), s.score >= 0
        )
        rows |= {row["contact_id"]: row for row in conn.execute(query).mappings()}
    return {
        record_id: sorted(
            (rows[one] for one in ids if one in rows),
            key=lambda row: (-row["score"], -row["unclamped"], row["contact_id"]),
        )[:limit]
        for record_id, ids in contacts.items()
    }


def won(conn: Connection, portal_id: int, limit: int) -> list[str]:
    """Contacts that were won, the newest first."""
    s = lead_summaries.c
    query = (
        sa.select(s.contact_id)
        .where(s.portal_id == portal_id, s.outcome == "won")
        .order_by(s.outcome_at.desc(), s.contact_id)
        .limit(limit)
    )
    return list(conn.execute(query).scalars())


def known_values(conn: Connection, portal_id: int) -> tuple[int, dict[str, int]]:
    """(number of scored leads, how many of them have each fact that the list knows)."""
    facts = ("industry", "company_size", "revenue_range", "location", "technologies")
    s = lead_summaries.c
    row = conn.execute(
        sa.select(
            sa.func.count().label("leads"),
            *(_count(s[fact] != "").label(fact) for fact in facts),
        ).where(s.portal_id == portal_id, s.score >= 0)
    ).one()
    return row.leads, {fact: int(row._mapping[fact] or 0) for fact in facts}


def owner_and_company(conn: Connection, portal_id: int, contact_id: str) -> tuple[str, str]:
    """(owner id, company's name) of a lead, "" for what is not known."""
    row = conn.execute(
        sa.select(lead_summaries.c.owner_id, lead_summaries.c.company_name).where(
            lead_summaries.c.portal_id == portal_id, lead_summaries.c.contact_id == contact_id
        )
    ).first()
    return ("", "") if row is None else (row.owner_id, row.company_name)
