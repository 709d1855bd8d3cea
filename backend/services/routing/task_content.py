"""What our tasks say, from the scores as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backend.model import Band, CrmRecord
from backend.scoring.values.same import same_values
from backend.scoring.wording.task_text import task_properties
from backend.scoring.wording.working_days import due_after
from backend.storage.leads import people, scores
from backend.storage.outbox.route_tasks import RouteTask
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import Product

_REPS_OWN = ("hs_timestamp", "hs_queue_membership_ids")  # not moved unless a new route came


class Drafts:
    """Properties for one batch of tasks of a portal."""

    def __init__(self, product: Product, portal: Portal, tasks: Sequence[RouteTask]) -> None:
        self._portal = portal
        self._settings = portal.settings.routing
        self._now = product.stores.clock.now()
        with product.stores.database.read() as conn:
            ids = sorted({task.contact_id for task in tasks})
            self._scores = scores.current(conn, portal.portal_id, ids)
            self._names = people.names(conn, product.stores.cipher, portal.portal_id, ids)

    def has(self, task: RouteTask) -> bool:
        """False when the lead has no score any more: its task is about to be closed."""
        return task.contact_id in self._scores

    def new(self, task: RouteTask, *, own: bool = True) -> dict[str, str]:
        """All properties; `own` False takes the fallback owner whoever owns the lead."""
        return self._all(task, "", own=own)

    def changed(self, task: RouteTask, there: CrmRecord, *, own: bool = True) -> dict[str, str]:
        """What differs from the task that exists; its status, and after it was made its due
        time and queue, stay the rep's until a new route comes. {} when nothing differs."""
        body = there.properties.get("hs_task_body") or ""
        kept = (*_REPS_OWN, "hs_task_status") if task.route_id in body else ("hs_task_status",)
        found = self._all(task, body, own=own)
        return {
            name: value
            for name, value in found.items()
            if name not in kept and not same_values({name: value}, there.properties)
        }

    def _all(self, task: RouteTask, old_body: str, *, own: bool) -> dict[str, str]:
        owner_id = task.content.partition("|")[0] if own else ""
        return task_properties(
            self._scores[task.contact_id],
            task.band,
            task.route_ids,
            due_at=self._due_at(task),
            owner_id=owner_id or self._settings.fallback_owner_id,
            queue_id=self._settings.task_queue_id,
            name=self._names.get(task.contact_id, ""),
            old_body=old_body,
            offered=task.band is Band.LOW and not task.by_person,
        )

    def _due_at(self, task: RouteTask) -> datetime:
        if task.band is Band.HIGH:
            return self._now
        days, zone = self._settings.follow_up_days, portals.zone_name(self._portal)
        return due_after(self._now, days, self._settings.working_days, zone)
