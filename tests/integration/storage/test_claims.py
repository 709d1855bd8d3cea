"""The claim protocol: nothing is scored twice, nothing is forgotten. On SQLite and Postgres."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.model import Urgency
from backend.storage.database import Database
from backend.storage.leads import due_leads
from backend.storage.leads.due_leads import Setback
from backend.storage.portals import portals
from tests.conftest import FakeClock

PORTAL, OTHER = 41, 42


@pytest.fixture(autouse=True)
def _portals(database: Database, clock: FakeClock) -> None:
    with database.write() as conn:
        for portal_id in (PORTAL, OTHER):
            portals.install(conn, portal_id, client_id="c", name="", now=clock.now())


def mark(
    database: Database,
    clock: FakeClock,
    *contacts: str,
    urgency: Urgency = Urgency.EVENT,
    portal_id: int = PORTAL,
) -> None:
    with database.write() as conn:
        due_leads.mark_due(
            conn, portal_id, contacts, urgency, clock.now(), cause="test", refresh=True
        )


def claim(database: Database, clock: FakeClock, urgency: Urgency = Urgency.EVENT) -> list:
    with database.write() as conn:
        return due_leads.claim(conn, PORTAL, urgency, clock.now())


def test_first_event_of_a_quiet_lead_is_due_after_half_a_second(
    database: Database, clock: FakeClock
) -> None:
    mark(database, clock, "1")
    assert claim(database, clock) == []
    clock.forward(0.6)
    assert [c.contact_id for c in claim(database, clock)] == ["1"]


def test_repeats_coalesce_but_never_beyond_thirty_seconds(
    database: Database, clock: FakeClock
) -> None:
    mark(database, clock, "1")
    waited = 0.0
    while not claim(database, clock):
        clock.forward(1)
        waited += 1
        if waited < 60:
            mark(database, clock, "1")
    assert 28 <= waited <= 31


def test_a_thousand_events_in_ten_seconds_are_at_most_two_runs(
    database: Database, clock: FakeClock
) -> None:
    runs = 0
    for _ in range(200):
        mark(database, clock, "1")
        clock.forward(0.05)
        claimed = claim(database, clock)
        runs += len(claimed)
        with database.write() as conn:
            due_leads.finish(conn, PORTAL, claimed)
    clock.forward(40)
    runs += len(claim(database, clock))
    assert runs <= 2


def test_an_event_while_scoring_makes_the_lead_due_again(
    database: Database, clock: FakeClock
) -> None:
    mark(database, clock, "1")
    clock.forward(1)
    claimed = claim(database, clock)
    mark(database, clock, "1")
    with database.write() as conn:
        due_leads.finish(conn, PORTAL, claimed)
        assert due_leads.unfinished(conn, PORTAL) == 1
    clock.forward(3)
    again = claim(database, clock)
    assert [c.version for c in again] == [2]
    with database.write() as conn:
        due_leads.finish(conn, PORTAL, again)
        assert due_leads.unfinished(conn, PORTAL) == 0


def test_two_workers_never_claim_the_same_lead(database: Database, clock: FakeClock) -> None:
    mark(database, clock, *(str(i) for i in range(400)), urgency=Urgency.BACKFILL)
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: claim(database, clock, Urgency.BACKFILL), range(8)))
    claimed = [c.contact_id for batch in batches for c in batch]
    assert len(claimed) == len(set(claimed)) == 400


def test_a_lapsed_claim_is_taken_over_and_the_late_holder_saves_nothing(
    database: Database, clock: FakeClock
) -> None:
    mark(database, clock, "1")
    clock.forward(1)
    slow = claim(database, clock)
    clock.forward(61)
    fast = claim(database, clock)
    assert [c.contact_id for c in fast] == ["1"]
    with database.write() as conn:
        assert due_leads.held(conn, PORTAL, slow[0].token) == set()
        due_leads.finish(conn, PORTAL, slow)
        assert due_leads.unfinished(conn, PORTAL) == 1
        assert due_leads.held(conn, PORTAL, fast[0].token) == {"1"}


def test_a_person_overtakes_a_backfill_and_keeps_the_urgency(
    database: Database, clock: FakeClock
) -> None:
    mark(database, clock, "1", "2", urgency=Urgency.BACKFILL)
    mark(database, clock, "2", urgency=Urgency.PERSON)
    mark(database, clock, "2", urgency=Urgency.BACKFILL)
    assert [c.contact_id for c in claim(database, clock, Urgency.PERSON)] == ["2"]


def test_a_parked_lead_is_not_claimed_until_it_is_replayed_once(
    database: Database, clock: FakeClock
) -> None:
    mark(database, clock, "1")
    clock.forward(1)
    (claimed,) = claim(database, clock)
    with database.write() as conn:
        due_leads.set_back(conn, PORTAL, [Setback(claimed, "broken", None, 6)], clock.now())
        assert due_leads.parked(conn, PORTAL) == 1
        assert due_leads.problems(conn, PORTAL, ["1"]) == {"1": "broken"}
    clock.forward(3600)
    assert claim(database, clock) == []
    with database.write() as conn:
        assert due_leads.replay(conn, PORTAL, clock.now()) == 1
        assert due_leads.replay(conn, PORTAL, clock.now()) == 0
    clock.forward(1)
    assert len(claim(database, clock)) == 1


def test_another_portals_leads_are_never_seen(database: Database, clock: FakeClock) -> None:
    mark(database, clock, "1", portal_id=OTHER)
    clock.forward(1)
    assert claim(database, clock) == []
    with database.read() as conn:
        assert due_leads.unfinished(conn, PORTAL) == 0
        assert due_leads.row(conn, PORTAL, "1") is None


def test_a_disconnected_portals_leads_are_not_rung_for(
    database: Database, clock: FakeClock
) -> None:
    mark(database, clock, "1")
    with database.write() as conn:
        portals.set_state(conn, PORTAL, "needs_reconnect")
        assert due_leads.due_counts(conn, clock.now()) == []
        portals.set_state(conn, PORTAL, "connected")
        assert [c.leads for c in due_leads.due_counts(conn, clock.now())] == [1]


def test_a_batch_that_is_killed_is_halved_until_the_lead_that_did_it_is_parked_alone(
    database: Database, clock: FakeClock
) -> None:
    """A worker that scores lead 66 dies; nothing else ever gives its claim back."""
    everyone = [str(number) for number in range(1, 97)]
    mark(database, clock, *everyone)
    clock.forward(1)
    scored: set[str] = set()
    rounds, parked = 0, []
    while not parked:
        rounds += 1
        assert rounds < 40
        with database.write() as conn:
            parked = due_leads.park_lapsed(conn, PORTAL, clock.now(), 6)
            claimed = due_leads.claim(conn, PORTAL, Urgency.EVENT, clock.now())
            names = {c.contact_id for c in claimed}
            if "66" not in names:
                due_leads.finish(conn, PORTAL, claimed)
                scored |= names
        if "66" in names or not names:
            clock.forward(61)
    assert parked == ["66"]
    while rest := claim(database, clock):
        with database.write() as conn:
            due_leads.finish(conn, PORTAL, rest)
        scored |= {c.contact_id for c in rest}
    assert scored == set(everyone) - {"66"}
    with database.read() as conn:
        assert due_leads.parked(conn, PORTAL) == 1
        assert due_leads.unfinished(conn, PORTAL) == 0


def test_a_lapsed_claim_is_an_attempt_and_fresh_leads_are_not_mixed_in(
    database: Database, clock: FakeClock
) -> None:
    mark(database, clock, "1", "2", "3", "4")
    clock.forward(1)
    assert {c.attempts for c in claim(database, clock)} == {0}
    mark(database, clock, "5")
    clock.forward(61)
    again = claim(database, clock)
    assert ([c.contact_id for c in again], {c.attempts for c in again}) == (["1", "2"], {1})
    assert [c.contact_id for c in claim(database, clock)] == ["3"]
    assert [c.contact_id for c in claim(database, clock)] == ["4"]
    assert [c.contact_id for c in claim(database, clock)] == ["5"]
