"""Progress of long work: pull, population, backfill. A run goes on where a crash left it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import NotFound
from backend.storage.tables.operations import runs

REPORT = "report"  # where a finished run keeps what it found
DEFECTS = "defects"  # in a run's position: how often it stopped at one


@dataclass(frozen=True, slots=True)
class Run:
    """One long piece of work. `position` says where to go on."""

    portal_id: int
    run_id: str
    kind: str
    state: str  # running, done, failed, cancelled
    done: int
    total: int
    position: Mapping[str, Any]
    problem: str
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None


def _run(row: sa.Row[Any]) -> Run:
    return Run(**{name: getattr(row, name) for name in Run.__dataclass_fields__})


def start(conn: Connection, portal_id: int, kind: str, now: datetime) -> Run:
    """Begin a run, or return the one of this kind that is already running."""
    running = conn.execute(
        sa.select(runs)
        .where(runs.c.portal_id == portal_id, runs.c.kind == kind, runs.c.state == "running")
        .order_by(runs.c.started_at)
    ).first()
    if running is not None:
        return _run(running)
    run_id = secrets.token_hex(8)
    conn.execute(
        sa.insert(runs).values(
            portal_id=portal_id,
            run_id=run_id,
            kind=kind,
            state="running",
            total=0,
            position={},
            started_at=now,
            updated_at=now,
        )
    )
    return get(conn, portal_id, run_id)


def get(conn: Connection, portal_id: int, run_id: str) -> Run:
    """Raises NotFound."""
    row = conn.execute(
        sa.select(runs).where(runs.c.portal_id == portal_id, runs.c.run_id == run_id)
    ).first()
    if row is None:
        raise NotFound(f"portal {portal_id} has no run {run_id}")
    return _run(row)


def latest(conn: Connection, portal_id: int, kind: str) -> Run | None:
    """The newest run of a kind."""
    row = conn.execute(
        sa.select(runs)
        .where(runs.c.portal_id == portal_id, runs.c.kind == kind)
        .order_by(runs.c.started_at.desc())
        .limit(1)
    ).first()
    return None if row is None else _run(row)


def usual_s(conn: Connection, portal_id: int, kind: str) -> int | None:
    """How long the last run of a kind took that ended well; None before the first."""
    row = conn.execute(
        sa.select(runs.c.started_at, runs.c.finished_at)
        .where(runs.c.portal_id == portal_id, runs.c.kind == kind, runs.c.state == "done")
        .order_by(runs.c.started_at.desc())
        .limit(1)
    ).first()
    return None if row is None else round((row.finished_at - row.started_at).total_seconds())


def of_portal(
    conn: Connection, portal_id: int, *, running: bool = False, limit: int = 50
) -> list[Run]:
    """A portal's runs, newest first; only the unfinished ones on request."""
    query = sa.select(runs).where(runs.c.portal_id == portal_id)
    if running:
        query = query.where(runs.c.state == "running")
    rows = conn.execute(query.order_by(runs.c.started_at.desc()).limit(limit))
    return [_run(row) for row in rows]


def running(conn: Connection) -> list[Run]:
    """All unfinished runs, for the sweep."""
    return [_run(row) for row in conn.execute(sa.select(runs).where(runs.c.state == "running"))]


def advance(
    conn: Connection,
    run: Run,
    now: datetime,
    *,
    done: int,
    position: Mapping[str, Any],
    total: int | None = None,
) -> bool:
    """Record progress in the same transaction as the work itself; False when the run was
    cancelled meanwhile: stop."""
    met = {DEFECTS: run.position[DEFECTS]} if DEFECTS in run.position else {}
    values: dict[str, Any] = {"done": done, "position": {**position, **met}, "updated_at": now}
    if total is not None:
        values["total"] = total
    return _update(conn, run, values)


def met_defect(conn: Connection, run: Run, now: datetime, tries: int) -> None:
    """It stopped at a defect, for the `tries`th time."""
    stored = get(conn, run.portal_id, run.run_id).position
    _update(conn, run, {"position": {**stored, DEFECTS: tries}, "updated_at": now})


def count_on(conn: Connection, run: Run, now: datetime, more: int) -> None:
    """So many more are done, whoever else counts at the same time; one less than all at most."""
    most = runs.c.total - 1
    done = runs.c.done + more
    _update(conn, run, {"done": sa.case((done < most, done), else_=most), "updated_at": now})


def finish(
    conn: Connection, run: Run, now: datetime, *, state: str = "done", problem: str = ""
) -> None:
    """End it as done, failed or cancelled; one that has ended already stays as it is."""
    _update(
        conn,
        run,
        {"state": state, "problem": problem[:500], "finished_at": now, "updated_at": now},
    )


def due_kinds(
    conn: Connection, kind: str, before: datetime, portal_ids: Iterable[int]
) -> list[int]:
    """Of these portals, the ones whose newest run of a kind began before `before`, or never."""
    rows = conn.execute(
        sa.select(runs.c.portal_id, sa.func.max(runs.c.started_at).label("newest"))
        .where(runs.c.kind == kind)
        .group_by(runs.c.portal_id)
    )
    newest: dict[int, datetime] = {row.portal_id: row.newest for row in rows}
    return [p for p in portal_ids if p not in newest or newest[p] < before]


def _update(conn: Connection, run: Run, values: Mapping[str, object]) -> bool:
    changed = conn.execute(
        sa.update(runs)
        .where(
            runs.c.portal_id == run.portal_id,
            runs.c.run_id == run.run_id,
            runs.c.state == "running",
        )
        .values(**values)
    )
    return changed.rowcount == 1


def reports(
    conn: Connection, portal_id: int, kind: str, limit: int
) -> list[tuple[datetime, Mapping[str, Any]]]:
    """(when it began, what it found) of the finished runs that left a report, newest first."""
    rows = conn.execute(
        sa.select(runs.c.started_at, runs.c.position)
        .where(runs.c.portal_id == portal_id, runs.c.kind == kind, runs.c.state == "done")
        .order_by(runs.c.started_at.desc())
        .limit(limit)
    )
    return [(row.started_at, row.position[REPORT]) for row in rows if REPORT in row.position]


def newest_report(
    conn: Connection, portal_id: int, kind: str
) -> tuple[datetime | None, Mapping[str, Any]]:
    """(when it began, what it found) of the newest finished run with a report; (None, {})."""
    return next(iter(reports(conn, portal_id, kind, 1)), (None, {}))


def restart(conn: Connection, portal_id: int, kind: str, now: datetime) -> Run:
    """Begin anew: a run of this kind that is still going is replaced by a fresh one."""
    running_one = latest(conn, portal_id, kind)
    if running_one is not None and running_one.state == "running":
        finish(conn, running_one, now, state="cancelled", problem="replaced by a newer run")
    return start(conn, portal_id, kind, now)
