"""What reps say of a score: one row per lead and user, the newest word replaces the older."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import upsert
from backend.storage.tables.leads import feedback, lead_summaries


@dataclass(frozen=True, slots=True)
class Feedback:
    """`reason` is "" with an agreement; `score` is the one the rep looked at. `comment` is for
    people: no model ever gets it."""

    agrees: bool
    reason: str
    score: int
    comment: str = field(default="", kw_only=True)


def save(
    conn: Connection,
    portal_id: int,
    contact_id: str,
    user_id: str,
    given: Feedback,
    now: datetime,
) -> None:
    """Saying the same twice is saying it once."""
    upsert(
        conn,
        feedback,
        [
            {
                "portal_id": portal_id,
                "contact_id": contact_id,
                "user_id": user_id,
                "agrees": given.agrees,
                "reason": given.reason,
                "score": given.score,
                "comment": given.comment,
                "created_at": now,
            }
        ],
    )


def withdraw(
    conn: Connection, portal_id: int, contact_id: str, user_id: str, *, comment: str
) -> None:
    """Unsay what this user said with exactly this comment; a newer word stays."""
    conn.execute(
        sa.delete(feedback).where(
            feedback.c.portal_id == portal_id,
            feedback.c.contact_id == contact_id,
            feedback.c.user_id == user_id,
            feedback.c.comment == comment,
        )
    )


def of_user(conn: Connection, portal_id: int, contact_id: str, user_id: str) -> Feedback | None:
    """What this user said of this lead."""
    row = conn.execute(
        sa.select(feedback).where(
            feedback.c.portal_id == portal_id,
            feedback.c.contact_id == contact_id,
            feedback.c.user_id == user_id,
        )
    ).first()
    return None if row is None else Feedback(row.agrees, row.reason, row.score, comment=row.comment)


@dataclass(frozen=True, slots=True)
class Word(Feedback):
    """Somebody's word on a lead, and when it was said."""

    said_at: datetime


@dataclass(frozen=True, slots=True)
class Dispute(Word):
    """A disagreement beside what became of its lead: the score and band it has now (None and ""
    for what is no lead any more), and "won", "lost" or ""."""

    contact_id: str
    score_now: int | None
    band_now: str
    outcome: str


def disputes(conn: Connection, portal_id: int, limit: int) -> list[Dispute]:
    """What reps disagreed with, newest first."""
    now = lead_summaries.c
    same = sa.and_(now.portal_id == feedback.c.portal_id, now.contact_id == feedback.c.contact_id)
    rows = conn.execute(
        sa.select(feedback, now.score.label("score_now"), now.band, now.outcome)
        .select_from(feedback.outerjoin(lead_summaries, same))
        .where(feedback.c.portal_id == portal_id, feedback.c.agrees.is_(False))
        .order_by(feedback.c.created_at.desc(), feedback.c.contact_id, feedback.c.user_id)
        .limit(limit)
    )
    return [
        Dispute(
            False,
            row.reason,
            row.score,
            row.created_at,
            row.contact_id,
            row.score_now,
            row.band or "" if row.score_now is not None else "",
            row.outcome or "",
            comment=row.comment,
        )
        for row in rows
    ]


def of_lead(conn: Connection, portal_id: int, contact_id: str) -> list[Word]:
    """What was said of this lead, newest first."""
    rows = conn.execute(
        sa.select(feedback)
        .where(feedback.c.portal_id == portal_id, feedback.c.contact_id == contact_id)
        .order_by(feedback.c.created_at.desc())
    )
    return [
        Word(row.agrees, row.reason, row.score, row.created_at, comment=row.comment) for row in rows
    ]
