"""The task of a lead as people see it, and the one that a person asks for: made in HubSpot once,
for the lead's owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.errors import Conflict, NotFound
from backend.model import Mode
from backend.services.routing.decide import route_for_person
from backend.storage.database import Connection
from backend.storage.leads import due_leads, scores
from backend.storage.outbox import route_tasks
from backend.storage.outbox.route_tasks import RouteTask
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import Stores


@dataclass(frozen=True, slots=True)
class LeadTask:
    """An open task. `task_id` is HubSpot's, "" until it has it; `failed`: it did not take it."""

    contact_id: str
    task_id: str
    created_at: datetime
    failed: bool


def makes_tasks(portal: Portal) -> bool:
    """Whether tasks are written to this portal: it is connected and live, and HubSpot lets us."""
    live = portal.state == "connected" and portal.settings.mode is Mode.LIVE
    return live and not portals.refuses(portal, "tasks")


def open_task(conn: Connection, portal_id: int, contact_id: str) -> LeadTask | None:
    """The lead's open task of our making, the newest where a merge brought two."""
    found = route_tasks.newest_open(conn, portal_id, contact_id)
    return None if found is None else _seen(found)


def ask_task(stores: Stores, portal_id: int, contact_id: str, *, actor: str) -> LeadTask:
    """The lead's open task; a new one, which the flusher makes, only where there is none.

    Raises Conflict where no tasks are written and NotFound for what is no scored lead.
    """
    with stores.database.write() as conn:
        portal = portals.held(conn, portal_id)
        if not makes_tasks(portal):
            raise Conflict("tasks are not written to this account now")
        due_leads.hold(conn, portal_id, contact_id)
        score = scores.current(conn, portal_id, [contact_id]).get(contact_id)
        if score is None:
            raise NotFound("no scored lead of this account")
        task = route_for_person(conn, portal, score, actor, stores.clock.now())
    stores.jobs.enqueue("flush_routes", portal_id=portal_id)
    return _seen(task)


def _seen(task: RouteTask) -> LeadTask:
    failed = task.parked_at is not None
    return LeadTask(task.contact_id, task.task_id or "", task.created_at, failed)
