"""Questions that take a while: begun by their own resources, watched and read here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from backend.jobs.reports import ASK, QUESTIONS
from backend.security.roles import Permission
from backend.storage import runs
from backend.storage.runs import REPORT, Run
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.people import contact_names
from backend.web.api.framework.shapes import Nothing, Shape

routes = Routes()
PORTAL = "/portals/<int:portal_id>/questions"


class Begun(Shape):
    """A run that has begun, or the one that does the same already."""

    run_id: str
    kind: str


class Answered(Shape):
    """The newest question of a kind: `state` is "none", running, done, failed or cancelled.

    `ask` is what was asked, `report` what was found; its shape depends on the kind.
    """

    kind: str
    run_id: str
    state: str
    problem: str
    started_at: datetime | None
    finished_at: datetime | None
    usual_s: int | None  # how long the last one took
    ask: dict[str, Any]
    names: dict[str, str]  # of the contacts that the report gives as examples
    report: dict[str, Any] | None


class AllAnswered(Shape):
    """One per kind."""

    items: list[Answered]


@routes.get(PORTAL, needs=Permission.READ_REPORTS, answer=AllAnswered)
def list_answers(call: Call[Nothing, Nothing]) -> AllAnswered:
    """The newest answer to each kind of question."""
    with call.product.stores.database.read() as conn:
        newest = {kind: runs.latest(conn, call.portal_id, kind) for kind in QUESTIONS}
        usual = {kind: runs.usual_s(conn, call.portal_id, kind) for kind in QUESTIONS}
        examples = {kind: _examples(run) for kind, run in newest.items()}
        names = {
            kind: contact_names(conn, call.product.stores.cipher, call.portal_id, ids)
            for kind, ids in examples.items()
        }
    return AllAnswered(
        items=[_answered(kind, run, names[kind], usual[kind]) for kind, run in newest.items()]
    )


def begun(call: Call[Any, Any], run: Run) -> Begun:
    """Enqueue it and name it."""
    call.product.stores.jobs.enqueue(run.kind, portal_id=call.portal_id)
    return Begun(run_id=run.run_id, kind=run.kind)


def _examples(run: Run | None) -> list[str]:
    report = (run.position.get(REPORT) or {}) if run is not None else {}
    return [example["lead"] for example in report.get("migration", {}).get("examples", ())]


def _answered(kind: str, run: Run | None, names: dict[str, str], usual_s: int | None) -> Answered:
    if run is None:
        return Answered(
            kind=kind,
            run_id="",
            state="none",
            problem="",
            started_at=None,
            finished_at=None,
            usual_s=None,
            ask={},
            names={},
            report=None,
        )
    return Answered(
        kind=kind,
        run_id=run.run_id,
        state=run.state,
        problem=run.problem,
        started_at=run.started_at,
        finished_at=run.finished_at,
        usual_s=usual_s,
        ask=dict(run.position.get(ASK, {})),
        names=names,
        report=run.position.get(REPORT),
    )
