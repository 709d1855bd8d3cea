"""A run is worked on by one worker, while it is running, and where it needs a pull after that."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from backend.cli.common.progress import STALLED_S, watched
from backend.errors import Transient
from backend.services import exclusive
from backend.services.exclusive import lease_name, running
from backend.storage import leases, runs
from backend.storage.portals import portals
from backend.storage.tables.operations import leases as leases_table
from backend.storage.tables.portals import portals as portals_table
from tests.conftest import until
from tests.integration.api.conftest import ON_SQLITE, OWN, Desk, desk

__all__ = ["desk"]
pytestmark = ON_SQLITE


def start(desk: Desk) -> runs.Run:
    with desk.product.stores.database.write() as conn:
        return runs.start(conn, OWN, "drift", desk.clock.now())


def is_worked_on(desk: Desk, *, pulled: bool = False) -> bool:
    with running(desk.product, OWN, "drift", pulled=pulled) as work:
        return work is not None


def test_nothing_is_worked_on_before_it_began_and_after_it_ended(desk: Desk) -> None:
    assert not is_worked_on(desk)
    run = start(desk)
    with running(desk.product, OWN, "drift") as work:
        assert work is not None
        assert (work.run.run_id, work.portal.portal_id) == (run.run_id, OWN)
    with desk.product.stores.database.write() as conn:
        runs.finish(conn, run, desk.clock.now(), state="cancelled")
    assert not is_worked_on(desk)


def test_the_second_worker_leaves_it_to_the_first(desk: Desk) -> None:
    start(desk)
    with running(desk.product, OWN, "drift") as first:
        assert first is not None
        assert not is_worked_on(desk)
    assert is_worked_on(desk)


def lapses_at(desk: Desk) -> datetime:
    with desk.product.stores.database.read() as conn:
        found: datetime = conn.execute(sa.select(leases_table.c.expires_at)).scalar_one()
    return found


def test_work_that_takes_longer_than_a_lease_stays_with_its_worker(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exclusive, "LEASE_S", 0.6)
    half = timedelta(seconds=0.5)
    start(desk)
    with running(desk.product, OWN, "drift") as first:
        assert first is not None
        for _ in range(3):
            desk.clock.forward(half.total_seconds())
            until(lambda: lapses_at(desk) > desk.clock.now() + half)
        assert not is_worked_on(desk)
    assert is_worked_on(desk)


def test_a_lease_that_another_worker_took_is_not_touched(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exclusive, "LEASE_S", 0.6)
    start(desk)
    with running(desk.product, OWN, "drift") as first:
        assert first is not None
        with desk.product.stores.database.write() as conn:
            leases.forget_all(conn)
        assert desk.product.stores.leases.take(f"drift:{OWN}", 60) is not None
        assert not first.held.renew()
    assert lapses_at(desk) == desk.clock.now() + timedelta(seconds=60)


def test_what_needs_a_pull_waits_for_it(desk: Desk) -> None:
    start(desk)
    assert not is_worked_on(desk, pulled=True)
    with desk.product.stores.database.write() as conn:
        portals.set_pulled(conn, OWN, desk.clock.now())
        assert conn.execute(sa.select(portals_table.c.pulled_at)).first()
    assert is_worked_on(desk, pulled=True)


def test_a_step_that_takes_long_is_waited_for_while_a_worker_is_at_it(desk: Desk) -> None:
    """A training has five steps; on a busy machine one takes longer than the patience with a run
    that nobody works on."""
    stores = desk.product.stores
    run = start(desk)
    began = desk.clock.now()
    token = stores.leases.take(lease_name(OWN, "drift"), exclusive.LEASE_S)
    assert token is not None
    way = watched(stores.database, desk.clock, run, "Drift")
    for _ in way:
        if desk.clock.now() - began > timedelta(seconds=4 * STALLED_S):
            break
        assert stores.leases.renew(lease_name(OWN, "drift"), token, exclusive.LEASE_S)
    gone = desk.clock.now()  # the worker is killed: its lease lapses, and nobody takes the run
    with pytest.raises(Transient, match="Drift: no worker is at it for 120 s"):
        for _ in way:
            pass
    waited = (desk.clock.now() - gone).total_seconds()
    assert STALLED_S <= waited <= STALLED_S + exclusive.LEASE_S + 1
