"""How long something took in working hours: 9 to 17 on the portal's working days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.scoring.wording.working_days import working_minutes

DUBLIN = ZoneInfo("Europe/Dublin")
WEEK = (0, 1, 2, 3, 4)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=DUBLIN)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-23T10:00", "2026-11-23T10:45", 45),
        ("2026-11-23T16:30", "2026-11-24T09:15", 45),  # overnight
        ("2026-11-27T16:00", "2026-11-30T10:00", 120),  # over a weekend
        ("2026-11-28T12:00", "2026-11-29T12:00", 0),  # within it
        ("2026-11-23T18:00", "2026-11-23T23:00", 0),  # after hours
        ("2026-11-23T08:00", "2026-11-23T18:00", 480),
        ("2026-10-23T16:00", "2026-10-26T10:00", 120),  # the clocks change between
        ("2026-11-24T10:00", "2026-11-23T10:00", 0),  # never negative
    ],
)
def test_only_working_hours_count(start: str, end: str, minutes: int) -> None:
    assert working_minutes(at(start), at(end), WEEK, DUBLIN) == minutes
    utc = (at(start).astimezone(UTC), at(end).astimezone(UTC))
    assert working_minutes(*utc, WEEK, DUBLIN) == minutes


def test_other_working_days_and_none() -> None:
    saturday = at("2026-11-28T10:00")
    assert working_minutes(saturday, saturday + timedelta(hours=2), (5,), DUBLIN) == 120
    assert working_minutes(saturday, saturday + timedelta(days=7), (), DUBLIN) == 7 * 480
