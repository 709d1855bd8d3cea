"""The machine's clock is set an hour back or ahead, by hand or by NTP: nothing waits for the old
time to come again, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from backend.clients.clock import SystemClock
from backend.config import CLAIM_S
from backend.model import Urgency
from backend.storage import clock_steps
from backend.storage.database import Database
from backend.storage.leads import due_leads
from backend.storage.outbox import writes
from tests.conftest import until
from tests.integration.conftest import PORTAL, Connected
from tests.support.pipeline import some_lead, waiting_events
from tests.support.product import changed


class Stepping(SystemClock):
    """So many hours beside the real time."""

    hours = 0.0
    forward_s = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(hours=self.hours, seconds=self.forward_s)


@pytest.fixture
def clock(live: Connected) -> Iterator[Stepping]:
    found = Stepping()
    live.product = changed(live.product, clock=found)
    yield found


def mark(live: Connected, contact: str) -> None:
    """The lead is due, as after an event."""
    stores = live.product.stores
    now = stores.clock.now()
    with stores.database.write() as conn:
        due_leads.mark_due(
            conn, PORTAL, [contact], Urgency.EVENT, now, cause="event", refresh=False
        )


def worked(live: Connected) -> None:
    """A few sweeps, as cron makes them, within some seconds."""
    for _ in range(6):
        live.run(sweeps=1)
        live.product.stores.clock.sleep(0.5)


HOURS = pytest.mark.parametrize("hours", [-1.0, 1.0])


@HOURS
def test_an_event_that_came_before_is_scored_and_written(
    live: Connected, clock: Stepping, hours: float
) -> None:
    contact = some_lead(live)
    events = waiting_events(live)
    live.ui("POST", f"/contacts/{contact}/properties", {"jobtitle": "Chief Executive Officer"})
    live.sandbox.control("POST", "/webhooks/flush", {})
    until(lambda: waiting_events(live) > events)
    clock.hours = hours
    began = clock.now()
    worked(live)
    score = live.scores()[contact]
    assert score.scored_at >= began
    assert live.properties(contact)["ai_lead_score"] == str(score.score)


@HOURS
def test_a_lead_that_was_due_before_is_scored(
    live: Connected, clock: Stepping, hours: float
) -> None:
    contact = some_lead(live)
    mark(live, contact)
    clock.hours = hours
    worked(live)
    assert live.unfinished() == 0


@HOURS
def test_a_score_that_waited_to_be_written_is_written(
    live: Connected, clock: Stepping, hours: float
) -> None:
    contact = some_lead(live)
    with live.product.stores.database.write() as conn:
        writes.forget(conn, PORTAL, [contact])
        writes.put(conn, PORTAL, {contact: {"ai_lead_score": "7"}}, clock.now())
    clock.hours = hours
    worked(live)
    assert live.properties(contact)["ai_lead_score"] == "7"


@HOURS
def test_work_whose_process_died_before_is_taken_over(
    live: Connected, clock: Stepping, hours: float
) -> None:
    contact = some_lead(live)
    mark(live, contact)
    clock.sleep(3)
    with live.product.stores.database.write() as conn:
        assert due_leads.claim(conn, PORTAL, Urgency.EVENT, clock.now())
    clock.hours = hours
    clock.forward_s = CLAIM_S + 1
    worked(live)
    assert live.unfinished() == 0


def test_two_machines_whose_clocks_differ_make_everything_due_once(database: Database) -> None:
    """Else no retry would wait any more."""
    ahead = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
    behind = ahead - timedelta(minutes=10)
    turn = timedelta(seconds=20)
    with database.write() as conn:
        found = [
            bool(clock_steps.set_back_by(conn, at + n * turn))
            for n in range(5)
            for at in (ahead, behind)
        ]
    assert found == [False, True] + [False] * 8
