"""When a follow-up is due: the portal's working days in the portal's own time zone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

END_OF_DAY: Final = time(17)  # local: due by the end of that working day
DAYS_MOST: Final = 366  # nobody plans a follow-up further ahead
_WEEK: Final = 7


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


def zone_of(name: str) -> tzinfo:
    """The zone of that name, UTC where this machine does not know it."""
    try:
        return ZoneInfo(name) if name else UTC
    except (KeyError, OSError, ValueError):  # unknown, odd, or no zone data on this machine
        return UTC
