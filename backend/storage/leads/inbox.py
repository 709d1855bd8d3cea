"""The inbox: every accepted event is a row before it is acknowledged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.slices import SLICE
from backend.storage.database import insert_new
from backend.storage.tables.leads import inbox_events


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to store. `related` holds ids of merges and associations, never values."""

    portal_id: int
    dedupe_key: str
    object_type: str
    object_id: str
    change: str
    property_name: str
    occurred_at: datetime
    related: dict[str, Any]
    state: str = "waiting"  # or "done" (the lead is due already), "quarantined"
    problem: str = ""  # why it is quarantined


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """A stored event that has not been turned into due leads yet."""

    event_row: int
    object_type: str
    object_id: str
    change: str
    related: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """A change that HubSpot would not let us read, and would not again."""

    object_type: str
    object_id: str
    attempts: int
    received_at: datetime
    problem: str


def add(conn: Connection, events: Sequence[NewEvent], now: datetime) -> list[NewEvent]:
    """Store what is new and return just that; a repeat of a stored event is dropped."""
    unique = {(event.portal_id, event.dedupe_key): event for event in events}
    if not unique:
        return []
    inserted = conn.execute(
        insert_new(conn, inbox_events).returning(
            inbox_events.c.portal_id, inbox_events.c.dedupe_key
        ),
        [_row(event, now) for event in unique.values()],
    )
    new = {(row.portal_id, row.dedupe_key) for row in inserted}
    return [event for key, event in unique.items() if key in new]


def _row(event: NewEvent, now: datetime) -> dict[str, Any]:
    return {
        "portal_id": event.portal_id,
        "dedupe_key": event.dedupe_key,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "change": event.change,
        "property_name": event.property_name,
        "related": event.related,
        "occurred_at": event.occurred_at,
        "received_at": now,
        "state": event.state,
        "due_at": now,
        "problem": event.problem,
    }


def waiting(conn: Connection, portal_id: int, now: datetime) -> list[WaitingEvent]:
    """Due events in order of arrival, as many as one read takes."""
    return _events(
        conn,
        inbox_events.c.portal_id == portal_id,
        inbox_events.c.state == "waiting",
        inbox_events.c.due_at <= now,
    )


def still_waiting(conn: Connection, event_rows: Sequence[int]) -> list[WaitingEvent]:
    """Those of these that nobody has finished, in order of arrival."""
    return _events(conn, inbox_events.c.id.in_(event_rows), inbox_events.c.state == "waiting")


def _events(conn: Connection, *which: sa.ColumnElement[bool]) -> list[WaitingEvent]:
    query = sa.select(inbox_events).where(*which).order_by(inbox_events.c.id).limit(SLICE)
    return [
        WaitingEvent(r.id, r.object_type, r.object_id, r.change, r.related, r.attempts)
        for r in conn.execute(query)
    ]


def finish(conn: Connection, event_rows: Sequence[int]) -> None:
    """These events have become due leads, or concern nobody."""
    if event_rows:
        conn.execute(
            sa.update(inbox_events).where(inbox_events.c.id.in_(event_rows)).values(state="done")
        )


def fail(conn: Connection, event_row: int, problem: str) -> None:
    """HubSpot refuses what the event asks for, and would again."""
    conn.execute(
        sa.update(inbox_events)
        .where(inbox_events.c.id == event_row)
        .values(state="failed", problem=problem[:500], attempts=inbox_events.c.attempts + 1)
    )


def failed(conn: Connection, portal_id: int, *, limit: int = 200) -> list[FailedEvent]:
    """The last first."""
    rows = conn.execute(
        sa.select(
            inbox_events.c.object_type,
            inbox_events.c.object_id,
            inbox_events.c.attempts,
            inbox_events.c.received_at,
            inbox_events.c.problem,
        )
        .where(inbox_events.c.portal_id == portal_id, inbox_events.c.state == "failed")
        .order_by(inbox_events.c.id.desc())
        .limit(limit)
    )
    return [FailedEvent(*row) for row in rows]


def replay(
    conn: Connection,
    portal_id: int,
    now: datetime,
    object_ids: Collection[str] | None = None,
    *,
    cause: str | None = None,
) -> int:
    """Take up failed events again: all, of the named objects, or with exactly this error."""
    query = sa.update(inbox_events).where(
        inbox_events.c.portal_id == portal_id, inbox_events.c.state == "failed"
    )
    if object_ids is not None:
        query = query.where(inbox_events.c.object_id.in_(object_ids))
    if cause is not None:
        query = query.where(inbox_events.c.problem == cause)
    return conn.execute(query.values(state="waiting", attempts=0, due_at=now, problem="")).rowcount


def put_off(conn: Connection, event_row: int, due_at: datetime) -> None:
    """Try again later: HubSpot is unwell, or does not know the association yet."""
    conn.execute(
        sa.update(inbox_events)
        .where(inbox_events.c.id == event_row)
        .values(due_at=due_at, attempts=inbox_events.c.attempts + 1)
    )


def portals_waiting(conn: Connection, now: datetime) -> list[int]:
    """Portals with events to fan out."""
    rows = conn.execute(
        sa.select(inbox_events.c.portal_id)
        .where(inbox_events.c.state == "waiting", inbox_events.c.due_at <= now)
        .distinct()
    )
    return [row.portal_id for row in rows]


def count(conn: Connection, portal_id: int | None = None, state: str | None = None) -> int:
    """Stored events, for health and tests."""
    query = sa.select(sa.func.count()).select_from(inbox_events)
    if portal_id is not None:
        query = query.where(inbox_events.c.portal_id == portal_id)
    if state is not None:
        query = query.where(inbox_events.c.state == state)
    return int(conn.execute(query).scalar_one())


def last_received_at(conn: Connection, portal_id: int) -> datetime | None:
    """When this portal's webhooks were last heard."""
    query = sa.select(sa.func.max(inbox_events.c.received_at)).where(
        inbox_events.c.portal_id == portal_id
    )
    found: datetime | None = conn.execute(query).scalar_one()
    return found
