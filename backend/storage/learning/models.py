"""Model versions of a portal: a challenger is trained, published, retired, brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import NotFound
from backend.scoring.scorecard.scorecard import Scorecard
from backend.slices import slices
from backend.storage.database import upsert
from backend.storage.tables.leads import feedback
from backend.storage.tables.learning import as_of_facts, models


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One trained model. `report` is the plain JSON that training and its backtest left."""

    version: int
    state: str  # challenger, published, retired
    report: Mapping[str, Any]
    made_by: str
    created_at: datetime
    published_at: datetime | None


def add(
    conn: Connection,
    portal_id: int,
    scorecard: Scorecard,
    report: Mapping[str, Any],
    *,
    made_by: str,
    now: datetime,
) -> int:
    """Store a challenger; its version."""
    newest = conn.execute(
        sa.select(sa.func.coalesce(sa.func.max(models.c.version), 0)).where(
            models.c.portal_id == portal_id
        )
    ).scalar_one()
    version = int(newest) + 1
    conn.execute(
        sa.insert(models).values(
            portal_id=portal_id,
            version=version,
            state="challenger",
            scorecard=scorecard.model_dump(mode="json"),
            report=dict(report),
            made_by=made_by,
            created_at=now,
        )
    )
    return version


def publish(conn: Connection, portal_id: int, version: int, now: datetime) -> None:
    """Make this the one published version. Raises NotFound."""
    mine = models.c.portal_id == portal_id
    known = conn.execute(sa.select(models.c.version).where(mine, models.c.version == version))
    if known.first() is None:
        raise NotFound(f"portal {portal_id} has no model version {version}")
    conn.execute(
        sa.update(models).where(mine, models.c.state == "published").values(state="retired")
    )
    conn.execute(
        sa.update(models)
        .where(mine, models.c.version == version)
        .values(state="published", published_at=now)
    )


def unpublish(conn: Connection, portal_id: int) -> None:
    """Back to the formula without outcomes."""
    conn.execute(
        sa.update(models)
        .where(models.c.portal_id == portal_id, models.c.state == "published")
        .values(state="retired")
    )


def published(conn: Connection, portal_id: int) -> tuple[int, Scorecard] | None:
    """The version in use and its scorecard; None while the formula scores."""
    row = conn.execute(
        sa.select(models).where(models.c.portal_id == portal_id, models.c.state == "published")
    ).first()
    return None if row is None else (row.version, Scorecard.model_validate(row.scorecard))


def scorecard(conn: Connection, portal_id: int, version: int) -> Scorecard:
    """Raises NotFound."""
    row = conn.execute(
        sa.select(models.c.scorecard).where(
            models.c.portal_id == portal_id, models.c.version == version
        )
    ).first()
    if row is None:
        raise NotFound(f"portal {portal_id} has no model version {version}")
    return Scorecard.model_validate(row.scorecard)


def listed(conn: Connection, portal_id: int) -> list[ModelVersion]:
    """Newest first."""
    rows = conn.execute(
        sa.select(models).where(models.c.portal_id == portal_id).order_by(models.c.version.desc())
    )
    return [
        ModelVersion(r.version, r.state, r.report, r.made_by, r.created_at, r.published_at)
        for r in rows
    ]


def one(conn: Connection, portal_id: int, version: int) -> ModelVersion:
    """Raises NotFound."""
    found = next((v for v in listed(conn, portal_id) if v.version == version), None)
    if found is None:
        raise NotFound(f"portal {portal_id} has no model version {version}")
    return found


def previous(conn: Connection, portal_id: int) -> int | None:
    """The version published before the present one, for a roll-back; None: the formula."""
    rows = conn.execute(
        sa.select(models.c.version, models.c.state)
        .where(models.c.portal_id == portal_id, models.c.published_at.is_not(None))
        .order_by(models.c.published_at.desc())
    )
    older = [row.version for row in rows if row.state == "retired"]
    return older[0] if older else None


@dataclass(frozen=True, slots=True)
class PastFacts:
    """A contact's facts at `as_of`; `late` says of every fact it has today whether it was first
    written after the outcome."""

    as_of: datetime
    facts: Mapping[str, str]
    late: Mapping[str, bool]


def known_facts(
    conn: Connection, portal_id: int, contact_ids: Sequence[str]
) -> dict[str, PastFacts]:
    """Facts as they were at a time, cached so that HubSpot's history is read once per outcome."""
    found: dict[str, PastFacts] = {}
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(as_of_facts).where(
                as_of_facts.c.portal_id == portal_id,
                as_of_facts.c.contact_id.in_(part),
                as_of_facts.c.late.is_not(None),
            )
        )
        found |= {row.contact_id: PastFacts(row.as_of, row.facts, row.late) for row in rows}
    return found


def remember_facts(conn: Connection, portal_id: int, facts: Mapping[str, PastFacts]) -> None:
    """Cache the facts of leads with outcomes."""
    upsert(
        conn,
        as_of_facts,
        [
            {
                "portal_id": portal_id,
                "contact_id": contact_id,
                "as_of": past.as_of,
                "facts": dict(past.facts),
                "late": dict(past.late),
            }
            for contact_id, past in facts.items()
        ],
    )


@dataclass(frozen=True, slots=True)
class StoredOpinion:
    """A rep's word on the score a lead had then."""

    contact_id: str
    agrees: bool
    reason: str
    score: int
    said_at: datetime


def opinions(conn: Connection, portal_id: int) -> list[StoredOpinion]:
    """What reps said, oldest first."""
    rows = conn.execute(
        sa.select(feedback)
        .where(feedback.c.portal_id == portal_id)
        .order_by(feedback.c.created_at, feedback.c.contact_id, feedback.c.user_id)
    )
    return [StoredOpinion(r.contact_id, r.agrees, r.reason, r.score, r.created_at) for r in rows]


def published_before(conn: Connection, before: datetime) -> list[int]:
    """Portals whose model has been in use since before that time."""
    rows = conn.execute(
        sa.select(models.c.portal_id)
        .where(models.c.state == "published", models.c.published_at < before)
        .order_by(models.c.portal_id)
    )
    return [row.portal_id for row in rows]
