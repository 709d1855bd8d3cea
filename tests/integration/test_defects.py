"""A row whose data meets a defect of ours fails alone: leads, events and every outbox go on."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from backend.config import LEAD_RETRY_DELAYS_S
from backend.jobs import fan_out as fan_out_job
from backend.jobs import flush_writes as flush_writes_job
from backend.jobs import population as population_job
from backend.model import Score
from backend.services import workflow_action
from backend.services.mirror import mirroring
from backend.services.scoring import record_values, snapshots
from backend.services.workflow_action import begin, outputs_of
from backend.storage import runs
from backend.storage.leads import due_leads, mirror
from backend.storage.outbox import due_rows, writes
from backend.storage.outbox.due_rows import Outbox
from backend.storage.portals import portals
from backend.storage.portals.portals import NOTIFICATION_URL
from backend.storage.tables.leads import inbox_events, scores
from tests.integration.conftest import PORTAL, Connected, install
from tests.integration.routes import flush, list_of, lists_of, open_tasks, score_as, set_routing
from tests.support.happened import happened, linked, states
from tests.support.records import all_due, shown

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def some(live: Connected, number: int = 5) -> list[str]:
    return sorted(live.scores())[:number]


def spoil(live: Connected, contact_id: str) -> None:
    """What is stored of this lead's score cannot be read any more."""
    with live.product.stores.database.write() as conn:
        conn.execute(
            sa.update(scores)
            .where(scores.c.portal_id == PORTAL, scores.c.contact_id == contact_id)
            .values(body={})
        )


def become_high(live: Connected, contact_ids: list[str]) -> None:
    score_as(live, dict.fromkeys(contact_ids, 20))
    score_as(live, dict.fromkeys(contact_ids, 90))


def waiting(live: Connected, box: Outbox) -> dict[str, str]:
    """What waits, or has failed, with its problem, by whose row it is."""
    table = box.table
    with live.product.stores.database.read() as conn:
        rows = conn.execute(sa.select(table).where(table.c.problem != ""))
        return {str(row._mapping[box.key]): str(row.problem) for row in rows}


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_task_that_cannot_be_written_is_put_off_alone(live: Connected, place: int) -> None:
    ids = some(live)
    bad = ids[place]
    become_high(live, ids)
    spoil(live, bad)
    flush(live)
    assert {c: len(open_tasks(live, c)) for c in ids} == {c: int(c != bad) for c in ids}
    assert list(waiting(live, due_rows.TASKS).values()) == ["unexpected KeyError over this task"]
    assert {c: lists_of(live, c) for c in ids} == {c: [list_of(90)] for c in ids}


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_message_that_cannot_be_written_is_put_off_alone(
    live: Connected, httpserver: HTTPServer, place: int
) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    seal = live.product.stores.cipher.seal
    url = seal(httpserver.url_for("/hook"), portal_id=PORTAL, purpose=NOTIFICATION_URL)
    set_routing(live, notification_url_sealed=url, digest_above=10)
    ids = some(live)
    become_high(live, ids)
    spoil(live, ids[place])
    flush(live)
    assert len(httpserver.log) == len(ids) - 1
    assert len(waiting(live, due_rows.NOTIFICATIONS)) == 1


def test_an_event_that_cannot_be_read_is_put_off_alone_and_fails_in_the_end(
    live: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [*linked(live, "emails", 5)]
    bad = ids[2]
    real = fan_out_job.prepared

    def spoiled(stores: Any, portal: Any, records: Any) -> Any:
        if any(record.object_id == bad for record in records):
            raise IndexError("no such place")
        return real(stores, portal, records)

    monkeypatch.setattr(fan_out_job, "prepared", spoiled)
    happened(live, "emails", *ids)
    fan_out_job.fan_out(live.product, PORTAL)
    assert states(live, "emails") == {one: ("done", 0) for one in ids} | {bad: ("waiting", 1)}
    for _ in range(len(LEAD_RETRY_DELAYS_S) + 1):
        with live.product.stores.database.write() as conn:
            conn.execute(sa.update(inbox_events).values(due_at=inbox_events.c.received_at))
        fan_out_job.fan_out(live.product, PORTAL)
    assert states(live, "emails")[bad][0] == "failed"


def test_a_digest_tells_of_all_others(live: Connected, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    seal = live.product.stores.cipher.seal
    url = seal(httpserver.url_for("/hook"), portal_id=PORTAL, purpose=NOTIFICATION_URL)
    set_routing(live, notification_url_sealed=url, digest_above=2)
    ids = some(live)
    become_high(live, ids)
    spoil(live, ids[1])
    flush(live)
    told = "".join(request.get_data(as_text=True) for request, _ in httpserver.log)
    assert f"{len(ids) - 1} leads became High" in told


def test_a_value_that_cannot_be_written_is_put_off_alone(
    live: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = some(live)
    bad = ids[2]
    score_as(live, dict(zip(ids, range(30, 35), strict=True)))
    real = flush_writes_job.in_portal

    def spoiled(settings: Any, properties: Any) -> Any:
        if properties.get("ai_lead_score") == "32":
            raise UnicodeError("no such letter")
        return real(settings, properties)

    monkeypatch.setattr(flush_writes_job, "in_portal", spoiled)
    live.run()
    written = {one: shown(live, "contacts")[one]["ai_lead_score"] for one in ids}
    assert {one: score for one, score in written.items() if one != bad} == {
        one: str(30 + place) for place, one in enumerate(ids) if one != bad
    }
    assert waiting(live, due_rows.WRITES) == {bad: "unexpected UnicodeError over this write"}


def test_a_company_whose_value_cannot_be_computed_is_put_off_alone(
    live: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_due(live)
    company_ids = sorted(shown(live, "companies"))
    bad = company_ids[1]
    real = record_values.account_scores

    def spoiled(conn: Any, portal: Any, ids: Any, now: Any) -> Any:
        if bad in ids:
            raise ZeroDivisionError
        return real(conn, portal, ids, now)

    monkeypatch.setattr(record_values, "account_scores", spoiled)
    queue = writes.QUEUES["companies"]
    with live.product.stores.database.write() as conn:
        writes.forget_written(conn, PORTAL, queue=queue)
        writes.mark(conn, queue, PORTAL, company_ids, live.product.stores.clock.now())
    for company_id in company_ids:
        kept = live.sandbox.portal.record("companies", int(company_id)).properties
        kept |= {name: "" for name in kept if name.startswith("ai_account")}
    all_due(live)
    assert shown(live, "companies").keys() == {*company_ids} - {bad}
    assert waiting(live, queue.box).keys() == {bad}


def test_a_workflow_whose_answer_cannot_be_made_waits_alone(
    live: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = some(live)
    stores = live.product.stores
    with stores.database.write() as conn:
        portal = portals.get(conn, PORTAL)
        due_leads.come_again(conn, PORTAL, ids, stores.clock.now())

    def spoiled(score: Score) -> dict[str, str]:
        if score.contact_id == ids[3]:
            raise LookupError
        return outputs_of(score)

    monkeypatch.setattr(workflow_action, "outputs_of", spoiled)
    for contact_id in ids:
        begin(stores, portal, f"run-{contact_id}", contact_id)
    live.run()
    answered = live.sandbox.portal.completed_callbacks.keys()
    assert answered == {f"run-{one}" for one in ids if one != ids[3]}


@ON_SQLITE
def test_a_contact_that_cannot_be_read_is_left_out_of_the_first_read(
    unconnected: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = mirroring.mirror_record
    left_out: list[str] = []

    def spoiled(record: Any, *more: Any) -> Any:
        if record.object_type == "contacts" and record.object_id in left_out[:1]:
            raise RecursionError
        if record.object_type == "contacts" and not left_out:
            left_out.append(record.object_id)
            raise RecursionError
        return real(record, *more)

    monkeypatch.setattr(mirroring, "mirror_record", spoiled)
    install(unconnected)
    unconnected.run()
    with unconnected.product.stores.database.read() as conn:
        stored = {*mirror.contact_ids(conn, PORTAL, after="")}
    everybody = {str(one.record_id) for one in unconnected.sandbox.portal.stores["contacts"]}
    assert stored == everybody - {*left_out}
    assert len(left_out) == 1


@ON_SQLITE
def test_a_lead_that_cannot_be_put_together_is_left_out_of_a_population(
    connected: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = some(connected)[1]
    real = snapshots.snapshot_of

    def spoiled(portal_id: int, contact: Any, *more: Any) -> Any:
        if contact.object_id == bad:
            raise OverflowError
        return real(portal_id, contact, *more)

    monkeypatch.setattr(snapshots, "snapshot_of", spoiled)
    run = anew(connected, "population")
    connected.run()
    assert state_of(connected, run) == ("done", "")


def test_a_run_that_meets_a_defect_each_time_fails_with_a_sentence(
    connected: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoiled(*_: Any, **__: Any) -> Any:
        raise ArithmeticError

    monkeypatch.setattr(population_job, "build_population", spoiled)
    run = anew(connected, "population")
    for _ in range(2):
        population_job.population(connected.product, PORTAL)
        assert state_of(connected, run)[0] == "running"
    population_job.population(connected.product, PORTAL)
    state, problem = state_of(connected, run)
    assert state == "failed"
    assert problem.startswith("Something unexpected (ArithmeticError) stopped this 3 times.")


def anew(connected: Connected, kind: str) -> str:
    with connected.product.stores.database.write() as conn:
        run = runs.restart(conn, PORTAL, kind, connected.product.stores.clock.now())
    connected.product.stores.jobs.enqueue(kind, portal_id=PORTAL)
    return run.run_id


def state_of(connected: Connected, run_id: str) -> tuple[str, str]:
    with connected.product.stores.database.read() as conn:
        run = runs.get(conn, PORTAL, run_id)
    return run.state, run.problem
