"""Tasks for leads that a run moved: made when a person confirms their number, capped per owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from backend.errors import Conflict
from backend.model import Band, Mode
from backend.ports import Clock
from backend.scoring.route import Route
from backend.services.routing.decide import content_of, new_route_id
from backend.storage.access import audit
from backend.storage.database import Database
from backend.storage.leads import scores
from backend.storage.outbox import demand, lead_lists, route_tasks, routes
from backend.storage.outbox.demand import Quiet
from backend.storage.outbox.routes import LeadRoute
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.vocabulary import Cause
from backend.wiring import Stores

_KINDS: Final = {Band.HIGH: Route.TASK, Band.MEDIUM: Route.FOLLOW_UP_TASK}


@dataclass(frozen=True, slots=True)
class Proposal:
    """The tasks that would be made, the best leads of each owner first, and how many the cap
    leaves out."""

    tasks: tuple[Quiet, ...]
    left_out: int

    def by_owner(self) -> dict[str, int]:
        """Tasks per owner id; "" are leads that go to the fallback owner."""
        return dict(Counter(one.owner_id for one in self.tasks))


def propose(database: Database, portal: Portal, bands: Collection[Band]) -> Proposal:
    """Leads that a run, or a time in shadow mode, moved into these bands without a task."""
    with database.read() as conn:
        waiting = demand.quiet(conn, portal.portal_id, bands)
    cap = portal.settings.routing.tasks_per_owner
    taken: Counter[str] = Counter()
    chosen = []
    for one in waiting:
        if taken[one.owner_id] < cap:
            taken[one.owner_id] += 1
            chosen.append(one)
    return Proposal(tuple(chosen), len(waiting) - len(chosen))


def confirm(
    stores: Stores, portal_id: int, bands: Collection[Band], *, expected: int, actor: str
) -> int:
    """Make the proposed tasks; raises Conflict when they are no longer `expected` many, or the
    portal is not live. A second confirmation finds nothing left to do."""
    with stores.database.read() as conn:
        portal = portals.get(conn, portal_id)
    if portal.settings.mode is not Mode.LIVE:
        raise Conflict(f"portal {portal_id} is {portal.settings.mode.value}: go live first")
    proposal = propose(stores.database, portal, bands)
    if len(proposal.tasks) != expected:
        raise Conflict(
            f"{len(proposal.tasks)} tasks would be made, not {expected}: look at them again"
        )
    _make(stores.database, stores.clock, portal, proposal, actor)
    stores.jobs.enqueue("flush_routes", portal_id=portal_id)
    return len(proposal.tasks)


def _make(database: Database, clock: Clock, portal: Portal, proposal: Proposal, actor: str) -> None:
    portal_id, now = portal.portal_id, clock.now()
    ids = [one.contact_id for one in proposal.tasks]
    with database.write() as conn:
        stored = scores.current(conn, portal_id, ids)
        open_tasks = route_tasks.open_of(conn, portal_id, ids)
        made = []
        for one in proposal.tasks:
            score = stored.get(one.contact_id)
            if score is None or open_tasks.get(one.contact_id):
                continue
            route_id = new_route_id()
            content = content_of(score, one.band, one.owner_id)
            route_tasks.make(conn, portal_id, route_id, one.contact_id, one.band, content, now)
            made.append(
                LeadRoute(
                    route_id,
                    one.contact_id,
                    _KINDS[one.band].value,
                    one.band.value,
                    score.score,
                    Cause.CONFIRMED_RUN,
                    routes.WAITING,
                    route_id,
                    now,
                )
            )
        routes.record(conn, portal_id, made)
        lead_lists.heard(conn, portal_id, [route.contact_id for route in made])
        audit.of_portal(
            conn,
            portal_id,
            "routes.confirm",
            actor=actor,
            now=now,
            detail={"routes": [route.route_id for route in made]},
        )
