"""A month against the one before it: every number agrees with SQL, and a link shows the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.services.learning.months import stretches
from backend.storage.portals import portals
from backend.storage.tables.leads import band_entries, lead_summaries, score_days
from tests.integration.api.conftest import OTHER, OWN, Desk
from tests.integration.api.fill import TRAITS, fill

ASKED = f"/portals/{OWN}/months"


def lead(desk: Desk, contact_id: str, since: datetime, portal_id: int = OWN, **values: Any) -> None:
    traits = replace(TRAITS, lead_since=since)
    fill(desk, [(contact_id, 90, "Ada")], portal_id=portal_id, traits=traits)
    with desk.product.stores.database.write() as conn:
        conn.execute(
            sa.update(lead_summaries)
            .where(lead_summaries.c.contact_id == contact_id)
            .values(**values)
        ) if values else None


def entry(desk: Desk, contact_id: str, at: datetime, **values: Any) -> None:
    row = {
        "portal_id": OWN,
        "contact_id": contact_id,
        "band": "High",
        "entered_at": at,
        "week": at.date() - timedelta(days=at.weekday()),
        "month": at.date().replace(day=1),
        "owner_id": "77",
        "lead_source": "organic_search",
        "result": "open",
        "amount": 0.0,
        "deals": 0,
        **values,
    }
    with desk.product.stores.database.write() as conn:
        conn.execute(sa.insert(band_entries).values(**row))


def compared(desk: Desk, **query: str) -> Any:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    token = desk.token(desk.person("manager"))
    return desk.ask("GET", f"{ASKED}?{asked}", token)


def moment(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_each_number_is_of_its_month_and_its_portal(desk: Desk) -> None:
    lead(desk, "1", moment(9, 30), outcome="won", outcome_at=moment(10, 5))
    lead(desk, "2", moment(10, 1, 0), outcome="lost", outcome_at=moment(10, 31, 23))
    lead(desk, "3", moment(10, 31, 23))
    lead(desk, "4", moment(9, 1, 0))
    lead(desk, "9", moment(10, 2), portal_id=OTHER)
    entry(desk, "1", moment(10, 3), touched_at=moment(10, 4), won_at=moment(10, 5), amount=500.0)
    entry(desk, "2", moment(10, 4))
    entry(desk, "3", moment(9, 4), touched_at=moment(9, 5))
    entry(desk, "4", moment(10, 4), result="before")
    with desk.product.stores.database.write() as conn:
        days = [(date(2026, 10, 30), 7, 51.5), (date(2026, 9, 30), 5, 50.0)]
        for day, high, mean in days:
            row = {"portal_id": OWN, "day": day, "high": high, "medium": 0, "low": 0}
            conn.execute(
                sa.insert(score_days).values(**row, mean_score=mean, counted_at=moment(10, 30))
            )
    found = compared(desk, month="2026-10").get_json()
    now, before = found["now"], found["before"]
    assert (now["first"], now["last"]) == ("2026-10-01", "2026-10-31")
    assert (before["first"], before["last"]) == ("2026-09-01", "2026-09-30")
    assert (now["new_leads"], now["won"], now["lost"], now["became_high"]) == (2, 1, 1, 2)
    assert (before["new_leads"], before["won"], before["became_high"]) == (2, 0, 1)
    assert (now["contacted"]["count"], now["high_won"]["count"], now["amount"]) == (1, 1, 500.0)
    assert (now["high"], now["mean_score"], before["high"]) == (7, 51.5, 5)
    assert now["win_rate"]["share"] is None  # two decided leads are no rate


def test_ten_decided_leads_are_a_rate_with_its_interval(desk: Desk) -> None:
    for n in range(10):
        outcome = "won" if n < 4 else "lost"
        lead(desk, str(n), moment(9, 1), outcome=outcome, outcome_at=moment(10, 5))
    rate = compared(desk, month="2026-10").get_json()["now"]["win_rate"]
    assert (rate["count"], rate["of"], rate["share"]) == (4, 10, 0.4)
    assert rate["low"] < 0.4 < rate["high"]


def test_filters_hold_for_all_that_is_counted_by_lead(desk: Desk) -> None:
    lead(desk, "1", moment(10, 2))
    entry(desk, "1", moment(10, 3))
    mine = compared(desk, month="2026-10", owner="77", source="organic_search").get_json()["now"]
    others = compared(desk, month="2026-10", owner="78").get_json()["now"]
    assert (mine["new_leads"], mine["became_high"]) == (1, 1)
    assert (others["new_leads"], others["became_high"]) == (0, 0)


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "2026-1", "2999-01", "2026-11-01", "x"])
def test_what_is_no_month_is_refused_by_name(desk: Desk, month: str) -> None:
    answer = compared(desk, month=month)
    assert answer.status_code == 400 and "month" in answer.text


@pytest.mark.parametrize(
    ("today", "month", "now", "before"),
    [
        ("2026-11-29", "2026-11-01", ("2026-11-01", "2026-11-29"), ("2026-10-01", "2026-10-29")),
        ("2026-11-30", "2026-11-01", ("2026-11-01", "2026-11-30"), ("2026-10-01", "2026-10-31")),
        ("2026-03-30", "2026-03-01", ("2026-03-01", "2026-03-30"), ("2026-02-01", "2026-02-28")),
        ("2026-11-29", "2026-01-01", ("2026-01-01", "2026-01-31"), ("2025-12-01", "2025-12-31")),
        ("2026-12-01", "2026-12-01", ("2026-12-01", "2026-12-01"), ("2026-11-01", "2026-11-01")),
    ],
)
def test_a_month_that_is_not_over_is_held_against_as_many_days(
    desk: Desk, today: str, month: str, now: tuple[str, str], before: tuple[str, str]
) -> None:
    with desk.product.stores.database.read() as conn:
        portal = portals.get(conn, OWN)
    at = datetime.fromisoformat(f"{today}T12:00:00+00:00")
    found = stretches(portal, date.fromisoformat(month), at)
    assert [(str(one.first), str(one.last)) for one in found] == [now, before]


def test_the_present_month_stands_as_it_is_now(desk: Desk) -> None:
    lead(desk, "1", moment(10, 2))
    with desk.product.stores.database.write() as conn:
        row = {"portal_id": OWN, "day": desk.clock.now().date(), "high": 99, "medium": 0, "low": 0}
        conn.execute(
            sa.insert(score_days).values(**row, mean_score=1.0, counted_at=desk.clock.now())
        )
    month = f"{desk.clock.now():%Y-%m}"
    now = compared(desk, month=month).get_json()["now"]
    assert (now["high"], now["mean_score"]) == (1, 90.0)


def test_a_month_that_has_not_begun_is_not_found(desk: Desk) -> None:
    assert compared(desk, month="2054-10").status_code == 404
