"""Work that is due is enqueued, tried as often as promised, and dropped when it has no object."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from backend.config import LEAD_RETRY_DELAYS_S
from backend.jobs.score_due import score_due
from backend.jobs.sweep import sweep
from backend.model import MirrorRecord, Urgency
from backend.ports import Tokens
from backend.services import exclusive
from backend.storage.leads import due_leads, mirror
from backend.storage.outbox import writes
from backend.storage.outbox.due_rows import OUTBOXES
from backend.storage.portals import portals
from tests.conftest import until
from tests.integration.api.conftest import ON_SQLITE, OWN, Desk, desk
from tests.support.outboxes import KINDS

__all__ = ["desk"]


class Enqueued:
    """Stands in for the job queue and remembers what was enqueued."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, int]] = []

    def enqueue(self, kind: str, *, portal_id: int, **_: Any) -> None:
        self.jobs.append((kind, portal_id))


def mirrored(desk: Desk, *contact_ids: str, stage: str = "lead") -> None:
    now = desk.clock.now()
    facts = {"lifecycle_stage": stage, "created_on": "2026-11-01", "has_email": "yes"}
    with desk.product.stores.database.write() as conn:
        portals.set_pulled(conn, OWN, now)
        records = [MirrorRecord("contacts", i, facts, updated_at=now) for i in contact_ids]
        mirror.save(conn, OWN, records)


def due(desk: Desk, *contact_ids: str, refresh: bool) -> None:
    with desk.product.stores.database.write() as conn:
        now = desk.clock.now()
        due_leads.mark_due(
            conn, OWN, contact_ids, Urgency.PERSON, now, cause="person", refresh=refresh
        )


@pytest.mark.parametrize("box", OUTBOXES, ids=lambda box: box.name)
def test_a_sweep_enqueues_the_job_of_every_outbox(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, box: Any
) -> None:
    enqueued = Enqueued()
    monkeypatch.setattr(desk.product.stores.jobs, "enqueue", enqueued.enqueue)
    assert sweep(desk.product) == 0
    now = desk.clock.now()
    with desk.product.stores.database.write() as conn:
        KINDS[box.name].add(conn, OWN, "1", now)
    enqueued.jobs.clear()
    assert sweep(desk.product) == 1
    assert enqueued.jobs == [(box.job, OWN)]


def test_a_lead_is_tried_once_and_after_every_delay_then_it_is_parked(desk: Desk) -> None:
    mirrored(desk, "1")
    token = Tokens("a", "r", desk.clock.now() + timedelta(days=9), ("oauth",))
    desk.product.hubspot.tokens.save(OWN, token)
    due(desk, "1", refresh=True)  # HubSpot is away
    tries = 0
    while True:
        score_due(desk.product, OWN, Urgency.PERSON.value)
        with desk.product.stores.database.read() as conn:
            row = due_leads.row(conn, OWN, "1")
        assert row is not None
        tries += 1
        assert row["attempts"] == tries
        if row["parked_at"] is not None:
            break
        desk.clock.at = row["due_at"]
    assert tries == 1 + len(LEAD_RETRY_DELAYS_S)


@pytest.mark.parametrize("stage", ["customer", "lead"])
def test_a_contact_that_is_no_lead_any_more_is_not_written_to(desk: Desk, stage: str) -> None:
    mirrored(desk, "1", stage=stage)
    with desk.product.stores.database.write() as conn:
        writes.put(conn, OWN, {"1": {"ai_lead_score": "40"}}, desk.clock.now())
    due(desk, "1", refresh=False)
    score_due(desk.product, OWN, Urgency.BACKFILL.value, "1")
    with desk.product.stores.database.read() as conn:
        left = writes.due(conn, OWN, desk.clock.now())
    assert [one.object_id for one in left] == ([] if stage == "customer" else ["1"])


@ON_SQLITE
def test_a_lease_is_renewed_before_another_worker_can_take_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str | None] = []

    class Over(threading.Event):
        """Time passes as soon as the renewal waits for it; then another worker tries."""

        def wait(self, timeout: float | None = None) -> bool:
            if len(taken) == 5 or timeout is None:
                return super().wait(timeout)
            desk.clock.forward(timeout)
            taken.append(desk.product.stores.leases.take("work", 60))
            return False

    monkeypatch.setattr(exclusive, "Event", Over)
    with exclusive.exclusive(desk.product, "work") as held:
        assert held is not None
        until(lambda: len(taken) == 5)
        assert held.renew()
    assert taken == [None] * 5
