"""After an unknown outcome: is the task in HubSpot? Its key in the body answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backend.errors import Transient
from backend.services import outbox
from backend.storage.outbox import due_rows, route_tasks
from backend.storage.outbox.route_tasks import RouteTask
from backend.wiring import HubSpot, Product, Stores

SEARCHES = 4  # for a task whose contact is gone: search shows new records late


def look_for(product: Product, portal_id: int, batch: Sequence[RouteTask]) -> list[RouteTask]:
    """The batch with what is known now; tasks that may still turn up are put off and left out.

    The contact's own tasks are read, which is never late; only where the contact is gone the
    search has to do.
    """
    doubtful = [t for t in batch if t.unknown_outcome and t.task_id is None]
    if not doubtful:
        return list(batch)
    found = _among_contacts(product.hubspot, portal_id, [t for t in doubtful if t.contact_id])
    orphans = [task for task in doubtful if not task.contact_id]
    found |= _by_search(product, portal_id, orphans)
    waiting = _still_waiting(
        product.stores,
        portal_id,
        [t for t in orphans if t.task_key not in found],
    )
    never = [t for t in doubtful if t.task_key not in found and t.task_key not in waiting]
    with product.stores.database.write() as conn:
        for key, task_id in found.items():
            route_tasks.has_id(conn, portal_id, key, task_id)
        route_tasks.not_sent(conn, portal_id, never)
    return [
        replace(task, task_id=task.task_id or found.get(task.task_key), unknown_outcome=False)
        for task in batch
        if task.task_key not in waiting
    ]


def _among_contacts(hubspot: HubSpot, portal_id: int, tasks: Sequence[RouteTask]) -> dict[str, str]:
    if not tasks:
        return {}
    crm = hubspot.crm(portal_id)
    linked = crm.associated("contacts", "tasks", sorted({task.contact_id for task in tasks}))
    ids = sorted({task_id for some in linked.values() for task_id in some})
    bodies = {
        record.object_id: record.properties.get("hs_task_body") or ""
        for record in crm.read("tasks", ids, ("hs_task_body",))
    }
    return {
        task.task_key: task_id
        for task in tasks
        for task_id in linked.get(task.contact_id, ())
        if task.task_key in bodies.get(task_id, "")
    }


def _by_search(product: Product, portal_id: int, tasks: Sequence[RouteTask]) -> dict[str, str]:
    hubspot = product.hubspot.routes(portal_id)
    found = {task.task_key: hubspot.find_task(task.task_key) for task in tasks}
    return {key: task_id for key, task_id in found.items() if task_id is not None}


def _still_waiting(stores: Stores, portal_id: int, tasks: Sequence[RouteTask]) -> set[str]:
    waiting = [task for task in tasks if task.attempts < SEARCHES]
    unfound = Transient("the contact is gone and its task is not found yet")
    outbox.put_off(stores, due_rows.TASKS, portal_id, waiting, unfound)
    return {task.task_key for task in waiting}
