"""Monday's summary for managers: what came in, what waits, where it does not fit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from backend.clients.redis.job_queue import RqJobs
from backend.model import Band, Mode
from backend.ports import Clock
from backend.services.routing.capacity import capacity
from backend.storage.database import Database
from backend.storage.leads import scores
from backend.storage.outbox import notifications, route_tasks, routes
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal

MONDAY: Final = 0
FROM_HOUR: Final = 8  # in the portal's time zone


def begin_summaries(database: Database, jobs: RqJobs, now: datetime) -> int:
    """On a Monday morning of each portal, once: its summary is due. Returns how many began."""
    with database.read() as conn:
        wanting = [p for p in portals.listed(conn) if _wants(p, now)]
    begun = 0
    for portal in wanting:
        day = now.astimezone(portals.zone(portal)).date()
        with database.write() as conn:
            made = notifications.add(
                conn, portal.portal_id, f"summary-{day}", notifications.SUMMARY, now
            )
        if made:
            jobs.enqueue("flush_routes", portal_id=portal.portal_id)
            begun += 1
    return begun


def _wants(portal: Portal, now: datetime) -> bool:
    local = now.astimezone(portals.zone(portal))
    ready = portal.state == "connected" and portal.settings.mode is Mode.LIVE
    morning = local.weekday() == MONDAY and local.hour >= FROM_HOUR
    return ready and morning and bool(portal.settings.routing.notification_url_sealed)


def summary_lines(database: Database, clock: Clock, portal: Portal) -> list[str]:
    """Numbers only, no lead is named."""
    since = clock.now() - timedelta(days=7)
    with database.read() as conn:
        bands = scores.by_band(conn, portal.portal_id)
        made = routes.decided_since(conn, portal.portal_id, since)
        open_tasks = route_tasks.count_open(conn, portal.portal_id)
        parked = sum(routes.counts(conn, portal.portal_id, parked=True).values())
    shown = " · ".join(f"{band.value} {bands.get(band, 0):,}" for band in Band)
    lines = [
        f"Leads today: {shown}",
        f"Became High last week: {made.get('task', 0)}, Medium: {made.get('follow_up_task', 0)}",
        f"Open tasks: {open_tasks}",
    ]
    over = [load for load in capacity(database, clock, portal) if load.over]
    lines += [
        f"Owner {load.owner_id}: {load.waiting} new leads, room for {load.capacity}"
        for load in over
    ]
    lines += [f"{parked} routes failed: `writes replay` takes them up again"] if parked else []
    return lines
