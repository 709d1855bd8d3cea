"""From a score to a task, a list and back again, in a running portal."""

from __future__ import annotations

import pytest

from backend.model import Mode, Urgency
from backend.security.audit import chain_key, listed_short, verify
from backend.storage.access import audit
from tests.integration.conftest import ENVIRON, Connected
from tests.integration.routes import (
    flush,
    list_of,
    lists_of,
    members,
    open_tasks,
    our_tasks,
    routes_of,
    score_as,
    set_routing,
)
from tests.support.pipeline import settle

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def some(connected: Connected, number: int = 1) -> list[str]:
    return sorted(connected.scores())[3 : 3 + number]


@ON_SQLITE
def test_going_live_fills_the_lists_and_makes_no_task(live: Connected) -> None:
    found = live.scores()
    assert {c: lists_of(live, c) for c in found} == {
        c: [list_of(s.score)] for c, s in found.items()
    }
    assert sum(len(ids) for ids in members(live).values()) == len(found)
    assert our_tasks(live) == []


def test_a_lead_that_becomes_high_has_one_task_of_its_owner_due_now(live: Connected) -> None:
    (contact_id,) = some(live)
    score_as(live, {contact_id: 40})
    score_as(live, {contact_id: 86})
    flush(live)
    (task,) = open_tasks(live, contact_id)
    owner = live.sandbox.portal.record("contacts", int(contact_id)).properties["hubspot_owner_id"]
    made = next(r for r in routes_of(live, contact_id) if r.kind == "task")
    assert task.properties["hubspot_owner_id"] == owner
    assert task.properties["hs_task_priority"] == "HIGH"
    assert made.route_id in task.properties["hs_task_body"]
    assert "86" in task.properties["hs_task_body"]
    assert (made.state, made.cause) == ("done", "event")
    assert lists_of(live, contact_id) == ["priority"]
    score_as(live, {contact_id: 88})
    flush(live)
    assert len(our_tasks(live, contact_id)) == 1


def test_up_and_down_updates_and_closes_and_never_doubles(live: Connected) -> None:
    (contact_id,) = some(live)
    score_as(live, {contact_id: 40})
    score_as(live, {contact_id: 60})
    flush(live)
    (follow_up,) = open_tasks(live, contact_id)
    assert follow_up.properties["hs_task_priority"] == "MEDIUM"
    score_as(live, {contact_id: 85})
    flush(live)
    (task,) = open_tasks(live, contact_id)
    assert task.record_id == follow_up.record_id
    assert task.properties["hs_task_priority"] == "HIGH"
    newest = next(r for r in routes_of(live, contact_id) if r.kind == "task")
    assert newest.route_id in task.properties["hs_task_body"]
    score_as(live, {contact_id: 60})
    flush(live)
    (second,) = open_tasks(live, contact_id)
    assert second.record_id != task.record_id
    score_as(live, {contact_id: 20})
    flush(live)
    assert open_tasks(live, contact_id) == []
    assert len(our_tasks(live, contact_id)) == 2
    assert lists_of(live, contact_id) == ["nurture"]
    assert {r.state for r in routes_of(live, contact_id)} <= {"done", "replaced"}


@ON_SQLITE
def test_a_run_moves_lists_only_and_the_next_event_closes_what_it_left(live: Connected) -> None:
    first, second = some(live, 2)
    score_as(live, {first: 30, second: 30})
    score_as(live, {first: 90, second: 90}, Urgency.BACKFILL, "backfill")
    flush(live)
    assert our_tasks(live) == []
    assert lists_of(live, first) == ["priority"]
    score_as(live, {second: 30})
    score_as(live, {second: 90})
    flush(live)
    assert len(open_tasks(live, second)) == 1
    score_as(live, {second: 10}, Urgency.BACKFILL, "backfill")
    flush(live)
    assert len(open_tasks(live, second)) == 1
    score_as(live, {second: 11})
    flush(live)
    assert open_tasks(live, second) == []


@ON_SQLITE
def test_the_task_follows_its_owner_and_takes_the_fallback_where_there_is_none(
    live: Connected,
) -> None:
    (contact_id,) = some(live)
    owners = [str(o.owner_id) for o in live.sandbox.portal.owners]
    set_routing(live, fallback_owner_id=owners[2], task_queue_id="77")
    live.ui("POST", f"/contacts/{contact_id}/properties", {"hubspot_owner_id": ""})
    settle(live)
    score_as(live, {contact_id: 40})
    score_as(live, {contact_id: 86})
    flush(live)
    (task,) = open_tasks(live, contact_id)
    assert task.properties["hubspot_owner_id"] == owners[2]
    assert task.properties["hs_queue_membership_ids"] == "77"


@ON_SQLITE
def test_shadow_writes_nothing_and_says_what_it_would_have_done(connected: Connected) -> None:
    (contact_id,) = some(connected)
    score_as(connected, {contact_id: 40})
    score_as(connected, {contact_id: 86})
    flush(connected)
    assert our_tasks(connected) == []
    kinds = {r.kind: r.state for r in routes_of(connected, contact_id)}
    assert kinds["task"] == kinds["notification"] == kinds["priority_list"] == "shadow"
    calls = connected.sandbox.control("GET", "/stats")["calls"]
    assert not [name for name in calls if "memberships" in name or "tasks/batch/create" in name]


@ON_SQLITE
def test_pausing_keeps_what_is_pending(live: Connected) -> None:
    (contact_id,) = some(live)
    score_as(live, {contact_id: 40})
    score_as(live, {contact_id: 86})
    live.set_mode(Mode.PAUSED)
    flush(live)
    assert our_tasks(live) == []
    live.set_mode(Mode.LIVE)
    flush(live)
    assert len(open_tasks(live, contact_id)) == 1


@ON_SQLITE
def test_what_was_decided_is_on_the_trail_in_a_few_words_that_verify(live: Connected) -> None:
    leads = some(live, 40)
    score_as(live, dict.fromkeys(leads, 30))
    score_as(live, dict.fromkeys(leads, 90))
    made = [
        r.route_id
        for each in leads
        for r in routes_of(live, each)
        if (r.kind, r.band) == ("task", "High")
    ]
    with live.product.stores.database.read() as conn:
        rows = list(audit.chain(conn))
    assert verify(rows, chain_key(ENVIRON["SESSION_SECRET"])) == []
    kept = [row for row, _ in rows if row.action == "routes.decide"][-1].detail
    tasks = kept["routes"]["event"]["task"]
    assert {**listed_short(made), "first": tasks["first"]} == tasks
    assert set(tasks["first"]) < set(made)
    assert len(repr(kept)) < 1_000
