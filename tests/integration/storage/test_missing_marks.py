"""Marks of contacts that seem to be gone: which are erased, and what takes a mark back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.storage.database import Database
from backend.storage.portals import portals
from backend.storage.privacy import missing_contacts, tombstones
from tests.conftest import FakeClock

PORTAL = 41
PROTECTED = sorted(tombstones.PROTECTED)


@pytest.fixture(autouse=True)
def _portal(database: Database, clock: FakeClock) -> None:
    with database.write() as conn:
        portals.install(conn, PORTAL, client_id="c", name="", now=clock.now())


def told(database: Database) -> dict[str, str]:
    with database.read() as conn:
        return {one.contact_id: one.cause for one in missing_contacts.told(conn, PORTAL)}


def test_what_is_believed_gone_is_erased_unless_it_is_seen_alive_before(
    database: Database, clock: FakeClock
) -> None:
    with database.write() as conn:
        missing_contacts.suspect(conn, PORTAL, ["1", "2", "3"], clock.now())
        missing_contacts.mark(conn, PORTAL, ["3"], tombstones.MERGE, clock.now())
        missing_contacts.believe(conn, PORTAL, ["1", "2", "3", "4"], clock.now())
    assert told(database) == {"1": "belief", "2": "belief", "3": "merge"}
    with database.write() as conn:
        missing_contacts.clear(conn, PORTAL, ["1", "3"])
    assert told(database) == {"2": "belief", "3": "merge"}


def test_a_look_that_is_put_off_puts_no_erasure_off(database: Database, clock: FakeClock) -> None:
    now = clock.now()
    with database.write() as conn:
        missing_contacts.suspect(conn, PORTAL, ["1", "2"], now)
        missing_contacts.believe(conn, PORTAL, ["1"], now)
        for contact_id in ("1", "2"):
            missing_contacts.put_off(conn, PORTAL, contact_id, now + timedelta(hours=1))
        assert missing_contacts.portals_waiting(conn, now) == {PORTAL}
        assert missing_contacts.due(conn, PORTAL, now, limit=9) == []


@pytest.mark.parametrize("cause", PROTECTED)
@pytest.mark.parametrize("weaker", [tombstones.DELETION, tombstones.MERGE, tombstones.BELIEF])
def test_who_asked_to_be_forgotten_stays_marked_whatever_is_told_later(
    database: Database, clock: FakeClock, cause: str, weaker: str
) -> None:
    with database.write() as conn:
        missing_contacts.mark(conn, PORTAL, ["1"], cause, clock.now())
        missing_contacts.mark(conn, PORTAL, ["1"], weaker, clock.now())
        missing_contacts.clear(conn, PORTAL, ["1"])
        missing_contacts.clear(conn, PORTAL, ["1"], restored=True)
    assert told(database) == {"1": cause}


def test_a_restored_contact_is_not_erased(database: Database, clock: FakeClock) -> None:
    with database.write() as conn:
        missing_contacts.mark(conn, PORTAL, ["1"], tombstones.DELETION, clock.now())
        missing_contacts.clear(conn, PORTAL, ["1"])
    assert told(database) == {"1": "deletion"}
    with database.write() as conn:
        missing_contacts.clear(conn, PORTAL, ["1"], restored=True)
    assert told(database) == {}
