"""Work that is due and does not advance for ten minutes is a health problem, whatever its cause."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.model import Mode, Urgency
from backend.services.health.report import report, without_portals
from backend.storage import runs
from backend.storage.leads import due_leads
from backend.storage.portals import portals
from backend.storage.tables.leads import inbox_events
from backend.storage.tables.outbox import notifications
from backend.vocabulary import Cause
from tests.integration.api.conftest import OWN, Desk, desk

__all__ = ["desk"]


def a_lead(desk: Desk, conn: Any) -> None:
    due_leads.mark_due(
        conn,
        OWN,
        ["1"],
        Urgency.BACKFILL,
        desk.clock.now(),
        cause=Cause.BACKFILL,
        refresh=False,
        coalesce=False,
    )


def a_notification(desk: Desk, conn: Any, number: int = 1) -> None:
    now = desk.clock.now()
    conn.execute(
        sa.insert(notifications).values(
            portal_id=OWN,
            notification_id=str(number),
            contact_id="1",
            kind="lead",
            created_at=now,
            due_at=now,
        )
    )


def a_run(desk: Desk, conn: Any) -> None:
    runs.start(conn, OWN, "pull", desk.clock.now())


def an_event(desk: Desk, conn: Any) -> None:
    conn.execute(
        sa.insert(inbox_events).values(
            portal_id=OWN,
            dedupe_key="1",
            object_type="deals",
            object_id="1",
            change="creation",
            property_name="",
            related={},
            occurred_at=desk.clock.now(),
            received_at=desk.clock.now(),
            state="waiting",
            due_at=desk.clock.now(),
        )
    )


WORK = [
    (a_lead, "leads"),
    (a_notification, "notifications"),
    (a_run, "run pull"),
    (an_event, "events"),
]


def after(desk: Desk, minutes: float) -> list[str]:
    desk.clock.forward(timedelta(minutes=minutes).total_seconds())
    return [one["work"] for one in report(desk.product)["standing_still"]]


@pytest.mark.parametrize(("begin", "work"), WORK, ids=[work for _, work in WORK])
def test_work_that_nobody_gets_to_is_a_problem_after_ten_minutes(
    desk: Desk, begin: Any, work: str
) -> None:
    with desk.product.stores.database.write() as conn:
        begin(desk, conn)
    assert after(desk, 1) == []
    assert after(desk, 9) == []
    assert after(desk, 2) == [work]
    found = report(desk.product)
    assert not found["ok"] and found["ready"]
    assert "portal_id" not in str(without_portals(found)["standing_still"])


def test_what_advances_is_no_problem(desk: Desk) -> None:
    with desk.product.stores.database.write() as conn:
        a_notification(desk, conn, 1)
        a_notification(desk, conn, 2)
    assert after(desk, 1) == []
    for _ in range(3):
        with desk.product.stores.database.write() as conn:
            conn.execute(sa.update(notifications).values(attempts=notifications.c.attempts + 1))
        assert after(desk, 6) == []
    assert after(desk, 6) == []
    assert after(desk, 6) == ["notifications"]
    with desk.product.stores.database.write() as conn:
        conn.execute(sa.delete(notifications))
    assert after(desk, 6) == []
    assert report(desk.product)["ok"]


@pytest.mark.parametrize("stop", ["paused", "needs_reconnect"])
def test_a_portal_that_is_to_stand_still_may(desk: Desk, stop: str) -> None:
    with desk.product.stores.database.write() as conn:
        a_run(desk, conn)
        if stop == "paused":
            settings = portals.get(conn, OWN).settings
            portals.set_settings(conn, OWN, type(settings)(mode=Mode.PAUSED))
        else:
            portals.set_state(conn, OWN, stop)
    assert after(desk, 1) == []
    assert after(desk, 20) == []
