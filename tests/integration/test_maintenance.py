"""Daily, weekly and monthly: each leaves a report; two at once are one; nothing costs a request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from backend.clients.clock import SystemClock
from backend.jobs import score_due as score_due_module
from backend.jobs.schedule import begin_due
from backend.jobs.upkeep import decay, maintain
from backend.jobs.upkeep.embedding_upkeep import prune, recall
from backend.model import Urgency
from backend.ports import VectorItem
from backend.storage import runs
from backend.storage.leads import scores
from backend.storage.learning import vectors
from backend.storage.operations import maintenance
from backend.storage.operations.maintenance import INSTALLATION
from backend.storage.portals import portals
from backend.storage.privacy.retention import RULES
from backend.storage.tables.leads import inbox_events
from backend.storage.tables.learning import embeddings
from backend.storage.tables.outbox import pending_writes
from tests.integration.conftest import PORTAL, Connected
from tests.support.commands import ON_SQLITE
from tests.support.maintaining import maintained
from tests.support.product import changed


class Later(SystemClock):
    """The same clock, days ahead."""

    def __init__(self, days: float) -> None:
        self._ahead = timedelta(days=days)

    def now(self):  # type: ignore[no-untyped-def]
        return super().now() + self._ahead


def test_every_maintenance_leaves_a_report_of_every_task(live: Connected, tmp_path: Path) -> None:
    settings = replace(live.product.stores.settings, backup_folder=str(tmp_path / "backups"))
    product = changed(live.product, settings=settings)
    for portal_id in (PORTAL, INSTALLATION):
        tasks = maintain.INSTALLATION_TASKS if portal_id == INSTALLATION else maintain.PORTAL_TASKS
        for kind in maintain.kinds_of(portal_id):
            report = maintained(product, portal_id, kind)
            assert report.state == "done"
            assert set(report.body) == set(tasks[kind])
            assert [name for name, found in report.body.items() if not found["ok"]] == []
    with product.stores.database.read() as conn:
        weekly = maintenance.last_reports(conn, PORTAL)["weekly"].body
        house = maintenance.last_reports(conn, INSTALLATION)["daily"].body
        monthly = maintenance.last_reports(conn, PORTAL)["monthly"].body
        assert maintenance.last_reports(conn, PORTAL + 1) == {}
    assert weekly["patterns"]["leads"] == len(live.scores())
    assert weekly["recall"]["recall"] == 1.0
    assert weekly["recall"]["leads"] > 30
    assert house["audit"]["rows"] > 0
    assert (tmp_path / "backups" / house["backup"]["file"]).stat().st_size > 1_000
    assert sum(monthly["performance"]["leads_by_band"].values()) == len(live.scores())
    live.run()  # the population is counted again, and every lead scored with it
    assert live.unfinished() == 0


def test_what_is_due_begins_once_although_two_look(connected: Connected) -> None:
    product = changed(connected.product, clock=Later(0.5))
    assert begin_due(product, product.stores.clock.now()) == 0
    later = changed(connected.product, clock=Later(1.1))
    assert begin_due(later, later.stores.clock.now()) == 2  # the portal and the installation
    assert begin_due(later, later.stores.clock.now()) == 0
    with product.stores.database.read() as conn:
        assert {(r.portal_id, r.kind) for r in runs.running(conn)} == {
            (PORTAL, "daily"),
            (INSTALLATION, "daily"),
        }
    lease = later.stores.leases.take(f"daily:{PORTAL}", 60)
    maintain.daily(later, PORTAL)  # another worker is at it
    with product.stores.database.read() as conn:
        assert maintenance.last_reports(conn, PORTAL)["daily"].body == {}
    assert lease is not None


@ON_SQLITE
def test_a_task_that_fails_is_said_and_the_others_are_done(
    connected: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> dict[str, object]:
        raise ZeroDivisionError

    tasks = {**maintain.PORTAL_TASKS["daily"], "webhooks": breaks}
    monkeypatch.setattr(maintain, "PORTAL_TASKS", {"daily": tasks})
    report = maintained(connected.product, PORTAL, "daily")
    assert report.body["webhooks"] == {"ok": False, "problem": "unexpected ZeroDivisionError"}
    assert report.body["errors"]["ok"]


@ON_SQLITE
def test_a_crash_costs_one_task(connected: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    product = connected.product
    with product.stores.database.write() as conn:
        run = runs.start(conn, PORTAL, "daily", product.stores.clock.now())
        report = {"tokens": {"ok": True, "done": "before the crash"}}
        position = {maintenance.REPORT: report}
        runs.advance(conn, run, product.stores.clock.now(), done=1, position=position)
    maintain.daily(product, PORTAL)
    with product.stores.database.read() as conn:
        body = maintenance.last_reports(conn, PORTAL)["daily"].body
    assert body["tokens"]["done"] == "before the crash"
    assert set(body) == set(maintain.PORTAL_TASKS["daily"])


def test_decay_moves_scores_without_hubspot_or_a_model_and_writes_only_those(
    live: Connected,
) -> None:
    before = live.scores()
    stats = live.sandbox.control("GET", "/stats")["calls"]
    product = changed(live.product, clock=Later(20))
    with product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    assert decay.decay(live.product, portal, lambda: True)["changed"] == 0
    found = decay.decay(product, portal, lambda: True)
    assert found["leads"] == len(before)
    assert 0 < found["changed"] < len(before)
    assert live.sandbox.control("GET", "/stats")["calls"] == stats
    with product.stores.database.read() as conn:
        causes = conn.exec_driver_sql("SELECT DISTINCT cause FROM leads WHERE due_at IS NOT NULL")
        assert [row[0] for row in causes] == ["decay"]
    score_due_module.score_due(product, PORTAL, Urgency.BACKFILL.value)
    after = live.scores()
    moved = {c for c in before if scores.differs(before[c], after[c])}
    assert len(moved) == found["changed"]
    with product.stores.database.read() as conn:
        waiting = conn.execute(sa.select(pending_writes.c.contact_id))
        assert {row.contact_id for row in waiting} == moved
    assert decay.decay(product, portal, lambda: True)["changed"] == 0


@ON_SQLITE
def test_embeddings_and_vectors_that_nobody_needs_are_removed(connected: Connected) -> None:
    product = connected.product
    with product.stores.database.write() as conn:
        long_ago = product.stores.clock.now() - timedelta(days=9)
        one = np.ones(4, dtype=np.float32)
        vectors.remember(conn, PORTAL, "an-older-model", {"a": one, "b": one}, long_ago)
        vectors.remember(conn, PORTAL, product.ai.embedder.name, {"orphan": one}, long_ago)
        vectors.remember(
            conn, PORTAL, product.ai.embedder.name, {"young": one}, product.stores.clock.now()
        )
        portal = portals.get(conn, PORTAL)
    whole = np.ones(product.ai.embedder.dimension, dtype=np.float32)
    product.ai.index.upsert(PORTAL, [VectorItem("lead:999", whole, {"type": "lead"})])
    count = product.ai.index.count(PORTAL)
    assert prune(product, portal, lambda: True) == {
        "stale": 2,
        "orphans": 1,
        "vectors": 1,
        "same_clients": 0,
    }
    assert product.ai.index.count(PORTAL) == count - 1
    with product.stores.database.read() as conn:
        left = {row.text_hash for row in conn.execute(sa.select(embeddings))}
    assert "young" in left
    assert not {"a", "b", "orphan"} & left
    later = changed(product, clock=Later(5))
    assert prune(later, portal, lambda: True)["orphans"] == 1  # "young" was an orphan, too
    assert recall(product, portal)["recall"] == 1.0


@ON_SQLITE
def test_an_index_that_lost_clients_shows_in_the_recall(connected: Connected) -> None:
    product = connected.product
    with product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    product.ai.index.delete(PORTAL, ["ideal:a"])
    assert recall(product, portal)["recall"] < 0.95


def test_retention_removes_what_is_past_its_age_and_nothing_else(live: Connected) -> None:
    """Fault test 107."""
    product = live.product
    live.sandbox.control("POST", "/webhooks/flush", {})
    with product.stores.database.write() as conn:
        now = product.stores.clock.now()
        for number, days in ((1, 29), (2, 31), (3, 31)):
            state = "waiting" if number == 3 else "done"
            conn.execute(
                sa.insert(inbox_events).values(
                    portal_id=PORTAL,
                    dedupe_key=f"old{number}",
                    object_type="contacts",
                    object_id="1",
                    change="creation",
                    property_name="",
                    related={},
                    occurred_at=now,
                    received_at=now - timedelta(days=days),
                    state=state,
                    due_at=now + timedelta(days=1),
                )
            )
    report = maintained(product, INSTALLATION, "daily")
    assert report.body["retention"]["removed"]["inbox_events"] == 1
    with product.stores.database.read() as conn:
        left = {row.dedupe_key for row in conn.execute(sa.select(inbox_events))}
    assert {"old1", "old3"} <= left
    assert "old2" not in left
    assert {rule.table.name for rule in RULES} >= {"access_log", "erasures", "score_history"}


@ON_SQLITE
def test_tokens_are_rotated_every_day_and_a_refused_one_is_told(connected: Connected) -> None:
    product = connected.product
    before = product.hubspot.tokens.load(PORTAL)
    assert maintained(product, PORTAL, "daily").body["tokens"]["rotated"]
    after = product.hubspot.tokens.load(PORTAL)
    assert after.access_token != before.access_token
    product.hubspot.tokens.mark_needs_reconnect(PORTAL)
    assert not maintained(product, PORTAL, "daily").body["tokens"]["ok"]
