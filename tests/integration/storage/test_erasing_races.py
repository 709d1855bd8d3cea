"""A contact erased between a look at its tombstone and the storing of a late event."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Thread

import pytest
import sqlalchemy as sa

from backend.storage.database import Database
from backend.storage.privacy import tombstones

PORTAL = 4242001
OTHER = 4242002
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_an_erasure_waits_for_whoever_looked_before_it(database: Database) -> None:
    def erase(portal_id: int) -> None:
        with database.write() as conn:
            tombstones.put(conn, portal_id, ["mac"], NOW)

    waiting = Thread(target=erase, args=(PORTAL,))
    with database.write() as conn:
        tombstones.hold(conn, PORTAL)
        assert tombstones.present(conn, PORTAL, ["mac"]) == set()
        erase(OTHER)  # another portal's goes on
        waiting.start()
        _until_somebody_waits(database)
        assert tombstones.present(conn, PORTAL, ["mac"]) == set()
    waiting.join(30)
    with database.read() as conn:
        assert tombstones.present(conn, PORTAL, ["mac"]) == {"mac"}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_two_who_store_do_not_wait_for_each_other(database: Database) -> None:
    with database.write() as first, database.write() as second:
        tombstones.hold(first, PORTAL)
        tombstones.hold(second, PORTAL)


def _until_somebody_waits(database: Database) -> None:
    waits = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    for _ in range(300):
        with database.read() as conn:
            if conn.execute(waits).scalar_one():
                return
        time.sleep(0.1)
    raise AssertionError("the erasure did not wait")
