"""Work that waits in a table: what is due, put off, failed and taken up again, for every outbox.

A row waits while `due_at` is set and `parked_at` is not. A row with `parked_at` has failed for good
and waits for a person. Each outbox adds what only its own rows have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import BATCH_LEADS
from backend.slices import slices
from backend.storage.tables.outbox import (
    company_writes,
    deal_writes,
    executions,
    lead_writes,
    notifications,
    pending_writes,
    route_tasks,
    routings,
)
from backend.storage.tables.portals import portals

PROBLEM_MAX: Final = 500  # characters of an error that a row keeps
ANEW: Final[Mapping[str, Any]] = {"attempts": 0, "parked_at": None, "problem": ""}


@dataclass(frozen=True, slots=True)
class Outbox:
    """A table of waiting work. `key` tells a portal's rows apart; `job` is who does the work."""

    name: str
    table: sa.Table
    key: str
    job: str


WRITES: Final = Outbox("writes", pending_writes, "contact_id", "flush_writes")
COMPANY_SCORES: Final = Outbox("company scores", company_writes, "object_id", "flush_writes")
DEAL_SCORES: Final = Outbox("deal scores", deal_writes, "object_id", "flush_writes")
LEAD_SCORES: Final = Outbox("lead record scores", lead_writes, "object_id", "flush_writes")
LISTS: Final = Outbox("lists", routings, "contact_id", "flush_routes")
TASKS: Final = Outbox("tasks", route_tasks, "task_key", "flush_routes")
NOTIFICATIONS: Final = Outbox("notifications", notifications, "notification_id", "flush_routes")
WORKFLOWS: Final = Outbox("workflows", executions, "callback_id", "answer_workflows")
RECORDS: Final = (COMPANY_SCORES, DEAL_SCORES, LEAD_SCORES)  # on other records than contacts
SCORES: Final = (WRITES, *RECORDS)  # what is written to properties
OUTBOXES: Final = (*SCORES, LISTS, TASKS, NOTIFICATIONS, WORKFLOWS)


class DueRow(Protocol):
    """A row as it was read."""

    @property
    def attempts(self) -> int:
        """Tries that failed so far."""

    @property
    def as_read(self) -> Mapping[str, str]:
        """The columns that name the row and that change when something newer is wanted of it."""


def unparked(table: sa.Table, portal_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Rows of a portal that wait, due already or not yet."""
    return (
        table.c.portal_id == portal_id,
        table.c.parked_at.is_(None),
        table.c.due_at.is_not(None),
    )


def due(
    conn: Connection,
    box: Outbox,
    portal_id: int,
    now: datetime,
    *conditions: sa.ColumnElement[bool],
    limit: int | None = BATCH_LEADS,
) -> Sequence[sa.Row[Any]]:
    """What is to be done now, the longest due first."""
    table = box.table
    return conn.execute(
        sa.select(table)
        .where(*unparked(table, portal_id), table.c.due_at <= now, *conditions)
        .order_by(table.c.due_at, table.c[box.key])
        .limit(limit)
    ).all()


def still_as_read(box: Outbox, portal_id: int, row: DueRow) -> tuple[sa.ColumnElement[bool], ...]:
    """Finds the row unless something newer is wanted of it by now."""
    table = box.table
    same = (table.c[name] == value for name, value in row.as_read.items())
    return (table.c.portal_id == portal_id, *same)


def put_off(
    conn: Connection,
    box: Outbox,
    portal_id: int,
    row: DueRow,
    *,
    problem: str,
    due_at: datetime | None,
    now: datetime,
) -> None:
    """Count a failed try: again at `due_at`, or failed when that is None. What was done or
    changed meanwhile is left alone."""
    when = {"parked_at": now} if due_at is None else {"due_at": due_at}
    conn.execute(
        sa.update(box.table)
        .where(*still_as_read(box, portal_id, row), box.table.c.due_at.is_not(None))
        .values(attempts=row.attempts + 1, problem=problem[:PROBLEM_MAX], **when)
    )


def wait(
    conn: Connection,
    box: Outbox,
    portal_id: int,
    keys: Iterable[str],
    due_at: datetime,
    problem: str = "",
) -> None:
    """Due again at `due_at` without counting a try: the failure says nothing about these."""
    values = {"due_at": due_at} | ({"problem": problem[:PROBLEM_MAX]} if problem else {})
    for part in slices(list(keys)):
        conn.execute(
            sa.update(box.table)
            .where(*unparked(box.table, portal_id), box.table.c[box.key].in_(part))
            .values(**values)
        )


def portals_waiting(conn: Connection, box: Outbox, now: datetime) -> list[int]:
    """Connected portals in which something is due."""
    table = box.table
    rows = conn.execute(
        sa.select(portals.c.portal_id)
        .where(
            portals.c.state == "connected",
            sa.exists().where(  # one look per portal: some of these tables have a row per lead
                table.c.portal_id == portals.c.portal_id,
                table.c.due_at <= now,
                table.c.parked_at.is_(None),
            ),
        )
        .order_by(portals.c.portal_id)
    )
    return [row.portal_id for row in rows]


def count(conn: Connection, box: Outbox, portal_id: int, *, parked: bool = False) -> int:
    """Rows that wait, or those that failed for good."""
    table = box.table
    failed = (table.c.portal_id == portal_id, table.c.parked_at.is_not(None))
    query = sa.select(sa.func.count()).select_from(table)
    return int(
        conn.execute(query.where(*(failed if parked else unparked(table, portal_id)))).scalar_one()
    )


def replay(
    conn: Connection,
    box: Outbox,
    portal_id: int,
    now: datetime,
    contact_ids: Collection[str] | None = None,
    *,
    cause: str | None = None,
) -> int:
    """Take up again what failed for good: all, those of the named contacts (or other records that a
    row is about), or those with exactly this last error. Two replays at once are one. Returns how
    many."""
    table = box.table
    where = [table.c.portal_id == portal_id, table.c.parked_at.is_not(None)]
    if contact_ids is not None:
        record = next((c for c in table.c if c.name in ("contact_id", "object_id")), None)
        if record is None:
            return 0
        where.append(record.in_(contact_ids))
    where += [] if cause is None else [table.c.problem == cause]
    again = sa.update(table).where(*where).values(parked_at=None, due_at=now, attempts=0)
    return conn.execute(again).rowcount
