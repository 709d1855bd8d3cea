"""What happens in HubSpot because of a band. Decides only; doing it is the caller's.

Lists follow the band exactly. Tasks and notifications follow the *settled* band, which is left
only when the score is `ROUTE_HYSTERESIS` points below its edge, so that a lead hovering at 79-81
enqueues once. Backfills, decay and version runs (cause `Urgency.BACKFILL`) move lists only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.config import ROUTE_HYSTERESIS
from backend.model import Band, NextAction, Score, Thresholds, Urgency
from backend.scoring.calculate import band
from backend.vocabulary import Flag


class Route(StrEnum):
    """One thing to do."""

    TASK = "task"  # for the owner, due now, high priority
    NOTIFICATION = "notification"
    CLOSE_TASK = "close_task"  # an open task whose reason is gone
    FOLLOW_UP_TASK = "follow_up_task"  # due within the portal's working days
    OFFER_TASK = "offer_task"  # the same, for a Low lead that is offered to learn from
    PRIORITY_LIST = "priority_list"
    FOLLOW_UP_LIST = "follow_up_list"
    NURTURE_LIST = "nurture_list"


LIST_OF: Final = {
    Band.HIGH: Route.PRIORITY_LIST,
    Band.MEDIUM: Route.FOLLOW_UP_LIST,
    Band.LOW: Route.NURTURE_LIST,
}
LIST_ROUTES: Final = frozenset(LIST_OF.values())
TASK_ROUTES: Final = (Route.TASK, Route.FOLLOW_UP_TASK, Route.OFFER_TASK)
_UNFIT: Final = frozenset(
    {
        Flag.JOB_SEEKER,
        Flag.COMPLAINT,
        Flag.MANIPULATION,
        Flag.READER_AWAY,
        Flag.READER_REFUSED,
    }
)
_EDGES: Final = {Band.HIGH: 2, Band.MEDIUM: 1, Band.LOW: 0}


@dataclass(frozen=True, slots=True)
class Routing:
    """What to do now, and what to remember for the next decision.

    A list route means: member of this list and of no other of the three.
    """

    band: Band
    settled: Band
    routes: frozenset[Route]


def settle(settled: Band | None, score: int, thresholds: Thresholds) -> Band:
    """The band for tasks and alerts: entered at its edge, left `ROUTE_HYSTERESIS` below it."""
    now = band(score, thresholds)
    if settled is None or _EDGES[now] >= _EDGES[settled]:
        return now
    held = band(score + ROUTE_HYSTERESIS, thresholds)
    return held if _EDGES[held] <= _EDGES[settled] else settled


def decide(
    old_band: Band | None,
    old_settled: Band | None,
    score: int,
    thresholds: Thresholds,
    cause: Urgency,
) -> Routing:
    """Routes of a new score. The old values are those of the last `Routing`, None at first."""
    now = band(score, thresholds)
    routes = {LIST_OF[now]} if now is not old_band else set()
    settled = settle(old_settled, score, thresholds)
    if cause is not Urgency.BACKFILL and settled is not old_settled:
        routes |= _on_entering(settled, old_settled)
    return Routing(now, settled, frozenset(routes))


def _on_entering(settled: Band, old: Band | None) -> set[Route]:
    if settled is Band.HIGH:
        return {Route.TASK, Route.NOTIFICATION}  # an open follow-up task becomes this one
    routes = {Route.CLOSE_TASK} if old is Band.HIGH else set()
    if settled is Band.MEDIUM:
        return routes | {Route.FOLLOW_UP_TASK}
    return routes | ({Route.CLOSE_TASK} if old is Band.MEDIUM else set())


def may_offer(score: Score) -> bool:
    """Whether this Low lead may be offered for follow-up: it can be written to (so it has neither
    opted out nor bounced, and no deal is worked), nothing it wrote speaks against selling to it,
    what it wrote has been read, and no person has set it by hand."""
    return (
        score.band is Band.LOW
        and score.own_band is None
        and score.next_action in (NextAction.EMAIL, NextAction.NURTURE)
        and _UNFIT.isdisjoint(score.flags)
    )


def routed_score(score: Score, thresholds: Thresholds) -> int:
    """The number that routes follow: under Medium for a lead whose band is Low whatever it
    scored."""
    if score.band is band(score.score, thresholds):
        return score.score
    return thresholds.medium - ROUTE_HYSTERESIS - 1


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task of ours that nobody has done yet, and the band it was made for."""

    task_key: str
    band: Band
    by_person: bool = False  # a person asked for it


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """What becomes of a lead's tasks: at most one stays or is made, all others are closed."""

    make: Route | None = None
    keep: str | None = None  # the key of the task that stays, and becomes `make` if that is given
    close: tuple[str, ...] = ()


def plan_tasks(
    routing: Routing, open_tasks: Sequence[OpenTask], *, keep_offer: bool = True
) -> TaskPlan:
    """An open task is updated, never doubled; what its band no longer says is closed.

    That holds also for what a run left behind: a backfill moves a lead without touching its task,
    and the next event or person brings the two together again. A merge can bring two tasks to one
    lead: one stays. What a person asked for stays whatever the band says; it takes the place of
    what would be made. A Low lead's task stays only while `keep_offer`: as long as there is
    anything to do about the lead.
    """
    make = next((r for r in TASK_ROUTES if r in routing.routes), None)
    fitting = [task for task in open_tasks if task.by_person] or [
        task
        for task in open_tasks
        if task.band is routing.settled and (keep_offer or task.band is not Band.LOW)
    ]
    if make is not None:
        below = [task for task in open_tasks if _EDGES[task.band] < _EDGES[routing.settled]]
        fitting = fitting or below
    keep = fitting[0].task_key if fitting else None
    closing = tuple(task.task_key for task in open_tasks if task.task_key != keep)
    return TaskPlan(make, keep, closing)
