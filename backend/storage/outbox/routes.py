"""Every route that was decided for a lead, with its cause and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.slices import slices
from backend.storage.outbox import due_rows
from backend.storage.tables.outbox import routes

WAITING, DONE, REPLACED, SHADOW, PARKED = "waiting", "done", "replaced", "shadow", "parked"
_OPEN = (WAITING, SHADOW, PARKED)
WORK = (due_rows.LISTS, due_rows.TASKS, due_rows.NOTIFICATIONS, due_rows.WORKFLOWS)


@dataclass(frozen=True, slots=True)
class LeadRoute:
    """One route. `state` is waiting, done, replaced (something newer came first), shadow (the
    portal wrote nothing then) or parked (failed); `score` is None where no score caused it."""

    route_id: str
    contact_id: str
    kind: str
    band: str
    score: int | None
    cause: str
    state: str
    task_key: str | None
    decided_at: datetime
    done_at: datetime | None = None
    problem: str = ""


def of_lead(
    conn: Connection, portal_id: int, contact_id: str, *, limit: int = 20
) -> list[LeadRoute]:
    """The lead's routes, newest first."""
    rows = conn.execute(
        sa.select(routes)
        .where(routes.c.portal_id == portal_id, routes.c.contact_id == contact_id)
        .order_by(routes.c.decided_at.desc(), routes.c.kind)
        .limit(limit)
    )
    return [_route(row) for row in rows]


def _route(row: sa.Row[Any]) -> LeadRoute:
    return LeadRoute(**{name: getattr(row, name) for name in LeadRoute.__dataclass_fields__})


def record(conn: Connection, portal_id: int, decided: Sequence[LeadRoute]) -> None:
    """Before any of them is done."""
    if decided:
        conn.execute(
            sa.insert(routes),
            [
                {"portal_id": portal_id}
                | {name: getattr(route, name) for name in LeadRoute.__dataclass_fields__}
                for route in decided
            ],
        )


def close(
    conn: Connection,
    portal_id: int,
    contact_ids: Collection[str],
    kinds: Collection[str],
    state: str,
    now: datetime,
) -> None:
    """End what is open of these kinds: done, or replaced by something newer."""
    for ids in slices(sorted(contact_ids)):
        conn.execute(
            sa.update(routes)
            .where(
                routes.c.portal_id == portal_id,
                routes.c.contact_id.in_(ids),
                routes.c.kind.in_(kinds),
                routes.c.state.in_(_OPEN),
            )
            .values(state=state, done_at=now, problem="")
        )


def finish(
    conn: Connection,
    portal_id: int,
    route_ids: Collection[str],
    now: datetime,
) -> None:
    """These are done; what is ended already stays as it ended."""
    for ids in slices(sorted(route_ids)):
        conn.execute(
            sa.update(routes)
            .where(
                routes.c.portal_id == portal_id,
                routes.c.route_id.in_(ids),
                routes.c.state.in_(_OPEN),
            )
            .values(state=DONE, done_at=now, problem="")
        )


def close_tasks(
    conn: Connection,
    portal_id: int,
    task_keys: Collection[str],
    kinds: Collection[str],
    state: str,
    now: datetime,
) -> None:
    """As `close`, of the routes of these tasks."""
    conn.execute(
        sa.update(routes)
        .where(
            routes.c.portal_id == portal_id,
            routes.c.task_key.in_(sorted(task_keys)),
            routes.c.kind.in_(kinds),
            routes.c.state.in_(_OPEN),
        )
        .values(state=state, done_at=now, problem="")
    )


def hand_over(conn: Connection, portal_id: int, route_id: str, task_key: str) -> None:
    """The route has a task of its own now."""
    conn.execute(
        sa.update(routes)
        .where(routes.c.portal_id == portal_id, routes.c.route_id == route_id)
        .values(task_key=task_key)
    )


def park(
    conn: Connection,
    portal_id: int,
    problem: str,
    *,
    contact_ids: Collection[str] = (),
    kinds: Collection[str] = (),
    route_ids: Collection[str] = (),
) -> None:
    """Failed after their retries; a replay takes them up again."""
    conn.execute(
        sa.update(routes)
        .where(
            routes.c.portal_id == portal_id,
            sa.or_(
                sa.and_(routes.c.contact_id.in_(contact_ids), routes.c.kind.in_(kinds)),
                routes.c.route_id.in_(route_ids),
            ),
            routes.c.state == WAITING,
        )
        .values(state=PARKED, problem=problem[:500])
    )


def decided_since(conn: Connection, portal_id: int, since: datetime) -> dict[str, int]:
    """How many of each kind were decided since then."""
    rows = conn.execute(
        sa.select(routes.c.kind, sa.func.count().label("n"))
        .where(routes.c.portal_id == portal_id, routes.c.decided_at >= since)
        .group_by(routes.c.kind)
    )
    return {row.kind: int(row.n) for row in rows}


def in_shadow(conn: Connection, portal_id: int) -> dict[str, int]:
    """Tasks and notifications that a live portal would have got, by kind."""
    rows = conn.execute(
        sa.select(routes.c.kind, sa.func.count().label("n"))
        .where(
            routes.c.portal_id == portal_id,
            routes.c.state == SHADOW,
            routes.c.kind.not_like("%_list"),
        )
        .group_by(routes.c.kind)
    )
    return {row.kind: int(row.n) for row in rows}


def counts(conn: Connection, portal_id: int, *, parked: bool = False) -> dict[str, int]:
    """Work that waits (or failed), by kind: "lists", "tasks", "notifications", "workflows"."""
    return {box.name: due_rows.count(conn, box, portal_id, parked=parked) for box in WORK}


def replay(
    conn: Connection,
    portal_id: int,
    now: datetime,
    contact_ids: Sequence[str] | None = None,
    *,
    cause: str | None = None,
) -> int:
    """Take failed lists, tasks, notifications and workflow answers up again: all, those of the
    named contacts, or those with exactly this last error. Returns how many."""
    taken = sum(
        due_rows.replay(conn, box, portal_id, now, contact_ids, cause=cause) for box in WORK
    )
    if contact_ids is None and cause is None:
        parked = sa.and_(routes.c.portal_id == portal_id, routes.c.state == PARKED)
        conn.execute(sa.update(routes).where(parked).values(state=WAITING))
    return taken


def follow(conn: Connection, portal_id: int, gone: Collection[str], survivor: str) -> None:
    """Contacts were merged: their routes are the survivor's."""
    conn.execute(
        sa.update(routes)
        .where(routes.c.portal_id == portal_id, routes.c.contact_id.in_(gone))
        .values(contact_id=survivor)
    )
