"""Runs of the workflow action "Score lead" that wait for their score, or were answered.

One row per `callbackId`, so that HubSpot's repeats get the same answer and are scored once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import BATCH_LEADS
from backend.storage.database import insert_once
from backend.storage.outbox import due_rows
from backend.storage.outbox.due_rows import WORKFLOWS
from backend.storage.tables.leads import leads
from backend.storage.tables.outbox import executions

WAITING, ANSWERED, COMPLETED, EXPIRED = "waiting", "answered", "completed", "expired"


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of the action. `answer` is what the workflow was or is to be told."""

    callback_id: str
    contact_id: str
    state: str
    needs_version: int
    answer: Mapping[str, str] | None
    attempts: int
    created_at: datetime
    expires_at: datetime

    @property
    def as_read(self) -> Mapping[str, str]:
        """Names the row."""
        return {"callback_id": self.callback_id}


def _execution(row: sa.Row[Any]) -> Execution:
    return Execution(**{name: getattr(row, name) for name in Execution.__dataclass_fields__})


def begin(
    conn: Connection,
    portal_id: int,
    callback_id: str,
    contact_id: str,
    *,
    state: str,
    needs_version: int,
    answer: Mapping[str, str] | None,
    now: datetime,
    expires_at: datetime,
) -> bool:
    """Note it before HubSpot is answered; False when this callback is known already."""
    row = {
        "portal_id": portal_id,
        "callback_id": callback_id,
        "contact_id": contact_id,
        "state": state,
        "needs_version": needs_version,
        "answer": None if answer is None else dict(answer),
        "created_at": now,
        "expires_at": expires_at,
        "due_at": now if state == WAITING else None,
        "finished_at": None if state == WAITING else now,
    }
    return insert_once(conn, executions, row)


def get(conn: Connection, portal_id: int, callback_id: str) -> Execution | None:
    """None when this callback never came."""
    row = conn.execute(
        sa.select(executions).where(
            executions.c.portal_id == portal_id, executions.c.callback_id == callback_id
        )
    ).first()
    return None if row is None else _execution(row)


def ready(
    conn: Connection, portal_id: int, now: datetime, *, limit: int = BATCH_LEADS
) -> list[Execution]:
    """Waiting runs that can be answered: scored since, failed, no lead, gone, or expired."""
    unscored = sa.exists().where(
        leads.c.portal_id == executions.c.portal_id,
        leads.c.contact_id == executions.c.contact_id,
        leads.c.scored_version < executions.c.needs_version,
        leads.c.parked_at.is_(None),
    )
    settled = sa.or_(~unscored, executions.c.expires_at <= now)
    rows = due_rows.due(conn, WORKFLOWS, portal_id, now, settled, limit=limit)
    return [_execution(row) for row in rows]


def finish(
    conn: Connection,
    portal_id: int,
    told: Mapping[str, Mapping[str, str] | None],
    state: str,
    now: datetime,
) -> None:
    """Completed with these answers by callback id, or expired before they could be."""
    for callback_id, answer in told.items():
        conn.execute(
            sa.update(executions)
            .where(executions.c.portal_id == portal_id, executions.c.callback_id == callback_id)
            .values(
                state=state,
                answer=None if answer is None else dict(answer),
                due_at=None,
                finished_at=now,
                problem="",
            )
        )


def any_waits(conn: Connection, portal_id: int, contact_ids: Collection[str]) -> bool:
    """Whether a workflow waits for one of these."""
    query = sa.select(
        sa.exists().where(
            executions.c.portal_id == portal_id,
            executions.c.state == WAITING,
            executions.c.contact_id.in_(sorted(contact_ids)),
        )
    )
    return bool(conn.execute(query).scalar_one())


def follow(conn: Connection, portal_id: int, gone: Collection[str], survivor: str) -> None:
    """Contacts were merged: the workflow gets the survivor's score.

    Any score of the survivor answers it: versions are counted per contact.
    """
    conn.execute(
        sa.update(executions)
        .where(executions.c.portal_id == portal_id, executions.c.contact_id.in_(sorted(gone)))
        .values(contact_id=survivor, needs_version=1)
    )


def leave(conn: Connection, portal_id: int, contact_ids: Sequence[str], now: datetime) -> None:
    """The lead is erased: who it was is forgotten, and a waiting workflow is told to go on."""
    conn.execute(
        sa.update(executions)
        .where(executions.c.portal_id == portal_id, executions.c.contact_id.in_(contact_ids))
        .values(contact_id="", answer=None, problem="")
    )
