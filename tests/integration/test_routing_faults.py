"""Fault tests 34, 35 and 40 of the reliability list; 30 is in tests/fault, with real processes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from backend.jobs.flush_routes import flush_routes
from backend.jobs.flush_writes import flush_writes
from backend.jobs.score_due import score_due
from backend.model import Urgency
from backend.storage.leads import due_leads, scores
from backend.storage.outbox import routes
from backend.storage.portals import portals
from backend.wiring import Product, providers
from tests.contract.openai_server import OpenAiServer, running_openai
from tests.integration.conftest import PORTAL, Connected
from tests.integration.crashing import Killed, dying
from tests.integration.routes import (
    flush,
    lists_of,
    members,
    open_tasks,
    our_tasks,
    routes_of,
    score_as,
)
from tests.support.pipeline import settle
from tests.support.product import changed
from tests.support.reconciling import reconcile

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TITLES = ("Chief Executive Officer", "Warehouse Clerk")


@pytest.fixture
def judged(live: Connected) -> Iterator[OpenAiServer]:
    """The live portal with a language model behind it."""
    product = live.product
    with running_openai() as openai:
        settings = replace(
            product.stores.settings, openai_api_key="sk-canary-key", openai_base_url=openai.url
        )
        chosen = providers(
            settings, product.stores.database, product.stores.redis, product.stores.clock
        )
        live.product = changed(product, settings=settings, analyst=chosen.analyst)
        yield openai
        chosen.close()


def asked(product: Product, contact_id: str) -> None:
    with product.stores.database.write() as conn:
        conn.exec_driver_sql("UPDATE leads SET claim_expires_at = due_since, due_at = due_since")
        due_leads.mark_due(
            conn,
            PORTAL,
            [contact_id],
            Urgency.PERSON,
            product.stores.clock.now(),
            cause="person",
            refresh=True,
        )


def lapse(product: Product) -> None:
    """A dead worker's claim lapses after a minute."""
    with product.stores.database.write() as conn:
        conn.exec_driver_sql("UPDATE leads SET claim_expires_at = due_since")


def history(live: Connected, contact_id: str) -> int:
    with live.product.stores.database.read() as conn:
        return len(scores.history(conn, PORTAL, contact_id, limit=1_000))


def analyst_calls(openai: OpenAiServer) -> int:
    return sum("messages" in body for body in openai.bodies)


@ON_SQLITE
def test_34_a_crash_after_openai_and_before_the_save_costs_one_call_at_most(
    live: Connected, judged: OpenAiServer
) -> None:
    contact_id = sorted(live.scores())[4]
    live.sandbox.control("PUT", "/faults", {"rules": [{"effect": "webhook_drop"}]})
    killed = 0
    for step in range(1, 15):
        live.ui(
            "POST",
            f"/contacts/{contact_id}/properties",
            {"jobtitle": TITLES[step % 2], "numemployees": str(10 * step)},
        )
        asked(live.product, contact_id)
        before, rows = analyst_calls(judged), history(live, contact_id)
        product, bomb = dying(live.product, step)
        try:
            score_due(product, PORTAL, Urgency.PERSON.value, contact_id)
        except Killed:
            lapse(live.product)
        score_due(live.product, PORTAL, Urgency.PERSON.value, contact_id)
        killed += bomb.went_off
        assert analyst_calls(judged) - before <= 2, f"killed at step {step}"
        assert history(live, contact_id) - rows <= 1
        with live.product.stores.database.read() as conn:
            row = due_leads.row(conn, PORTAL, contact_id)
        assert row is not None
        assert row["due_at"] is None
    assert killed >= 5


@ON_SQLITE
def test_35_a_crash_after_hubspots_write_and_before_its_mark_writes_nothing_new(
    live: Connected,
) -> None:
    some = sorted(live.scores())[2:14]
    killed = 0
    for step, contact_id in enumerate(some, start=1):
        score_as(live, {contact_id: 20})
        flush(live)
        flush_writes(live.product, PORTAL)
        score_as(live, {contact_id: 91})
        for job in (flush_writes, flush_routes):
            product, _ = dying(live.product, step)
            try:
                job(product, PORTAL)
            except Killed:
                killed += 1
            written, made = touched(live, contact_id)
            job(live.product, PORTAL)
            job(live.product, PORTAL)
            now_written, now_made = touched(live, contact_id)
            assert written in (None, now_written), f"{job.__name__} killed at {step}"
            assert not made or made == now_made, f"{job.__name__} killed at {step}"
        assert len(open_tasks(live, contact_id)) == 1
        assert lists_of(live, contact_id) == ["priority"]
    assert killed >= 10


def touched(live: Connected, contact_id: str) -> tuple[int | None, list[tuple[int, int]]]:
    """When HubSpot last changed the contact (None: it has no new score yet), and its tasks."""
    record = live.sandbox.portal.record("contacts", int(contact_id))
    arrived = record.properties.get("ai_lead_score") == "91"
    tasks = [(task.record_id, task.updated_ms) for task in our_tasks(live, contact_id)]
    return record.updated_ms if arrived else None, tasks


@ON_SQLITE
def test_40_parked_and_replayed_twice_quickly_is_one_score_and_one_task(live: Connected) -> None:
    contact_id = sorted(live.scores())[6]
    score_as(live, {contact_id: 20})
    flush(live)
    broken = {"effect": "error", "path": "/crm/objects/*", "status": 400}
    live.sandbox.control("PUT", "/faults", {"rules": [broken, broken | {"path": "/crm/lists/*"}]})
    score_as(live, {contact_id: 92})
    flush(live)
    asked(live.product, contact_id)
    score_due(live.product, PORTAL, Urgency.PERSON.value, contact_id)
    with live.product.stores.database.read() as conn:
        assert due_leads.parked(conn, PORTAL) == 1
        parked = routes.counts(conn, PORTAL, parked=True)
    assert (parked["tasks"], parked["lists"]) == (1, 1)
    assert {r.state for r in routes_of(live, contact_id)[:2]} == {"parked"}
    live.sandbox.control("DELETE", "/faults")
    live.sandbox.control("DELETE", "/stats")

    def replay(_: int) -> tuple[int, int]:
        with live.product.stores.database.write() as conn:
            now = live.product.stores.clock.now()
            return due_leads.replay(conn, PORTAL, now), routes.replay(conn, PORTAL, now)

    with ThreadPoolExecutor(2) as pool:
        taken = sorted(pool.map(replay, range(2)))
    assert taken == [(0, 0), (1, 2)]
    flush(live)
    settle(live)
    calls = live.sandbox.control("GET", "/stats")["calls"]
    reads = [n for name, n in calls.items() if name.startswith("GET") and "contacts/" in name]
    assert reads == [1]  # one refresh, so one score
    assert len(our_tasks(live, contact_id)) <= 1
    assert sum(contact_id in ids for ids in members(live).values()) == 1


@ON_SQLITE
def test_refused_lists_switch_off_visibly_and_tasks_go_on(live: Connected) -> None:
    contact_id = sorted(live.scores())[3]
    refused = {"effect": "missing_scope", "path": "/crm/lists/*"}
    live.sandbox.control("PUT", "/faults", {"rules": [refused]})
    score_as(live, {contact_id: 20})
    score_as(live, {contact_id: 90})
    flush(live)
    assert len(open_tasks(live, contact_id)) == 1
    with live.product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
        assert portals.refuses(portal, "lists")
        assert "all required scopes" in portal.installation["refused_why"]["lists"]
        assert routes.counts(conn, PORTAL)["lists"] == 1
        assert routes.counts(conn, PORTAL, parked=True)["lists"] == 0
    live.sandbox.control("DELETE", "/faults")
    live.go_live()  # set-up asks again
    flush(live)
    assert lists_of(live, contact_id) == ["priority"]


@ON_SQLITE
def test_a_deleted_list_is_made_again_with_everybody_who_was_in_it(live: Connected) -> None:
    before = members(live)
    contact_id = sorted(before["nurture"] or before["follow_up"])[0]
    token = live.product.hubspot.keeper.access_token(PORTAL)
    with live.product.stores.database.read() as conn:
        lists = portals.get(conn, PORTAL).installation["lists"]
    live.sandbox.api(
        "DELETE", f"/crm/lists/2026-09/{lists['priority']}", token=token
    ).raise_for_status()
    score_as(live, {contact_id: 95})
    flush(live)
    after = members(live)
    assert after["priority"] == before["priority"] | {contact_id}
    with live.product.stores.database.read() as conn:
        assert portals.get(conn, PORTAL).installation["lists"]["priority"] != lists["priority"]


@ON_SQLITE
def test_our_own_tasks_never_score_a_lead(live: Connected) -> None:
    """Made by us, done by a rep, found by reconciliation: no lead comes due for any of it."""
    contact_id = sorted(live.scores())[3]
    score_as(live, {contact_id: 20})
    score_as(live, {contact_id: 90})
    live.run()
    before = live.scores()[contact_id].scored_at
    (task,) = open_tasks(live, contact_id)
    live.ui("POST", f"/tasks/{task.record_id}/properties", {"hs_task_status": "COMPLETED"})
    live.sandbox.control("POST", "/webhooks/flush", {})
    settle(live)
    assert reconcile(live) == 0
    assert live.scores()[contact_id].scored_at == before
    assert not [a for a in live.scores()[contact_id].factors if a.field == "task" and a.points]


@ON_SQLITE
def test_what_we_wrote_about_an_erased_lead_is_archived(live: Connected) -> None:
    first, second = sorted(live.scores())[3:5]
    score_as(live, {first: 20, second: 20})
    score_as(live, {first: 90, second: 90})
    flush(live)
    score_as(live, {first: 20})
    flush(live)
    assert len(our_tasks(live)) == 2  # one of them done already
    for contact_id in (first, second):
        live.ui("POST", f"/contacts/{contact_id}/privacy-delete", {})
    live.sandbox.control("POST", "/webhooks/flush", {})
    settle(live)
    flush(live)
    assert our_tasks(live) == []
    with live.product.stores.database.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM route_tasks").scalar_one() == 0
