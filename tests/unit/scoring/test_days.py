"""Days are the portal's, with the year when it is not this one. A line teaches a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from backend.model import CrmRecord, PortalSettings, Snapshot
from backend.scoring.collect import mirror_record, snapshot_of
from backend.scoring.points.engagement import happened
from backend.scoring.values.times import day_of, day_text
from backend.scoring.wording.working_days import due_after

TOLD = (
    (date(2026, 11, 20), date(2026, 11, 29), "20 Nov"),
    (date(2026, 1, 2), date(2026, 11, 29), "2 Jan"),
    (date(2025, 12, 30), date(2026, 1, 2), "30 Dec 2025"),
    (date(2025, 11, 20), date(2026, 11, 29), "20 Nov 2025"),
    (date(2027, 1, 8), date(2026, 12, 20), "8 Jan 2027"),
)


@pytest.mark.parametrize(("day", "today", "text"), TOLD)
def test_the_year_is_told_when_it_is_not_this_one(day: date, today: date, text: str) -> None:
    assert day_text(day, today) == text


ZONED = (
    ("2026-11-20T23:30:00Z", "UTC", date(2026, 11, 20)),
    ("2026-11-20T23:30:00Z", "Europe/Berlin", date(2026, 11, 21)),
    ("2026-11-20T03:30:00Z", "America/New_York", date(2026, 11, 19)),
    ("2026-11-20T16:00:00Z", "Asia/Tokyo", date(2026, 11, 21)),
    ("1795217400000", "UTC", date(2026, 11, 20)),
    ("2026-11-20", "Asia/Tokyo", date(2026, 11, 20)),
    ("2026-11-20", "America/Los_Angeles", date(2026, 11, 20)),
)


@pytest.mark.parametrize(("text", "zone", "day"), ZONED)
def test_a_moment_is_on_the_day_that_the_portal_lived(text: str, zone: str, day: date) -> None:
    assert day_of(text, ZoneInfo(zone)) == day


def lead(zone: ZoneInfo, contact: Mapping[str, str]) -> Snapshot:
    def kept(kind: str, given: Mapping[str, str]) -> CrmRecord:
        return CrmRecord(kind, "1", given, datetime(2026, 11, 1, tzinfo=UTC))

    late = "2026-11-20T23:30:00Z"
    records = [
        kept("emails", {"hs_timestamp": late, "hs_email_direction": "INCOMING_EMAIL"}),
        kept("deals", {"createdate": late, "closedate": late, "dealstage": "contractsent"}),
    ]
    return snapshot_of(
        1,
        mirror_record(kept("contacts", contact), {}, zone=zone)[0],
        [mirror_record(one, {})[0] for one in records],
        date(2026, 11, 29),
        PortalSettings(),
        zone,
    )


@pytest.mark.parametrize(("zone", "day"), [("UTC", 20), ("Europe/Berlin", 21)])
def test_every_day_of_a_lead_is_the_portals(zone: str, day: int) -> None:
    form = {"num_conversion_events": "1", "recent_conversion_date": "2026-11-20T23:30:00Z"}
    found = lead(ZoneInfo(zone), form)
    expected = date(2026, 11, day)
    assert happened(found)["reply"].last == expected
    assert happened(found)["form"].last == expected
    assert found.deals[0].closes_on == expected
    assert found.deals[0].created_at.date() == expected


@pytest.mark.parametrize("days", [-5, 0, 1, 60, 10**6, 10**12])
@pytest.mark.parametrize("working", [(), (5, 6), (0,), (0, 1, 2, 3, 4), (7, -1)])
def test_a_follow_up_is_never_in_another_age(days: int, working: tuple[int, ...]) -> None:
    saturday = datetime(2026, 11, 28, 12, tzinfo=UTC)
    due = due_after(saturday, days, working, "Europe/Berlin")
    assert saturday <= due < datetime(2036, 1, 1, tzinfo=UTC)
