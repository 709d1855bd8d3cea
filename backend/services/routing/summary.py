"""The weekly report for managers: when it is due, what it says, and who gets it.

Due once a week at the weekday and hour that the portal chose, in its own time zone. What was missed
because the machine stood still is made up for within a day, not later: a report of last week helps
nobody. Weeks are counted, not days, so neither a change of the clock nor of the portal's time zone
or weekday brings a second one.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from backend.clients.redis.job_queue import RqJobs
from backend.model import Band, Mode
from backend.ports import Clock
from backend.scoring.text.plain_text import visible
from backend.scoring.wording.message import name_of
from backend.scoring.wording.report_email import Report
from backend.services.routing.capacity import capacity
from backend.storage.database import Database
from backend.storage.leads import people, score_days, scores
from backend.storage.outbox import demand, notifications, report_recipients, route_tasks, routes
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import Stores

MADE_UP_FOR: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
CHART_DAYS: Final = 28
NAMED: Final = 5  # leads, where the portal allows names


def begin_summaries(database: Database, jobs: RqJobs, now: datetime) -> int:
    """Each portal's report of this week is due, once. Returns how many portals began."""
    with database.read() as conn:
        wanting = [p for p in portals.listed(conn) if _is_ready(p) and due_since(p, now)]
    begun = 0
    for portal in wanting:
        if _begin(database, portal, now):
            jobs.enqueue("flush_routes", portal_id=portal.portal_id)
            begun += 1
    return begun


def due_since(portal: Portal, now: datetime) -> datetime | None:
    """When the report became due that is to be sent now; None where none is."""
    for weeks in (0, 1):  # a Sunday's report is made up for on the Monday after
        at = _due_at(portal, now - weeks * WEEK)
        if at <= now < at + MADE_UP_FOR:
            return at
    return None


def next_report(portal: Portal, now: datetime) -> datetime:
    """When the next one is due."""
    at = _due_at(portal, now)
    return at if at > now else _due_at(portal, now + WEEK)


def summary_lines(database: Database, clock: Clock, portal: Portal) -> list[str]:
    """Numbers only, no lead is named."""
    since = clock.now() - WEEK
    with database.read() as conn:
        bands = scores.by_band(conn, portal.portal_id)
        made = routes.decided_since(conn, portal.portal_id, since)
        open_tasks = route_tasks.count_open(conn, portal.portal_id)
        parked = sum(routes.counts(conn, portal.portal_id, parked=True).values())
        waiting, _ = demand.untouched(conn, portal.portal_id, limit=1)
    shown = " · ".join(f"{band.value} {bands.get(band, 0):,}" for band in Band)
    lines = [
        f"Leads today: {shown}",
        f"Became High last week: {made.get('task', 0)}, Medium: {made.get('follow_up_task', 0)}",
        f"High leads not contacted since they became High: {waiting:,}",
        f"Open tasks: {open_tasks}",
    ]
    over = [load for load in capacity(database, clock, portal) if load.over]
    lines += [
        f"Owner {load.owner_id}: {load.waiting} new leads, room for {load.capacity}"
        for load in over
    ]
    lines += [f"{parked} routes failed: `writes replay` takes them up again"] if parked else []
    return lines


def report_of(stores: Stores, portal: Portal) -> Report:
    """The week as it is now."""
    now = stores.clock.now()
    today = now.astimezone(portals.zone(portal)).date()
    return Report(
        portal=visible(portal.name) or f"Portal {portal.portal_id}",
        week_until=today,
        lines=tuple(summary_lines(stores.database, stores.clock, portal)),
        leads=_named(stores, portal) if portal.settings.routing.report_names else (),
        days=_days(stores, portal, today),
    )


def _named(stores: Stores, portal: Portal) -> tuple[str, ...]:
    with stores.database.read() as conn:
        _, waiting = demand.untouched(conn, portal.portal_id, limit=NAMED)
        ids = [one.contact_id for one in waiting]
        names = people.names(conn, stores.cipher, portal.portal_id, ids)
    return tuple(
        f"{name_of(names.get(one.contact_id, ''), one.contact_id)}, score {one.score}"
        for one in waiting
    )


def _days(stores: Stores, portal: Portal, today: date) -> tuple[tuple[date, int], ...]:
    with stores.database.read() as conn:
        found = score_days.listed(conn, portal.portal_id, today - timedelta(days=CHART_DAYS - 1))
        high = scores.by_band(conn, portal.portal_id).get(Band.HIGH, 0)
    return (*((one.day, one.high) for one in found if one.day < today), (today, high))


def _is_ready(portal: Portal) -> bool:
    return portal.state == "connected" and portal.settings.mode is Mode.LIVE


def _begin(database: Database, portal: Portal, now: datetime) -> bool:
    """One message for the channel and one for each address; False where all are there already."""
    at = due_since(portal, now)
    if at is None:
        return False
    year, week, _ = at.astimezone(portals.zone(portal)).isocalendar()
    name, portal_id = f"{year}-W{week:02}", portal.portal_id
    with database.write() as conn:
        made = False
        if portal.settings.routing.notification_url_sealed:
            made = notifications.add(conn, portal_id, f"summary-{name}", notifications.SUMMARY, now)
        for one in report_recipients.listed(conn, portal_id):
            if one.unsubscribed_at is None and one.made_at <= at:
                report_id = f"report-{name}-{one.recipient_id}"
                made |= notifications.add(conn, portal_id, report_id, notifications.EMAIL, now)
    return made


def _due_at(portal: Portal, moment: datetime) -> datetime:
    """When the report of the week is due that this moment lies in, as UTC. An hour that the change
    of the clock leaves out is the one after it, one that it repeats is the first."""
    routing, zone = portal.settings.routing, portals.zone(portal)
    day = moment.astimezone(zone).date()
    day += timedelta(days=routing.report_weekday - day.weekday())
    return datetime.combine(day, time(routing.report_hour), zone).astimezone(UTC)
