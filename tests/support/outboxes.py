"""Rows of every outbox, made and read in its own way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from backend.model import Band
from backend.storage.database import Connection
from backend.storage.outbox import (
    due_rows,
    lead_lists,
    notifications,
    route_tasks,
    workflow_runs,
    writes,
)
from backend.storage.outbox.due_rows import DueRow, Outbox
from backend.storage.outbox.lead_lists import RoutedLead
from backend.storage.outbox.writes import Queue


@dataclass(frozen=True)
class Kind:
    """How a row of one outbox is made, read and made anew for the same contact."""

    box: Outbox
    add: Callable[[Connection, int, str, datetime], object]
    due: Callable[[Connection, int, datetime], Sequence[DueRow]]
    change: Callable[[Connection, int, str, datetime], object] | None = None


def _list(conn: Connection, portal_id: int, contact_id: str, now: datetime, name: str) -> None:
    before = lead_lists.known(conn, portal_id, [contact_id])
    standing = RoutedLead(contact_id, band=Band.HIGH, list_wanted=name)
    lead_lists.save(conn, portal_id, [standing], before, now)


def _workflow(conn: Connection, portal_id: int, contact_id: str, now: datetime) -> None:
    workflow_runs.begin(
        conn,
        portal_id,
        f"callback-{contact_id}",
        contact_id,
        state=workflow_runs.WAITING,
        needs_version=1,
        answer=None,
        now=now,
        expires_at=now + timedelta(days=9),
    )


def _records(queue: Queue) -> Kind:
    """Marked, and marked again."""

    def mark(conn: Connection, portal_id: int, object_id: str, now: datetime) -> None:
        writes.mark(conn, queue, portal_id, [object_id], now)

    return Kind(queue.box, mark, partial(writes.due, queue=queue), mark)


KINDS = {
    one.box.name: one
    for one in (
        *(_records(queue) for queue in writes.RECORDS),
        Kind(
            due_rows.WRITES,
            lambda conn, p, c, now: writes.put(conn, p, {c: {"ai_lead_score": "1"}}, now),
            writes.due,
            lambda conn, portal, c, now: writes.put(conn, portal, {c: {"ai_lead_score": "2"}}, now),
        ),
        Kind(
            due_rows.LISTS,
            lambda conn, p, c, now: _list(conn, p, c, now, "priority"),
            lead_lists.due,
            lambda conn, portal, c, now: _list(conn, portal, c, now, "nurture"),
        ),
        Kind(
            due_rows.TASKS,
            lambda conn, p, c, now: route_tasks.make(conn, p, f"r{c}", c, Band.HIGH, "x", now),
            route_tasks.due,
            lambda conn, portal, c, now: route_tasks.change(
                conn, portal, f"r{c}", now, content="y"
            ),
        ),
        Kind(
            due_rows.NOTIFICATIONS,
            lambda conn, p, c, now: notifications.tell_of_lead(conn, p, f"n{c}", c, now),
            notifications.due,
        ),
        Kind(due_rows.WORKFLOWS, _workflow, workflow_runs.ready),
    )
}
