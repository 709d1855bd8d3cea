"""Processes die in the middle; every lead is scored all the same, and written once."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime

import psutil
import requests

from backend.model import Thresholds
from backend.services.rescore import rescore
from backend.storage.leads import due_leads, scores
from backend.storage.outbox import routes
from backend.storage.portals import portals
from bench.stage import Running
from tests.conftest import until
from tests.support.stage import all_due, history_rows, nothing_left


def property_of(stage: Running, contact_id: str, name: str) -> str | None:
    """What the portal's own API says."""
    portal = stage.scenario.portal_id
    answer = requests.get(
        f"{stage.stage.sandbox}/sandbox/portals/{portal}/contacts/{contact_id}", timeout=10
    )
    value: str | None = answer.json()["properties"].get(name)
    return value


def test_a_changed_contact_has_its_new_score_in_the_portal(stage: Running) -> None:
    with stage.scenario.product.stores.database.read() as conn:
        lead = scores.top(conn, stage.scenario.portal_id, 500)[-1]
    before = property_of(stage, lead.contact_id, "ai_lead_score")
    assert before == str(lead.score)
    stage.scenario.reply_from([lead.contact_id])
    stage.scenario.wait_until_written()
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
    stage.scenario.product.stores.jobs.enqueue(
        "score_due", portal_id=stage.scenario.portal_id, urgency="event"
    )

    def somebody_works() -> bool:
        with stage.scenario.product.stores.database.read() as conn:
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
    stage.scenario.wait_until_written()
    with stage.scenario.product.stores.database.read() as conn:
        found = scores.current(conn, stage.scenario.portal_id, ids)
    assert all(score.scored_at >= began for score in found.values())
    assert history_rows(stage) == rows  # nothing changed, so nothing was written twice
    assert stage.stats()["rate_limited"] == 0


def work_horses(stage: Running, known: set[int]) -> list[psutil.Process]:
    """Children that are not known yet: a worker forks one for each job, and a scheduler."""
    workers = [stage.processes[name] for name in ("worker1", "worker2")]
    families = [psutil.Process(w.pid).children(recursive=True) for w in workers]
    return [one for family in families for one in family if one.pid not in known]


def test_30_a_work_horse_killed_in_the_middle_is_one_write_and_one_routing(stage: Running) -> None:
    product, portal = stage.scenario.product, stage.scenario.portal_id
    with product.stores.database.read() as conn:
        lead = next(s for s in reversed(scores.top(conn, portal, 500)) if s.score < 70)
    with product.stores.database.write() as conn:
        # A reply is worth more than two points: it takes the lead into High.
        settings = portals.get(conn, portal).settings
        edges = Thresholds(high=lead.score + 3, medium=1)
        portals.set_settings(conn, portal, replace(settings, thresholds=edges))
    contact = f"{stage.stage.sandbox}/sandbox/portals/{portal}/contacts/{lead.contact_id}"
    faults = f"{stage.stage.sandbox}/sandbox/faults"
    slow = {"effect": "latency", "path": "/crm/objects/*/contacts/*", "ms": 4_000}
    requests.put(faults, json={"rules": [slow]}, timeout=10).raise_for_status()
    known = {one.pid for one in work_horses(stage, set())}
    stage.scenario.reply(lead.contact_id)

    def is_claimed() -> bool:
        with product.stores.database.read() as conn:
            row = due_leads.row(conn, portal, lead.contact_id)
        return bool(row and row["claim_token"] and work_horses(stage, known))

    until(is_claimed, 30)
    for horse in work_horses(stage, known):
        horse.kill()
    requests.delete(faults, timeout=10).raise_for_status()
    with product.stores.database.write() as conn:  # a minute passes: the dead horse's claim lapses
        conn.exec_driver_sql("UPDATE leads SET claim_expires_at = due_since")
    until(lambda: nothing_left(stage), 90)
    stage.scenario.wait_until_written()
    with product.stores.database.read() as conn:
        score = scores.current(conn, portal, [lead.contact_id])[lead.contact_id]
        rows = scores.history(conn, portal, lead.contact_id, limit=100)
        found = routes.of_lead(conn, portal, lead.contact_id)
    assert score.score > lead.score
    assert [row["score"] for row in rows].count(score.score) == 1
    assert sorted(r.kind for r in found if r.cause != "backfill") == ["priority_list", "task"]
    shown = requests.get(contact, timeout=10).json()["properties"]
    assert shown["ai_lead_score"] == str(score.score)
    calls = stage.stats()["calls"]
    assert calls.get("POST /crm/objects/2026-09/tasks/batch/create") == 1
    with product.stores.database.write() as conn:
        portals.set_settings(conn, portal, settings)


def roles_of(stage: Running, name: str) -> list[psutil.Process]:
    """The process for events and the one for long work, in the order of their start."""
    children = psutil.Process(stage.processes[name].pid).children()
    return sorted(children, key=lambda child: (child.create_time(), child.pid))


def test_long_work_that_fills_every_slot_holds_up_no_event_and_no_person(stage: Running) -> None:
    product, portal = stage.scenario.product, stage.scenario.portal_id
    busy = [roles_of(stage, name)[1] for name in ("worker1", "worker2")]
    for one in busy:
        one.suspend()  # as in the middle of a backtest
    try:
        for kind in ("backtest", "suggest", "weekly", "population"):
            product.stores.jobs.enqueue(kind, portal_id=portal)
        with product.stores.database.read() as conn:
            lead = scores.top(conn, portal, 500)[-2]
        began = stage.scenario.reply_from([lead.contact_id])
        rescore(product.stores, portal, lead.contact_id, actor="operator")
        until(lambda: nothing_left(stage), 60)
        with product.stores.database.read() as conn:
            found = scores.current(conn, portal, [lead.contact_id])[lead.contact_id]
        assert found.scored_at >= began
    finally:
        for one in busy:
            one.resume()


def test_a_process_of_a_worker_that_dies_is_started_again(stage: Running) -> None:
    before = {one.pid for one in roles_of(stage, "worker1")}
    for one in roles_of(stage, "worker1"):
        one.kill()
    until(lambda: len({one.pid for one in roles_of(stage, "worker1")} - before) == 2, 30)
    all_due(stage)
    until(lambda: nothing_left(stage), 120)


def test_no_role_outlives_its_worker(stage: Running) -> None:
    children = roles_of(stage, "worker1")
    stage.processes["worker1"].kill()
    stage.processes["worker1"].wait(10)
    until(lambda: not any(child.is_running() for child in children), 60)
    stage.start_one("worker1")


def test_a_worker_told_to_stop_ends_though_redis_is_away(stage: Running) -> None:
    process = stage.processes["worker1"]
    family = psutil.Process(process.pid).children(recursive=True)
    stage.kill("valkey")
    time.sleep(2)  # everybody waits for Redis now
    os.kill(process.pid, signal.SIGTERM)
    process.wait(60)
    _, alive = psutil.wait_procs(family, 10)
    assert not alive
    stage.start_one("valkey")
    stage.start_one("worker1")
    all_due(stage)
    until(lambda: nothing_left(stage), 120)


def test_fault_32_a_worker_told_to_stop_finishes_its_batch_and_the_rest_is_done(
    stage: Running,
) -> None:
    all_due(stage)
    stage.scenario.product.stores.jobs.enqueue(
        "score_due", portal_id=stage.scenario.portal_id, urgency="event"
    )

    def somebody_works() -> bool:
        with stage.scenario.product.stores.database.read() as conn:
            claimed = "SELECT count(*) FROM leads WHERE claim_token IS NOT NULL"
            return int(conn.exec_driver_sql(claimed).scalar_one()) > 0

    until(somebody_works, 30)
    for name, times in (("worker1", 1), ("worker2", 2)):  # the second one is told twice
        for _ in range(times):
            os.kill(stage.processes[name].pid, signal.SIGTERM)
            time.sleep(0.2)
        stage.processes[name].wait(60)
        stage.start_one(name)
    until(lambda: nothing_left(stage), 120)


def test_metrics_of_web_processes_workers_and_cron_are_one_sum(stage: Running) -> None:
    def counted(name: str) -> float:
        text = requests.get(f"{stage.stage.web}/metrics", timeout=10).text
        lines = [line for line in text.splitlines() if line.startswith(f"leadlight_{name}")]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    product = stage.scenario.product
    with product.stores.database.read() as conn:
        leads_scored = int(conn.exec_driver_sql("SELECT count(*) FROM scores").scalar_one())
    before = counted("http_requests_total")
    for _ in range(40):  # answered by both gunicorn processes
        requests.get(f"{stage.stage.web}/health/live", timeout=10).raise_for_status()
    assert counted("http_requests_total") >= before + 40
    assert counted("scores_total") >= leads_scored
    assert counted('jobs_total{job="score_due"') > 3  # each in a process of its own
    assert counted('up{part="database"}') == counted('up{part="queue"}') == 1
    until(lambda: counted('provider_up{provider="hubspot"}') == 1, 90)  # asked by cron


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
    with stage.scenario.product.stores.database.read() as conn:
        lead = scores.top(conn, stage.scenario.portal_id, 10)[-1]
    stage.kill("web")
    portal = stage.scenario.portal_id
    requests.post(
        f"{stage.stage.sandbox}/sandbox/portals/{portal}/contacts/{lead.contact_id}/properties",
        json={"lifecyclestage": "customer"},
        timeout=10,
    ).raise_for_status()
    time.sleep(1)
    stage.start_one("web")

    def forgotten() -> bool:
        with stage.scenario.product.stores.database.read() as conn:
            row = due_leads.row(conn, portal, lead.contact_id)
        return bool(row and row["ineligible_reason"])

    until(forgotten, 60)


def test_no_person_of_the_portal_is_in_any_log(stage: Running) -> None:
    """Fault test 101, over everything the processes above have said."""
    scenario = stage.scenario
    page = scenario.product.hubspot.crm(scenario.portal_id).page(
        "contacts", ["email", "phone", "lastname"]
    )
    said = {
        name: stage.stage.log_of(name).read_text() for name in ("web", "worker1", "worker2", "cron")
    }
    assert "scored" in said["worker1"] + said["worker2"]
    assert "webhook" in said["web"]
    people = [record.properties for record in page.records]
    words = {str(p[name]) for p in people for name in ("email", "phone") if p.get(name)}
    assert len(words) > 100
    tokens = scenario.product.hubspot.tokens.load(scenario.portal_id)
    words |= {tokens.access_token, tokens.refresh_token}
    assert {(name, word) for name, text in said.items() for word in words if word in text} == set()
