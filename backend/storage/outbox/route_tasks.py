"""The tasks of our making in HubSpot: what each is to be, and whether HubSpot has it.

`unknown_outcome` is set before a task is sent and cleared with its id: a row that has it may exist
in HubSpot, and is looked for by its key before it is sent again.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import BATCH_LEADS
from backend.model import Band
from backend.slices import slices
from backend.storage.outbox import due_rows
from backend.storage.outbox.due_rows import ANEW, TASKS
from backend.storage.tables.outbox import route_tasks as tasks

OPEN, CLOSED, ARCHIVED = "open", "closed", "archived"


@dataclass(frozen=True, slots=True)
class RouteTask:
    """One task. `content` names owner, band and action it is to show; `route_id` is the newest
    route it stands for, `done_route_id` the newest that HubSpot's task shows. A task that a person
    asked for (`by_person`) is closed by people only."""

    task_key: str
    contact_id: str
    band: Band
    wanted: str
    task_id: str | None
    route_id: str
    done_route_id: str
    content: str
    version: str
    unknown_outcome: bool
    attempts: int
    created_at: datetime
    by_person: bool
    parked_at: datetime | None

    @property
    def route_ids(self) -> tuple[str, ...]:
        """What stands in its body."""
        return tuple(dict.fromkeys((self.task_key, self.route_id)))

    @property
    def as_read(self) -> Mapping[str, str]:
        """Names the row while the same is wanted of the task."""
        return {"task_key": self.task_key, "version": self.version}


def _task(row: sa.Row[Any]) -> RouteTask:
    values = {name: getattr(row, name) for name in RouteTask.__dataclass_fields__}
    return RouteTask(**values | {"band": Band(row.band)})


def open_of(
    conn: Connection, portal_id: int, contact_ids: Sequence[str]
) -> dict[str, list[RouteTask]]:
    """Open tasks by contact, newest first."""
    found: dict[str, list[RouteTask]] = defaultdict(list)
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(tasks)
            .where(
                tasks.c.portal_id == portal_id,
                tasks.c.contact_id.in_(part),
                tasks.c.wanted == OPEN,
            )
            .order_by(tasks.c.created_at.desc(), tasks.c.task_key)
        )
        for row in rows:
            found[row.contact_id].append(_task(row))
    return dict(found)


def newest_open(conn: Connection, portal_id: int, contact_id: str) -> RouteTask | None:
    """The lead's open task; a merge can have brought two."""
    return next(iter(open_of(conn, portal_id, [contact_id]).get(contact_id, ())), None)


def make(
    conn: Connection,
    portal_id: int,
    route_id: str,
    contact_id: str,
    band: Band,
    content: str,
    now: datetime,
    *,
    by_person: bool = False,
) -> RouteTask:
    """A task is wanted; its key is its first route's id."""
    row = conn.execute(
        sa.insert(tasks)
        .values(
            portal_id=portal_id,
            task_key=route_id,
            contact_id=contact_id,
            band=band.value,
            wanted=OPEN,
            route_id=route_id,
            content=content,
            by_person=by_person,
            version=secrets.token_hex(8),
            created_at=now,
            due_at=now,
        )
        .returning(*tasks.c)
    ).one()
    return _task(row)


def change(conn: Connection, portal_id: int, task_key: str, now: datetime, **values: Any) -> None:
    """New `band`, `route_id`, `content` or `wanted`: HubSpot has to be told."""
    conn.execute(
        sa.update(tasks)
        .where(tasks.c.portal_id == portal_id, tasks.c.task_key == task_key)
        .values(
            **values,
            version=secrets.token_hex(8),
            due_at=now,
            **ANEW,
        )
    )


def due(
    conn: Connection, portal_id: int, now: datetime, *, limit: int = BATCH_LEADS
) -> list[RouteTask]:
    """Oldest first."""
    return [_task(row) for row in due_rows.due(conn, TASKS, portal_id, now, limit=limit)]


def sending(conn: Connection, portal_id: int, batch: Sequence[RouteTask]) -> set[str]:
    """Note, before they are sent, that these may exist from now on.

    Returns the keys that are still wanted as they were read: only those may be sent.
    """
    keys = set()
    for task in batch:
        row = conn.execute(
            sa.update(tasks)
            .where(*due_rows.still_as_read(TASKS, portal_id, task))
            .values(unknown_outcome=True)
            .returning(tasks.c.task_key)
        ).first()
        if row is not None:
            keys.add(task.task_key)
    return keys


def not_sent(conn: Connection, portal_id: int, batch: Sequence[RouteTask]) -> None:
    """HubSpot said for certain that it made none of these."""
    conn.execute(
        sa.update(tasks)
        .where(
            tasks.c.portal_id == portal_id,
            tasks.c.task_key.in_([task.task_key for task in batch]),
            tasks.c.task_id.is_(None),
        )
        .values(unknown_outcome=False)
    )


def has_id(conn: Connection, portal_id: int, task_key: str, task_id: str) -> None:
    """HubSpot has this task, whatever is wanted of it by now."""
    conn.execute(
        sa.update(tasks)
        .where(tasks.c.portal_id == portal_id, tasks.c.task_key == task_key)
        .values(task_id=task_id, unknown_outcome=False)
    )


def done(conn: Connection, portal_id: int, task: RouteTask, *, wanted: str | None = None) -> bool:
    """HubSpot's task is as `task` says; False when the row changed meanwhile, and stays due."""
    row = conn.execute(
        sa.update(tasks)
        .where(*due_rows.still_as_read(TASKS, portal_id, task))
        .values(
            due_at=None,
            attempts=0,
            problem="",
            done_route_id=task.route_id,
            wanted=wanted or task.wanted,
        )
        .returning(tasks.c.task_key)
    ).first()
    return row is not None


def succeed(conn: Connection, portal_id: int, task: RouteTask, now: datetime) -> None:
    """A rep finished the task before its newest route could change it: that route gets its own."""
    make(conn, portal_id, task.route_id, task.contact_id, task.band, task.content, now)


def ours(conn: Connection, portal_id: int, task_ids: Collection[str]) -> set[str]:
    """Which of HubSpot's tasks we made."""
    found: set[str] = set()
    ids = sorted(task_ids)
    for part in slices(ids):
        rows = conn.execute(
            sa.select(tasks.c.task_id).where(
                tasks.c.portal_id == portal_id, tasks.c.task_id.in_(part)
            )
        )
        found |= {row.task_id for row in rows}
    return found


def follow(conn: Connection, portal_id: int, gone: Collection[str], survivor: str) -> None:
    """Contacts were merged: HubSpot hands their tasks to the survivor."""
    conn.execute(
        sa.update(tasks)
        .where(tasks.c.portal_id == portal_id, tasks.c.contact_id.in_(gone))
        .values(contact_id=survivor)
    )


def leave(conn: Connection, portal_id: int, contact_ids: Sequence[str], now: datetime) -> None:
    """The lead is erased: what we wrote about it is archived, and whose it was is forgotten."""
    these = sa.and_(tasks.c.portal_id == portal_id, tasks.c.contact_id.in_(contact_ids))
    never_made = tasks.c.task_id.is_(None) & ~tasks.c.unknown_outcome
    conn.execute(sa.delete(tasks).where(these, never_made))
    conn.execute(
        sa.update(tasks)
        .where(these)
        .values(
            contact_id="",
            wanted=ARCHIVED,
            version=secrets.token_hex(8),
            due_at=now,
            **ANEW,
        )
    )


def drop(conn: Connection, portal_id: int, task_keys: Collection[str]) -> None:
    """Archived in HubSpot: nothing is left to remember."""
    conn.execute(
        sa.delete(tasks).where(
            tasks.c.portal_id == portal_id, tasks.c.task_key.in_(sorted(task_keys))
        )
    )


def count_open(conn: Connection, portal_id: int) -> int:
    """Tasks that nobody has done yet, as far as we heard."""
    query = (
        sa.select(sa.func.count())
        .select_from(tasks)
        .where(tasks.c.portal_id == portal_id, tasks.c.wanted == OPEN)
    )
    return int(conn.execute(query).scalar_one())


def closed_by_person(conn: Connection, portal_id: int, task_ids: Collection[str]) -> None:
    """A rep did or deleted these; one that a new route waits for is seen to by the flusher."""
    conn.execute(
        sa.update(tasks)
        .where(
            tasks.c.portal_id == portal_id,
            tasks.c.task_id.in_(sorted(task_ids)),
            tasks.c.wanted == OPEN,
            tasks.c.due_at.is_(None),
        )
        .values(wanted=CLOSED)
    )
