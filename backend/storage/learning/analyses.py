"""Answers already paid for, and what each portal spent today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from backend.model import Usage
from backend.slices import slices
from backend.storage.database import upsert
from backend.storage.tables.learning import analyses, refused_questions, usage_days

_BOOKING = 4_101  # our number among Postgres's advisory locks
REFUSED_KEPT = timedelta(days=30)  # then a refused question may be asked once more
RESERVED = "reserved"  # the provider under which questions are booked until they are answered


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer with the hash of the whole question, and of the part that it stands on."""

    request_hash: str
    basis_hash: str
    body: dict[str, Any]


def known(
    conn: Connection, portal_id: int, kind: str, contact_ids: Sequence[str]
) -> dict[str, Kept]:
    """By contact id."""
    rows = conn.execute(
        sa.select(analyses).where(
            analyses.c.portal_id == portal_id,
            analyses.c.kind == kind,
            analyses.c.contact_id.in_(contact_ids),
        )
    )
    return {r.contact_id: Kept(r.request_hash, r.basis_hash or "", r.body) for r in rows}


def of_questions(
    conn: Connection, portal_id: int, kind: str, hashes: Sequence[str]
) -> dict[str, Kept]:
    """Answers by the hash of the question, whoever of the portal's leads it was asked for."""
    found: dict[str, Kept] = {}
    for part in slices(hashes):
        rows = conn.execute(
            sa.select(analyses).where(
                analyses.c.portal_id == portal_id,
                analyses.c.kind == kind,
                analyses.c.request_hash.in_(part),
            )
        )
        found |= {r.request_hash: Kept(r.request_hash, r.basis_hash or "", r.body) for r in rows}
    return found


def refused(
    conn: Connection, portal_id: int, kind: str, hashes: Sequence[str], now: datetime
) -> set[str]:
    """Which of these questions a model would not answer lately, for whichever lead."""
    found: set[str] = set()
    for part in slices(hashes):
        rows = conn.execute(
            sa.select(refused_questions.c.request_hash).where(
                refused_questions.c.portal_id == portal_id,
                refused_questions.c.kind == kind,
                refused_questions.c.request_hash.in_(part),
                refused_questions.c.created_at > now - REFUSED_KEPT,
            )
        )
        found |= {row.request_hash for row in rows}
    return found


def refuse(
    conn: Connection, portal_id: int, kind: str, questions: Mapping[str, str], now: datetime
) -> None:
    """Remember by contact the hash of the question that was not answered."""
    upsert(
        conn,
        refused_questions,
        [
            {
                "portal_id": portal_id,
                "contact_id": contact_id,
                "kind": kind,
                "request_hash": request_hash,
                "created_at": now,
            }
            for contact_id, request_hash in questions.items()
        ],
    )


def remember(
    conn: Connection,
    portal_id: int,
    kind: str,
    answers: Mapping[str, Kept],
    now: datetime,
) -> None:
    """Keep the newest answer of each lead."""
    upsert(
        conn,
        analyses,
        [
            {
                "portal_id": portal_id,
                "contact_id": contact_id,
                "kind": kind,
                "request_hash": kept.request_hash,
                "basis_hash": kept.basis_hash,
                "body": kept.body,
                "created_at": now,
            }
            for contact_id, kept in answers.items()
        ],
    )


def spend(conn: Connection, portal_id: int, provider: str, usage: Usage, now: datetime) -> None:
    """Add to the day's bill; a negative usage takes a booking back."""
    if usage == Usage():
        return
    insert: Any = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    added = {
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost_micro_usd": usage.cost_micro_usd,
    }
    statement = insert(usage_days).values(
        portal_id=portal_id, day=now.date(), provider=provider, **added
    )
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["portal_id", "day", "provider"],
            set_={name: usage_days.c[name] + value for name, value in added.items()},
        )
    )


def spent_today(conn: Connection, portal_id: int, now: datetime) -> Usage:
    """All providers together."""
    u = usage_days
    row = conn.execute(
        sa.select(
            *(
                sa.func.coalesce(sa.func.sum(u.c[name]), 0)
                for name in ("calls", "prompt_tokens", "completion_tokens", "cost_micro_usd")
            )
        ).where(u.c.portal_id == portal_id, u.c.day == now.date())
    ).one()
    return Usage(*(int(value) for value in row))


def one_at_a_time(conn: Connection, portal_id: int) -> None:
    """Hold back other bookings of the portal until this transaction ends (SQLite does anyway)."""
    if conn.dialect.name != "sqlite":
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_BOOKING, portal_id % 2**31)))
