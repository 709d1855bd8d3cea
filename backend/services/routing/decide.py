"""A saved score's routes, decided in the transaction that saves it: nothing is done here yet.

What has to happen in HubSpot becomes due rows; `flush_routes` does it. A backfill, a pull, a decay
or a model run moves lists only. In shadow mode a route is noted and nothing becomes due but lists,
which nobody flushes until the portal is live.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from backend.model import Band, Mode, NextAction, Score, Urgency
from backend.scoring.facts.segments import thresholds_of
from backend.scoring.route import (
    LIST_OF,
    LIST_ROUTES,
    TASK_ROUTES,
    OpenTask,
    Route,
    Routing,
    decide,
    may_offer,
    plan_tasks,
    routed_score,
)
from backend.scoring.write_back import LIST_OF_BAND
from backend.security.audit import listed_short
from backend.services.routing import exploration_arms, holdout_arms
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.leads import mirror
from backend.storage.outbox import (
    explorations,
    holdouts,
    lead_lists,
    notifications,
    route_tasks,
    routes,
)
from backend.storage.outbox.holdouts import Holdout
from backend.storage.outbox.lead_lists import RoutedLead
from backend.storage.outbox.route_tasks import RouteTask
from backend.storage.outbox.routes import LeadRoute
from backend.storage.portals.portals import Portal
from backend.vocabulary import Cause

TASK_KINDS: Final = tuple(route.value for route in TASK_ROUTES)
LIST_KINDS: Final = tuple(route.value for route in LIST_ROUTES)
NOT_A_LEAD: Final = "not_a_lead"


@dataclass(frozen=True, slots=True)
class RouteCause:
    """Why a lead was scored: decides what may follow, and is kept with every route."""

    urgency: Urgency
    name: str


@dataclass(slots=True)
class _Decision:
    """What one batch adds up to."""

    portal: Portal
    now: datetime
    decided: list[LeadRoute] = field(default_factory=list)
    standings: list[RoutedLead] = field(default_factory=list)

    @property
    def live(self) -> bool:
        return self.portal.settings.mode is Mode.LIVE

    def route(
        self,
        kind: Route,
        contact_id: str,
        band: Band,
        cause: str,
        score: int | None,
        *,
        route_id: str | None = None,
        task_key: str | None = None,
    ) -> LeadRoute:
        """Note one route."""
        made = LeadRoute(
            route_id or new_route_id(),
            contact_id,
            kind.value,
            band.value,
            score,
            cause,
            routes.WAITING if self.live else routes.SHADOW,
            task_key,
            self.now,
        )
        self.decided.append(made)
        return made


def new_route_id() -> str:
    """Sixteen hexadecimal digits; stands in task bodies and messages."""
    return secrets.token_hex(8)


def route_scores(
    conn: Connection,
    secret: str,
    portal: Portal,
    scored: Mapping[str, Score],
    causes: Mapping[str, RouteCause],
    companies: Mapping[str, str],
    now: datetime,
) -> None:
    """Decide and store the routes of these scores; what they ask for is due afterwards.

    `companies`: company key by contact. Leads that a running experiment holds out get nothing.
    """
    if not scored:
        return
    portal_id, ids = portal.portal_id, list(scored)
    known = lead_lists.known(conn, portal_id, ids)
    owners = _owners(conn, portal_id, ids)
    open_tasks = route_tasks.open_of(conn, portal_id, ids)
    batch = _Decision(portal, now)
    edges = {cid: thresholds_of(portal.settings, score.segment) for cid, score in scored.items()}
    before = {cid: known.get(cid, RoutedLead(cid)) for cid in ids}
    routings = {
        cid: decide(
            before[cid].band,
            before[cid].settled,
            routed_score(score, edges[cid]),
            edges[cid],
            causes[cid].urgency,
        )
        for cid, score in scored.items()
    }
    own = {cid for cid, score in scored.items() if score.own_band in (None, Band.HIGH)}
    holdout = holdouts.running(conn, portal_id) if batch.live else None
    of_own = {c: companies.get(c, "") for c in own}
    held = _held_out(conn, secret, batch, holdout, before, routings, of_own)
    newly_low = {
        cid: companies.get(cid, "")
        for cid, score in scored.items()
        if before[cid].settled is None
        and causes[cid].urgency is not Urgency.BACKFILL
        and cid not in held
        and may_offer(score)
    }
    for cid in _offered(conn, secret, batch, holdout, newly_low):
        routings[cid] = replace(routings[cid], routes=routings[cid].routes | {Route.OFFER_TASK})
    for contact_id, score in scored.items():
        old, cause, routing = before[contact_id], causes[contact_id], routings[contact_id]
        new = _standing(batch, old, routing, owners.get(contact_id, ""), cause)
        if contact_id in held:
            batch.standings.append(replace(new, list_wanted="", by_run=True))
            for task in open_tasks.get(contact_id, []):
                if not task.by_person:
                    _close(conn, batch, task, contact_id, cause.name, score.score)
            continue
        batch.standings.append(new)
        if new.list_wanted != old.list_wanted:
            batch.route(LIST_OF[routing.band], contact_id, routing.band, cause.name, score.score)
        if batch.live and cause.urgency is not Urgency.BACKFILL:
            _tasks(conn, batch, routing, score, new, cause, open_tasks.get(contact_id, []))
            _notify(conn, batch, routing, score, cause)
        elif not batch.live:
            _shadow(batch, routing, score, cause)
    routes.close(conn, portal_id, sorted(held), LIST_KINDS, routes.REPLACED, now)
    _store(conn, batch, known)


def _held_out(
    conn: Connection,
    secret: str,
    batch: _Decision,
    holdout: Holdout | None,
    before: Mapping[str, RoutedLead],
    routings: Mapping[str, Routing],
    companies: Mapping[str, str],
) -> set[str]:
    """Who of these is left without follow-up; those with a company here who become High now get
    their arm first: not whom only a person's pin lifts there."""
    portal_id = batch.portal.portal_id
    if holdout is None:
        return set()
    entering = {
        cid: companies[cid]
        for cid, routing in routings.items()
        if cid in companies
        and routing.settled is Band.HIGH
        and before[cid].settled is not Band.HIGH
    }
    holdout_arms.assign(conn, secret, portal_id, holdout, entering, batch.now)
    found = holdouts.arms(conn, portal_id, holdout.holdout_id, list(routings))
    return {cid for cid, is_held in found.items() if is_held}


def _offered(
    conn: Connection,
    secret: str,
    batch: _Decision,
    holdout: Holdout | None,
    newly_low: Mapping[str, str],
) -> Collection[str]:
    """Who of these is offered for follow-up; all that may be get their arm first."""
    portal_id = batch.portal.portal_id
    if not batch.live or not newly_low:
        return ()
    exploration = explorations.running(conn, portal_id)
    if exploration is None:
        return ()
    entering = exploration_arms.eligible(conn, secret, portal_id, holdout, newly_low)
    return exploration_arms.assign(conn, secret, portal_id, exploration, entering, batch.now)


def route_out(conn: Connection, portal: Portal, contact_ids: Sequence[str], now: datetime) -> None:
    """These are no leads any more: out of every list, their tasks closed, nobody told."""
    portal_id = portal.portal_id
    known = lead_lists.known(conn, portal_id, contact_ids)
    batch = _Decision(portal, now)
    for contact_id, tasks in route_tasks.open_of(conn, portal_id, list(known)).items():
        for task in tasks:
            _close(conn, batch, task, contact_id, NOT_A_LEAD, None)
    batch.standings = [
        RoutedLead(contact_id, owner_id=old.owner_id) for contact_id, old in known.items()
    ]
    routes.close(conn, portal_id, list(known), LIST_KINDS, routes.REPLACED, now)
    notifications.forget(conn, portal_id, list(known))
    _store(conn, batch, known)


def route_for_person(
    conn: Connection, portal: Portal, score: Score, actor: str, now: datetime
) -> RouteTask:
    """The lead's open task, newest first, else one that this person asked for: nothing is made
    twice. Expects the lead to be held."""
    portal_id, contact_id = portal.portal_id, score.contact_id
    waiting = route_tasks.newest_open(conn, portal_id, contact_id)
    if waiting is not None:
        return waiting
    batch = _Decision(portal, now)
    owner_id = _owners(conn, portal_id, [contact_id]).get(contact_id, "")
    content = content_of(score, score.band, owner_id)
    key = new_route_id()
    made = route_tasks.make(
        conn, portal_id, key, contact_id, score.band, content, now, by_person=True
    )
    cause = Cause.PERSON.value
    batch.route(Route.TASK, contact_id, score.band, cause, score.score, route_id=key, task_key=key)
    _record(conn, batch, actor)
    return made


def _owners(conn: Connection, portal_id: int, ids: Sequence[str]) -> dict[str, str]:
    found = mirror.records(conn, portal_id, "contacts", ids)
    return {cid: record.facts.get("owner_id", "") for cid, record in found.items()}


def _standing(
    batch: _Decision, old: RoutedLead, routing: Routing, owner_id: str, cause: RouteCause
) -> RoutedLead:
    moved = routing.settled is not old.settled
    quiet = cause.urgency is Urgency.BACKFILL or not batch.live
    return RoutedLead(
        old.contact_id,
        routing.band,
        routing.settled,
        owner_id,
        batch.now if moved else old.entered_at,
        quiet if moved else old.by_run,
        LIST_OF_BAND[routing.band],
    )


def content_of(score: Score, band: Band, owner_id: str) -> str:
    """What a task has to be written anew for: another owner, band or action."""
    return f"{owner_id}|{band.value}|{score.next_action.value}"


def _tasks(
    conn: Connection,
    batch: _Decision,
    routing: Routing,
    score: Score,
    standing: RoutedLead,
    cause: RouteCause,
    open_tasks: Sequence[RouteTask],
) -> None:
    portal_id, contact_id = batch.portal.portal_id, score.contact_id
    asked = [OpenTask(task.task_key, task.band, task.by_person) for task in open_tasks]
    plan = plan_tasks(routing, asked, keep_offer=score.next_action is not NextAction.NONE)
    by_key = {task.task_key: task for task in open_tasks}
    content = content_of(score, routing.settled, standing.owner_id)
    for key in plan.close:
        _close(conn, batch, by_key[key], contact_id, cause.name, score.score)
    if plan.make is not None:
        route_id = new_route_id()
        key = plan.keep or route_id
        if plan.keep:
            routes.close_tasks(conn, portal_id, [key], TASK_KINDS, routes.REPLACED, batch.now)
            band = routing.settled.value
            route_tasks.change(
                conn, portal_id, key, batch.now, band=band, route_id=route_id, content=content
            )
        else:
            route_tasks.make(
                conn, portal_id, route_id, contact_id, routing.settled, content, batch.now
            )
        batch.route(
            plan.make,
            contact_id,
            routing.settled,
            cause.name,
            score.score,
            route_id=route_id,
            task_key=key,
        )
    elif plan.keep and by_key[plan.keep].content != content:
        band = routing.settled.value
        route_tasks.change(conn, portal_id, plan.keep, batch.now, band=band, content=content)


def _close(
    conn: Connection,
    batch: _Decision,
    task: RouteTask,
    contact_id: str,
    cause: str,
    score: int | None,
) -> None:
    portal_id = batch.portal.portal_id
    routes.close_tasks(conn, portal_id, [task.task_key], TASK_KINDS, routes.REPLACED, batch.now)
    route_tasks.change(conn, portal_id, task.task_key, batch.now, wanted=route_tasks.CLOSED)
    batch.route(Route.CLOSE_TASK, contact_id, task.band, cause, score, task_key=task.task_key)


def _notify(
    conn: Connection, batch: _Decision, routing: Routing, score: Score, cause: RouteCause
) -> None:
    if Route.NOTIFICATION not in routing.routes:
        return
    if not batch.portal.settings.routing.notification_url_sealed:
        return
    made = batch.route(
        Route.NOTIFICATION, score.contact_id, routing.settled, cause.name, score.score
    )
    notifications.tell_of_lead(
        conn, batch.portal.portal_id, made.route_id, score.contact_id, batch.now
    )


def _shadow(batch: _Decision, routing: Routing, score: Score, cause: RouteCause) -> None:
    """What a live portal would have done."""
    for kind in sorted(routing.routes - LIST_ROUTES):
        batch.route(kind, score.contact_id, routing.settled, cause.name, score.score)


def _store(conn: Connection, batch: _Decision, before: Mapping[str, RoutedLead]) -> None:
    portal_id, now = batch.portal.portal_id, batch.now
    moved = [r.contact_id for r in batch.decided if r.kind in LIST_KINDS]
    routes.close(conn, portal_id, moved, LIST_KINDS, routes.REPLACED, now)
    lead_lists.save(conn, portal_id, batch.standings, before, now)
    _record(conn, batch, "system:routing")


def _record(conn: Connection, batch: _Decision, actor: str) -> None:
    if not batch.decided:
        return
    routes.record(conn, batch.portal.portal_id, batch.decided)
    audit.of_portal(
        conn,
        batch.portal.portal_id,
        "routes.decide",
        actor=actor,
        now=batch.now,
        detail={"routes": _by_cause(batch.decided)},
    )


def _by_cause(decided: Sequence[LeadRoute]) -> dict[str, dict[str, Any]]:
    """Route ids by cause and kind. No contact ids: the trail outlives an erased lead."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for route in decided:
        found[route.cause][route.kind].append(route.route_id)
    return {
        cause: {kind: listed_short(ids) for kind, ids in kinds.items()}
        for cause, kinds in found.items()
    }
