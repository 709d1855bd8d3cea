"""What failed is taken up again once: one, many or by cause; runs are cancelled."""

from __future__ import annotations

import sqlalchemy as sa

from backend.clients.redis.provider_failures import ProviderFailures
from backend.jobs.backfill import backfill
from backend.model import Usage
from backend.storage import runs
from backend.storage.leads import due_leads, inbox
from backend.storage.leads.inbox import NewEvent
from backend.storage.learning import analyses
from backend.storage.portals import portals
from backend.storage.tables.outbox import company_writes
from tests.integration.api.conftest import ON_SQLITE, OTHER, OWN, Desk
from tests.integration.api.fill import fill, park

PEOPLE = [("101", 92, "Ada"), ("102", 61, "Grace"), ("103", 20, "Al"), ("104", 30, "Joan")]
OPERATIONS = f"/portals/{OWN}/operations"
GATEWAY, BAD = "HubSpot answered 502", "a property is missing"


def parked_desk(desk: Desk) -> str:
    fill(desk, PEOPLE)
    for contact_id, problem in (("101", GATEWAY), ("102", GATEWAY), ("103", BAD)):
        park(desk, contact_id, problem)
    fill(desk, [("101", 50, "Stranger")], portal_id=OTHER)
    park(desk, "101", GATEWAY, portal_id=OTHER)
    return desk.token(desk.person("manager"))


def test_what_was_given_up_is_shown_by_name_and_cause(desk: Desk) -> None:
    token = parked_desk(desk)
    found = desk.ask("GET", OPERATIONS, token).get_json()["parked_leads"]
    assert found["causes"] == [{"problem": GATEWAY, "count": 2}, {"problem": BAD, "count": 1}]
    assert {(row["name"], row["attempts"]) for row in found["rows"]} == {
        ("Ada", 7),
        ("Grace", 7),
        ("Al", 7),
    }


def test_a_failed_write_on_a_company_is_shown_and_taken_up_again(desk: Desk) -> None:
    token = parked_desk(desk)
    now = desk.clock.now()
    with desk.product.stores.database.write() as conn:
        conn.execute(
            sa.insert(company_writes).values(
                portal_id=OWN,
                object_id="501",
                payload={},
                version="v",
                attempts=6,
                created_at=now,
                due_at=now,
                parked_at=now,
                problem=BAD,
            )
        )
    found = desk.ask("GET", OPERATIONS, token).get_json()["parked_writes"]
    assert found["causes"] == [{"problem": BAD, "count": 1}]
    (row,) = found["rows"]
    assert (row["object_type"], row["object_id"], row["name"]) == (
        "companies",
        "501",
        "Company 501",
    )
    body = {"what": "writes", "contact_ids": ["501"]}
    assert desk.ask("POST", f"{OPERATIONS}/replay", token, body).get_json()["count"] == 1
    assert desk.ask("GET", OPERATIONS, token).get_json()["parked_writes"]["rows"] == []


def test_one_many_or_a_cause_are_taken_up_again_and_only_once(desk: Desk) -> None:
    token = parked_desk(desk)

    def replay(**wanted: object) -> int:
        answer = desk.ask("POST", f"{OPERATIONS}/replay", token, {"what": "leads", **wanted})
        return int(answer.get_json()["count"])

    assert replay(contact_ids=["103"]) == 1
    assert replay(contact_ids=["103"]) == 0
    assert replay(cause="something else") == 0
    assert replay(cause=GATEWAY) == 2
    assert replay() == 0
    with desk.product.stores.database.read() as conn:
        assert due_leads.parked(conn, OTHER) == 1  # nobody else's


@ON_SQLITE
def test_a_cancelled_backfill_stays_cancelled_and_nothing_more_is_due(desk: Desk) -> None:
    fill(desk, PEOPLE)
    token = desk.token(desk.person("manager"))
    with desk.product.stores.database.write() as conn:
        portals.set_pulled(conn, OWN, desk.clock.now())
    made = desk.ask("POST", f"/portals/{OWN}/runs", token, {"kind": "backfill"}).get_json()
    backfill(desk.product, OWN)
    with desk.product.stores.database.read() as conn:
        assert due_leads.unfinished(conn, OWN) == 4
    path = f"/portals/{OWN}/runs/{made['run_id']}"
    assert desk.ask("POST", f"{path}/cancel", token).get_json()["state"] == "cancelled"
    assert desk.ask("POST", f"{path}/cancel", token).status_code == 409
    with desk.product.stores.database.write() as conn:
        run = runs.get(conn, OWN, made["run_id"])
        assert not runs.advance(conn, run, desk.clock.now(), done=4, position={})
        runs.finish(conn, run, desk.clock.now())
        assert due_leads.unfinished(conn, OWN) == 0
    assert desk.ask("GET", path, token).get_json()["state"] == "cancelled"
    stranger = desk.token(desk.person("admin", OTHER))
    foreign = f"/portals/{OTHER}/runs/{made['run_id']}"
    assert desk.ask("GET", foreign, stranger).status_code == 404


@ON_SQLITE
def test_vendors_and_speed_are_read_off_the_counters(desk: Desk) -> None:
    meter = desk.product.stores.meter
    for seconds in [0.04] * 94 + [2.0] * 6:
        meter.called("hubspot", "GET /x", seconds, ok=True)
    meter.count("embedding_texts", 50)
    meter.count("embedding_seconds", 0.5)
    meter.count("writes", 3, result="written", outcome="ok")
    meter.count("writes", 1, result="parked", outcome="failed")
    meter.send()
    found = desk.ask("GET", OPERATIONS, desk.token(desk.person("rep"))).get_json()
    (vendor,) = found["vendors"]
    assert (vendor["calls"], vendor["p95_ms"]) == (100, 2500)
    assert vendor["mean_ms"] == 157.6
    assert found["speed"]["texts_per_s"] == 100
    assert found["speed"]["write_success"] == 0.75


@ON_SQLITE
def test_upkeep_shows_each_kind_even_before_its_first_run(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    kinds = desk.ask("GET", f"/portals/{OWN}/upkeep", token).get_json()["items"]
    assert [(kind["kind"], kind["state"]) for kind in kinds] == [
        ("daily", ""),
        ("weekly", ""),
        ("monthly", ""),
    ]
    begun = desk.ask("POST", f"/portals/{OWN}/runs", token, {"kind": "daily"})
    assert begun.status_code == 202
    kinds = desk.ask("GET", f"/portals/{OWN}/upkeep", token).get_json()["items"]
    assert kinds[0]["state"] == "running"


@ON_SQLITE
def test_what_scores_do_without_is_said_in_words_with_its_cure(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    stores = desk.product.stores
    assert desk.ask("GET", OPERATIONS, token).get_json()["incomplete"] == []
    cure = "OpenAI answered 401: the key is refused: check OPENAI_API_KEY"
    ProviderFailures(stores.redis, stores.clock).failed("analyst", "key", cure, 2)
    with stores.database.write() as conn:
        spent = portals.get(conn, OWN).settings.daily_ai_calls
        analyses.spend(conn, OWN, "openai/m", Usage(calls=spent), stores.clock.now())
    key, budget = desk.ask("GET", OPERATIONS, token).get_json()["incomplete"]
    assert "the analyst" in key and "2 in a row" in key and cure in key
    assert "budget for today is used up" in budget
    ProviderFailures(stores.redis, stores.clock).answered("analyst")
    assert len(desk.ask("GET", OPERATIONS, token).get_json()["incomplete"]) == 1


def test_changes_that_could_not_be_read_are_shown_and_read_again(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    with desk.product.stores.database.write() as conn:
        for portal_id in (OWN, OTHER):
            event = NewEvent(portal_id, "a", "meetings", "71", "creation", "", desk.clock.now(), {})
            inbox.add(conn, [event], desk.clock.now())
        for row in inbox.waiting(conn, OWN, desk.clock.now()):
            inbox.fail(conn, row.event_row, BAD)
    (shown,) = desk.ask("GET", OPERATIONS, token).get_json()["failed_events"]
    assert (shown["object_type"], shown["object_id"], shown["problem"]) == ("meetings", "71", BAD)
    asked = {"what": "events"}
    assert desk.ask("POST", f"{OPERATIONS}/replay", token, asked).get_json()["count"] == 1
    assert desk.ask("GET", OPERATIONS, token).get_json()["failed_events"] == []
