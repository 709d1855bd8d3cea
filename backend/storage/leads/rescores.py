"""Rescores asked for by a person: which version of the lead they need."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import NotFound
from backend.storage.tables.leads import leads, rescores, scores


@dataclass(frozen=True, slots=True)
class StoredRescore:
    """`state` is waiting, changed, unchanged, failed or ineligible."""

    rescore_id: str
    contact_id: str
    state: str
    problem: str


def ask(
    conn: Connection, portal_id: int, contact_id: str, *, requested_by: str, now: datetime
) -> str:
    """Store a request for the lead's present due version, or return the one that waits already.

    The lead has been marked due in the same transaction.
    """
    lead = conn.execute(
        sa.select(leads).where(leads.c.portal_id == portal_id, leads.c.contact_id == contact_id)
    ).one()
    before = conn.execute(
        sa.select(scores.c.score).where(
            scores.c.portal_id == portal_id, scores.c.contact_id == contact_id
        )
    ).scalar_one_or_none()
    rescore_id = secrets.token_hex(12)
    conn.execute(
        sa.insert(rescores).values(
            portal_id=portal_id,
            rescore_id=rescore_id,
            contact_id=contact_id,
            needs_version=lead.due_version,
            score_before=before,
            requested_by=requested_by,
            requested_at=now,
        )
    )
    return rescore_id


def waiting(conn: Connection, portal_id: int, contact_id: str) -> str | None:
    """The id of an unanswered request for this lead, so that two presses are one."""
    return conn.execute(
        sa.select(rescores.c.rescore_id)
        .join(
            leads,
            sa.and_(
                leads.c.portal_id == rescores.c.portal_id,
                leads.c.contact_id == rescores.c.contact_id,
            ),
        )
        .where(
            rescores.c.portal_id == portal_id,
            rescores.c.contact_id == contact_id,
            leads.c.scored_version < rescores.c.needs_version,
            leads.c.parked_at.is_(None),
            leads.c.claim_token.is_(None),
        )
        .order_by(rescores.c.requested_at.desc())
        .limit(1)
    ).scalar_one_or_none()


def get(conn: Connection, portal_id: int, rescore_id: str) -> StoredRescore:
    """Raises NotFound, also for another portal's id."""
    row = conn.execute(
        sa.select(rescores, leads, scores.c.score.label("score_now"))
        .join(
            leads,
            sa.and_(
                leads.c.portal_id == rescores.c.portal_id,
                leads.c.contact_id == rescores.c.contact_id,
            ),
        )
        .outerjoin(
            scores,
            sa.and_(
                scores.c.portal_id == rescores.c.portal_id,
                scores.c.contact_id == rescores.c.contact_id,
            ),
        )
        .where(rescores.c.portal_id == portal_id, rescores.c.rescore_id == rescore_id)
    ).first()
    if row is None:
        raise NotFound("no such rescore")
    return StoredRescore(rescore_id, row.contact_id, _state(row), row.problem)


def _state(row: sa.Row[tuple[object, ...]]) -> str:
    if row.scored_version >= row.needs_version:
        if row.ineligible_reason:
            return "ineligible"
        return "unchanged" if row.score_now == row.score_before else "changed"
    return "failed" if row.parked_at is not None else "waiting"
