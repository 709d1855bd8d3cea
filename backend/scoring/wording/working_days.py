"""The portal's working days in its own time zone: when a follow-up is due, how long one took."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

START_OF_DAY: Final = time(9)  # local
END_OF_DAY: Final = time(17)  # local: due by the end of that working day
DAYS_MOST: Final = 366  # nobody plans a follow-up further ahead
_WEEK: Final = 7
DAY_MINUTES: Final = 60 * (END_OF_DAY.hour - START_OF_DAY.hour)
_FIRST_DAY: Final = date(1990, 1, 1)


def due_after(now: datetime, days: int, working_days: Collection[int], zone_name: str) -> datetime:
    """The end of the `days`-th working day after today (UTC); Monday is 0.

    A zone this machine does not know is taken as UTC; without any working day every day is one.
    """
    zone = zone_of(zone_name)
    wanted = set(working_days) & set(range(_WEEK)) or set(range(_WEEK))
    # From a day off, the first working day is the next one, whether it is counted as 0 or as 1.
    offset = np.busday_offset(
        now.astimezone(zone).date(),
        min(max(0, days), DAYS_MOST),
        roll="preceding" if days > 0 else "forward",
        weekmask=[day in wanted for day in range(_WEEK)],
    )
    due = datetime.combine(offset.astype(object), END_OF_DAY, zone).astimezone(UTC)
    return max(due, now)


def working_minutes(
    start: datetime, end: datetime, working_days: Collection[int], zone: tzinfo
) -> int:
    """Whole minutes from `start` to `end` between 9 and 17 o'clock on working days; Monday is 0.

    Without any working day every day is one. Public holidays are not known here.
    """
    week = [day in (set(working_days) or set(range(_WEEK))) for day in range(_WEEK)]
    return max(0, _worked(end, week, zone) - _worked(start, week, zone))


def _worked(moment: datetime, week: Sequence[bool], zone: tzinfo) -> int:
    """Working minutes from a fixed day until this moment."""
    local = moment.astimezone(zone)
    days = int(np.busday_count(_FIRST_DAY, local.date(), weekmask=week))
    today = 60 * (local.hour - START_OF_DAY.hour) + local.minute if week[local.weekday()] else 0
    return days * DAY_MINUTES + min(max(0, today), DAY_MINUTES)


def zone_of(name: str) -> tzinfo:
    """The zone of that name, UTC where this machine does not know it."""
    try:
        return ZoneInfo(name) if name else UTC
    except (KeyError, OSError, ValueError):  # unknown, odd, or no zone data on this machine
        return UTC
