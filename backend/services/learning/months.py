"""A month against the one before it, in the portal's time zone.

A month that is not over is held against as many days of the one before: a whole month would always
look better than half of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from backend.storage.database import Connection
from backend.storage.leads import months
from backend.storage.leads.months import Counts, Whose
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of a month, first and last, as the portal's people lived them."""

    first: date
    last: date


def stretches(portal: Portal, month: date, now: datetime) -> tuple[Stretch, Stretch]:
    """(that month as far as it has come, as many days of the one before)."""
    today = now.astimezone(portals.zone(portal)).date()
    first = month.replace(day=1)
    end = _next(first) - timedelta(days=1)
    last = min(end, max(first, today))
    before = (first - timedelta(days=1)).replace(day=1)
    before_end = first - timedelta(days=1)
    alike = before_end if last == end else min(before_end, before + (last - first))
    return Stretch(first, last), Stretch(before, alike)


def bounds(portal: Portal, days: Stretch) -> tuple[datetime, datetime]:
    """The moments in which these days begin and are over, as UTC."""
    zone = portals.zone(portal)
    start = datetime.combine(days.first, time(), zone)
    until = datetime.combine(days.last + timedelta(days=1), time(), zone)
    return start.astimezone(UTC), until.astimezone(UTC)


def counted(conn: Connection, portal: Portal, days: Stretch, whose: Whose, now: datetime) -> Counts:
    """What happened in these days."""
    start, until = bounds(portal, days)
    return months.counts(
        conn, portal.portal_id, start, until, days.last, whose, so_far=start <= now < until
    )


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
