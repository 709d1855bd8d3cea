"""What came meanwhile: a newer version of a lead, a newer value of a property, a sooner wake-up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from backend.clients.redis.job_queue import RqJobs
from backend.model import Urgency
from backend.storage.database import Database
from backend.storage.leads import due_leads
from backend.storage.leads.due_leads import Setback
from backend.storage.outbox import writes
from backend.storage.portals import portals
from tests.conftest import FakeClock

PORTAL = 41


@pytest.fixture(autouse=True)
def _portal(database: Database, clock: FakeClock) -> None:
    with database.write() as conn:
        portals.install(conn, PORTAL, client_id="c", name="", now=clock.now())


@pytest.mark.parametrize("again_after_s", [None, 3_600])
def test_only_the_version_that_failed_has_failed(
    database: Database, clock: FakeClock, again_after_s: float | None
) -> None:
    def mark() -> None:
        due_leads.mark_due(
            conn, PORTAL, ["1"], Urgency.EVENT, clock.now(), cause="event", refresh=True
        )

    with database.write() as conn:
        mark()
    clock.forward(1)
    with database.write() as conn:
        (claimed,) = due_leads.claim(conn, PORTAL, Urgency.EVENT, clock.now())
    with database.write() as conn:
        mark()
        again = None if again_after_s is None else clock.now() + timedelta(seconds=again_after_s)
        due_leads.set_back(conn, PORTAL, [Setback(claimed, "broken", again, 6)], clock.now())
        assert due_leads.parked(conn, PORTAL) == 0
    clock.forward(40)
    with database.write() as conn:
        (newer,) = due_leads.claim(conn, PORTAL, Urgency.EVENT, clock.now())
    assert (newer.version, newer.attempts) == (claimed.version + 1, 0)


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "answer-lost"])
def test_a_late_write_is_followed_by_the_newest_value(
    database: Database, clock: FakeClock, answered: bool
) -> None:
    def put(score: str) -> None:
        writes.put(conn, PORTAL, {"1": {"ai_lead_score": score}}, clock.now())

    with database.write() as conn:
        put("57")
        late = writes.due(conn, PORTAL, clock.now())
        put("69")
        newer = writes.due(conn, PORTAL, clock.now())
        writes.done(conn, PORTAL, [(newer[0], clock.now())], clock.now())
        assert writes.due(conn, PORTAL, clock.now()) == []
        if answered:
            writes.done(conn, PORTAL, [(late[0], clock.now())], clock.now())
        else:
            writes.mark_unknown(conn, PORTAL, late, clock.now())
        (again,) = writes.due(conn, PORTAL, clock.now())
    assert again.properties == {"ai_lead_score": "69"}


def test_a_late_write_of_an_erased_contact_is_followed_by_nothing(
    database: Database, clock: FakeClock
) -> None:
    with database.write() as conn:
        writes.put(conn, PORTAL, {"1": {"ai_lead_score": "57"}}, clock.now())
        late = writes.due(conn, PORTAL, clock.now())
        writes.forget(conn, PORTAL, ["1"])
        writes.done(conn, PORTAL, [(late[0], clock.now())], clock.now())
        assert writes.due(conn, PORTAL, clock.now()) == []
        assert writes.known(conn, PORTAL) == 0


def test_a_sooner_wake_up_replaces_a_later_one(valkey_url: str) -> None:
    redis = Redis.from_url(valkey_url)
    redis.flushall()
    jobs = RqJobs(redis)

    def delayed() -> int:
        queue = Queue("event", connection=redis, serializer=JSONSerializer)
        return len(queue.scheduled_job_registry.get_job_ids())

    for delay_s, expected in ((60, 1), (90, 1), (2, 2), (5, 2), (2.5, 2), (1, 3)):
        jobs.enqueue("score_due", delay_s=delay_s, portal_id=PORTAL, urgency="event")
        assert delayed() == expected, delay_s
    jobs.enqueue("score_due", delay_s=60, portal_id=PORTAL + 1, urgency="event")
    assert delayed() == 4
    redis.close()
