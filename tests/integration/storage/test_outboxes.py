"""What every outbox promises, written once: due, put off, failed, taken up again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.model import Band
from backend.storage.database import Database
from backend.storage.outbox import (
    due_rows,
    notifications,
    route_tasks,
    writes,
)
from backend.storage.outbox.due_rows import OUTBOXES, DueRow
from backend.storage.portals import portals
from tests.conftest import FakeClock
from tests.support.outboxes import KINDS, Kind

PORTAL, OTHER = 41, 42


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture(autouse=True)
def _portals(database: Database, clock: FakeClock) -> None:
    with database.write() as conn:
        for portal_id in (PORTAL, OTHER):
            portals.install(conn, portal_id, client_id="c", name="", now=clock.now())


def add(database: Database, kind: Kind, at: datetime, *contacts: str, portal: int = PORTAL) -> None:
    with database.write() as conn:
        for contact_id in contacts:
            kind.add(conn, portal, contact_id, at)


def due(database: Database, kind: Kind, now: datetime) -> list[Any]:
    with database.read() as conn:
        return list(kind.due(conn, PORTAL, now))


def put_off(
    database: Database, kind: Kind, row: DueRow, due_at: datetime | None, now: datetime
) -> None:
    with database.write() as conn:
        due_rows.put_off(
            conn, kind.box, PORTAL, row, problem="HubSpot says no", due_at=due_at, now=now
        )


def counts(database: Database, kind: Kind) -> tuple[int, int]:
    """(waiting, failed)"""
    with database.read() as conn:
        waiting = due_rows.count(conn, kind.box, PORTAL)
        return waiting, due_rows.count(conn, kind.box, PORTAL, parked=True)


def replay(database: Database, kind: Kind, now: datetime, *which: str, cause: str = "") -> int:
    with database.write() as conn:
        return due_rows.replay(conn, kind.box, PORTAL, now, which or None, cause=cause or None)


def test_every_outbox_is_here() -> None:
    assert sorted(KINDS) == sorted(box.name for box in OUTBOXES)


def whose(row: Any) -> str:
    """The contact, or the other record, that a row is about."""
    return str(getattr(row, "contact_id", "") or row.object_id)


def test_the_longest_due_comes_first_and_nothing_before_its_time(
    database: Database, clock: FakeClock, kind: Kind
) -> None:
    now = clock.now()
    add(database, kind, now + timedelta(seconds=2), "1")
    add(database, kind, now + timedelta(seconds=1), "2")
    add(database, kind, now, "3", portal=OTHER)
    assert due(database, kind, now) == []
    assert [whose(row) for row in due(database, kind, now + timedelta(seconds=1))] == ["2"]
    later = now + timedelta(seconds=2)
    assert [whose(row) for row in due(database, kind, later)] == ["2", "1"]


def test_a_failed_try_is_counted_and_waits(
    database: Database, clock: FakeClock, kind: Kind
) -> None:
    now = clock.now()
    add(database, kind, now, "1")
    for attempts in range(3):
        (row,) = due(database, kind, now)
        assert row.attempts == attempts
        later = now + timedelta(minutes=1)
        put_off(database, kind, row, later, now)
        assert due(database, kind, now) == []
        now = later
    assert counts(database, kind) == (1, 0)


def test_what_failed_for_good_waits_for_a_person_who_takes_it_up_once(
    database: Database, clock: FakeClock, kind: Kind
) -> None:
    now = clock.now()
    add(database, kind, now, "1", "2")
    for row in due(database, kind, now):
        put_off(database, kind, row, None, now)
    assert counts(database, kind) == (0, 2)
    assert due(database, kind, now + timedelta(days=400)) == []
    assert replay(database, kind, now, cause="something else") == 0
    assert replay(database, kind, now, "1") == 1
    assert [(whose(row), row.attempts) for row in due(database, kind, now)] == [("1", 0)]
    assert replay(database, kind, now, cause="HubSpot says no") == 1
    assert replay(database, kind, now) == 0
    assert counts(database, kind) == (2, 0)


def test_a_late_failure_of_what_was_replaced_meanwhile_changes_nothing(
    database: Database, clock: FakeClock, kind: Kind
) -> None:
    if kind.change is None:
        return  # nothing newer can be wanted of a message or an answer
    now = clock.now()
    add(database, kind, now, "1")
    (row,) = due(database, kind, now)
    with database.write() as conn:
        kind.change(conn, PORTAL, "1", now)
    put_off(database, kind, row, None, now)
    (newer,) = due(database, kind, now)
    assert newer.attempts == 0
    assert counts(database, kind) == (1, 0)


def test_waiting_for_an_account_counts_no_try(
    database: Database, clock: FakeClock, kind: Kind
) -> None:
    now, later = clock.now(), clock.now() + timedelta(hours=1)
    add(database, kind, now, "1")
    (row,) = due(database, kind, now)
    with database.write() as conn:
        due_rows.wait(conn, kind.box, PORTAL, [row.as_read[kind.box.key]], later, "not today")
    assert due(database, kind, now) == []
    (again,) = due(database, kind, later)
    assert again.attempts == 0


def test_only_connected_portals_with_due_work_are_named(
    database: Database, clock: FakeClock, kind: Kind
) -> None:
    now = clock.now()

    def named(at: datetime) -> list[int]:
        with database.read() as conn:
            return due_rows.portals_waiting(conn, kind.box, at)

    add(database, kind, now + timedelta(seconds=1), "1")
    add(database, kind, now + timedelta(seconds=1), "2", portal=OTHER)
    assert named(now) == []
    assert named(now + timedelta(seconds=1)) == [PORTAL, OTHER]
    with database.write() as conn:
        portals.set_state(conn, OTHER, "disconnected")
    assert named(now + timedelta(seconds=1)) == [PORTAL]
    (row,) = due(database, kind, now + timedelta(seconds=1))
    put_off(database, kind, row, None, now)
    assert named(now + timedelta(days=400)) == []


def test_a_write_that_was_replaced_while_it_was_written_is_written_again(
    database: Database, clock: FakeClock
) -> None:
    now = clock.now()
    with database.write() as conn:
        writes.put(conn, PORTAL, {"1": {"ai_lead_score": "40"}, "2": {"ai_lead_score": "9"}}, now)
        sent = writes.due(conn, PORTAL, now)
        writes.put(conn, PORTAL, {"1": {"ai_lead_score": "80"}}, now)  # scored again meanwhile
        writes.done(conn, PORTAL, [(one, now) for one in sent], now)
        (newer,) = writes.due(conn, PORTAL, now)
    assert (newer.object_id, dict(newer.properties)) == ("1", {"ai_lead_score": "80"})


def test_a_task_that_changed_while_it_was_made_stays_due(
    database: Database, clock: FakeClock
) -> None:
    now = clock.now()
    with database.write() as conn:
        route_tasks.make(conn, PORTAL, "r1", "1", Band.MEDIUM, "x", now)
        (sent,) = route_tasks.due(conn, PORTAL, now)
        route_tasks.change(conn, PORTAL, "r1", now, band=Band.HIGH.value)
        assert not route_tasks.done(conn, PORTAL, sent)
        (newer,) = route_tasks.due(conn, PORTAL, now)
        assert newer.band is Band.HIGH
        assert route_tasks.done(conn, PORTAL, newer)
        assert route_tasks.due(conn, PORTAL, now) == []


def test_a_digest_tells_of_its_messages_and_nobody_else_does(
    database: Database, clock: FakeClock
) -> None:
    now = clock.now()
    with database.write() as conn:
        for n in ("n1", "n2"):
            notifications.tell_of_lead(conn, PORTAL, n, n, now)
        notifications.add(conn, PORTAL, "digest", notifications.DIGEST, now)
        notifications.gather(conn, PORTAL, "digest", ["n1", "n2"])
        (digest,) = notifications.due(conn, PORTAL, now)
        told = notifications.gathered(conn, PORTAL, "digest")[0]
        later = now + timedelta(minutes=1)
        for row in (digest, told):  # the channel is away: what the digest tells of is not put off
            due_rows.put_off(
                conn, due_rows.NOTIFICATIONS, PORTAL, row, problem="away", due_at=later, now=now
            )
        assert [one.notification_id for one in notifications.due(conn, PORTAL, later)] == ["digest"]
        table = due_rows.NOTIFICATIONS.table
        query = sa.select(table.c.notification_id).where(table.c.due_at.is_not(None))
        assert [row[0] for row in conn.execute(query)] == ["digest"]


@pytest.mark.parametrize("queue", writes.RECORDS, ids=lambda queue: queue.object_type)
def test_a_sooner_mark_replaces_a_later_one_and_not_the_other_way(
    database: Database, clock: FakeClock, queue: writes.Queue
) -> None:
    now = clock.now()

    def marked(after_s: float) -> float:
        with database.write() as conn:
            writes.mark(conn, queue, PORTAL, ["1"], now + timedelta(seconds=after_s))
        with database.read() as conn:
            due_at = conn.execute(sa.select(queue.box.table.c.due_at)).scalar_one()
        return float((due_at - now).total_seconds())

    assert [marked(60), marked(0), marked(60)] == [60, 0, 0]
