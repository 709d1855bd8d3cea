"""Processes die in the middle; every lead is scored all the same, and written once."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import requests

from backend.model import Urgency
from backend.storage import leads, mirror, scores
from bench.stage import Running


def until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.2)


def property_of(stage: Running, contact_id: str, name: str) -> str | None:
    """What the portal's own API says."""
    portal = stage.tour.portal_id
    answer = requests.get(
        f"{stage.stage.sandbox}/sandbox/portals/{portal}/contacts/{contact_id}", timeout=10
    )
    value: str | None = answer.json()["properties"].get(name)
    return value


def all_due(stage: Running) -> list[str]:
    """Make every contact due as if events had come, and read them from the mirror alone."""
    product, portal = stage.tour.product, stage.tour.portal_id
    with product.database.write() as conn:
        ids = mirror.contact_ids(conn, portal, limit=10_000)
        now = product.clock.now()
        leads.mark_due(conn, portal, ids, Urgency.EVENT, now, cause="event", refresh=True)
    return ids


def nothing_left(stage: Running) -> bool:
    with stage.tour.product.database.read() as conn:
        return leads.unfinished(conn, stage.tour.portal_id) == 0


def history_rows(stage: Running) -> int:
    with stage.tour.product.database.read() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM score_history").scalar_one())


def test_a_changed_contact_has_its_new_score_in_the_portal(stage: Running) -> None:
    with stage.tour.product.database.read() as conn:
        lead = scores.top(conn, stage.tour.portal_id, 500)[-1]
    before = property_of(stage, lead.contact_id, "ai_lead_score")
    assert before == str(lead.score)
    stage.tour.reply_from([lead.contact_id])
    stage.tour.wait_until_written()
    after = property_of(stage, lead.contact_id, "ai_lead_score")
    assert after is not None
    assert int(after) > int(before)


def test_a_worker_killed_in_the_middle_of_a_batch_loses_nothing(stage: Running) -> None:
    rows = history_rows(stage)
    began = datetime.now(UTC)
    slow = {"effect": "latency", "path": "/crm/objects/*", "ms": 1_500}
    faults = f"{stage.stage.sandbox}/sandbox/faults"
    requests.put(faults, json={"rules": [slow]}, timeout=10).raise_for_status()
    ids = all_due(stage)
    stage.tour.product.jobs.ring("score_due", portal_id=stage.tour.portal_id, urgency="event")

    def somebody_works() -> bool:
        with stage.tour.product.database.read() as conn:
            claimed = conn.exec_driver_sql(
                "SELECT count(*) FROM leads WHERE claim_token IS NOT NULL"
            )
            return int(claimed.scalar_one()) > 0

    until(somebody_works, 30)
    stage.kill("worker1")
    stage.kill("worker2")
    assert not nothing_left(stage)
    requests.delete(faults, timeout=10).raise_for_status()
    stage.start_one("worker1")
    stage.start_one("worker2")
    until(lambda: nothing_left(stage), 120)
    stage.tour.wait_until_written()
    with stage.tour.product.database.read() as conn:
        found = scores.current(conn, stage.tour.portal_id, ids)
    assert all(score.scored_at >= began for score in found.values())
    assert history_rows(stage) == rows  # nothing changed, so nothing was written twice
    assert stage.stats()["rate_limited"] == 0


def test_valkey_killed_and_emptied_with_everything_due_loses_nothing(stage: Running) -> None:
    all_due(stage)
    stage.kill("valkey")
    for file in (stage.stage.folder / "valkey").rglob("*"):
        if file.is_file():
            file.unlink()
    stage.start_one("valkey")
    for name in ("worker1", "worker2"):
        if stage.processes[name].poll() is not None:  # its supervisor would start it again
            stage.start_one(name)
    until(lambda: nothing_left(stage), 120)


def test_the_web_server_killed_and_back_hears_what_hubspot_repeats(stage: Running) -> None:
    with stage.tour.product.database.read() as conn:
        lead = scores.top(conn, stage.tour.portal_id, 10)[-1]
    stage.kill("web")
    portal = stage.tour.portal_id
    requests.post(
        f"{stage.stage.sandbox}/sandbox/portals/{portal}/contacts/{lead.contact_id}/properties",
        json={"lifecyclestage": "customer"},
        timeout=10,
    ).raise_for_status()
    time.sleep(1)
    stage.start_one("web")

    def forgotten() -> bool:
        with stage.tour.product.database.read() as conn:
            row = leads.row(conn, portal, lead.contact_id)
        return bool(row and row["ineligible_reason"])

    until(forgotten, 60)
