"""Long work: begun, followed, cancelled; and the upkeep that comes round by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from backend.jobs.upkeep.maintain import kinds_of
from backend.security.roles import Permission
from backend.services import long_work
from backend.services.long_work import CANCELLABLE
from backend.storage import runs
from backend.storage.operations import maintenance
from backend.storage.runs import Run
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.shapes import Nothing, Shape

routes = Routes()
PORTAL = "/portals/<int:portal_id>"
SHOWN = 30


class RunRow(Shape):
    """One piece of long work. `total` is 0 while it is not known."""

    run_id: str
    kind: str
    state: str
    done: int
    total: int
    problem: str
    started_at: datetime
    finished_at: datetime | None
    usual_s: int | None  # how long the last of the kind took, while this one runs
    cancellable: bool


class RunList(Shape):
    """Newest first."""

    items: list[RunRow]


class RunBody(Shape):
    """What to begin; one that is running already is joined."""

    kind: Literal["pull", "backfill", "daily", "weekly", "monthly"]


class Task(Shape):
    """One task of an upkeep."""

    name: str
    ok: bool
    told: str


class Upkeep(Shape):
    """The last run of one upkeep; `state` is empty when there was none."""

    kind: str
    state: str
    started_at: datetime | None
    finished_at: datetime | None
    problem: str
    tasks: list[Task]


class UpkeepList(Shape):
    """Daily, weekly, monthly."""

    items: list[Upkeep]


@routes.get(f"{PORTAL}/runs", needs=Permission.READ_REPORTS, answer=RunList)
def list_runs(call: Call[Nothing, Nothing]) -> RunList:
    """The newest runs, finished ones included."""
    with call.product.stores.database.read() as conn:
        found = runs.of_portal(conn, call.portal_id, limit=SHOWN)
        usual = {
            run.kind: runs.usual_s(conn, call.portal_id, run.kind)
            for run in found
            if run.state == "running"
        }
    return RunList(items=[_row(run, usual.get(run.kind)) for run in found])


@routes.post(f"{PORTAL}/runs", needs=Permission.REPLAY, body=RunBody, answer=RunRow, status=202)
def begin(call: Call[Nothing, RunBody]) -> RunRow:
    """Begin a pull, a backfill or an upkeep; returns at once with the run to follow."""
    stores, actor = call.product.stores, call.caller.subject
    return _row(long_work.begin(stores, call.portal_id, call.body.kind, actor=actor))


@routes.get(f"{PORTAL}/runs/<id:run_id>", needs=Permission.READ_REPORTS, answer=RunRow)
def read(call: Call[Nothing, Nothing]) -> RunRow:
    """How far one run is."""
    with call.product.stores.database.read() as conn:
        return _row(runs.get(conn, call.portal_id, call.path["run_id"]))


@routes.post(f"{PORTAL}/runs/<id:run_id>/cancel", needs=Permission.REPLAY, answer=RunRow)
def cancel(call: Call[Nothing, Nothing]) -> RunRow:
    """Stop a run; what it did so far stays."""
    stores, actor = call.product.stores, call.caller.subject
    return _row(long_work.cancel(stores, call.portal_id, call.path["run_id"], actor=actor))


@routes.get(f"{PORTAL}/upkeep", needs=Permission.READ_REPORTS, answer=UpkeepList)
def upkeep(call: Call[Nothing, Nothing]) -> UpkeepList:
    """The last daily, weekly and monthly maintenance with their reports."""
    with call.product.stores.database.read() as conn:
        last = maintenance.last_reports(conn, call.portal_id)
    return UpkeepList(items=[_upkeep(kind, last.get(kind)) for kind in kinds_of(call.portal_id)])


def _row(run: Run, usual_s: int | None = None) -> RunRow:
    return RunRow(
        run_id=run.run_id,
        kind=run.kind,
        state=run.state,
        done=run.done,
        total=run.total,
        problem=run.problem,
        started_at=run.started_at,
        finished_at=run.finished_at,
        usual_s=usual_s,
        cancellable=run.state == "running" and run.kind in CANCELLABLE,
    )


def _upkeep(kind: str, last: maintenance.Report | None) -> Upkeep:
    if last is None:
        return Upkeep(kind=kind, state="", started_at=None, finished_at=None, problem="", tasks=[])
    return Upkeep(
        kind=kind,
        state=last.state,
        started_at=last.started_at,
        finished_at=last.finished_at,
        problem=last.problem,
        tasks=[
            Task(name=name, ok=bool(found.get("ok")), told=_told(found))
            for name, found in last.body.items()
        ],
    )


def _told(found: dict[str, Any]) -> str:
    """A task's findings in one line; lists and tables by their length."""
    parts = []
    for name, value in found.items():
        if name == "ok":
            continue
        size = len(value) if isinstance(value, list | dict) else value
        parts.append(f"{name.replace('_', ' ')}: {size}")
    return ", ".join(parts)
