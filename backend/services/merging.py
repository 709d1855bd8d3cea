"""Contacts were merged: what was decided for them holds for the contact that survives."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from backend.ports import Clock
from backend.scoring.write_back import LISTS
from backend.storage.database import Database
from backend.storage.leads import lead_pins, mirror
from backend.storage.outbox import (
    experiments,
    lead_lists,
    notifications,
    route_tasks,
    routes,
    workflow_runs,
)


def follow_merges(
    database: Database,
    clock: Clock,
    portal_id: int,
    gone_by_survivor: Mapping[str, Collection[str]],
) -> None:
    """Standing, routes, tasks, messages and lead records move on; to be called before the erasure.

    Repeating it changes nothing. HubSpot hands the tasks to the survivor by itself; two open ones
    become one with its next score.
    """
    if not gone_by_survivor:
        return
    now = clock.now()
    with database.write() as conn:
        for survivor, merged in gone_by_survivor.items():
            gone = sorted(set(merged) - {survivor})
            lead_lists.move(conn, portal_id, gone, survivor, list(LISTS), now)
            lead_pins.follow(conn, portal_id, gone, survivor)
            experiments.follow(conn, portal_id, gone, survivor)
            routes.follow(conn, portal_id, gone, survivor)
            route_tasks.follow(conn, portal_id, gone, survivor)
            notifications.follow(conn, portal_id, gone, survivor)
            workflow_runs.follow(conn, portal_id, gone, survivor)
            mirror.follow(conn, portal_id, "leads", gone, survivor)
