"""The workflow action "Score lead" and the workflows of a portal, seen from the portal's side."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from backend.services.workflow_action import answer_workflows
from backend.storage.leads import due_leads
from backend.storage.outbox import workflow_runs
from backend.storage.privacy import personal_data
from backend.wiring import Product
from sandbox.webhooks.signature import signature_v2
from tests.conftest import until
from tests.integration.conftest import ENVIRON, PORTAL, Connected
from tests.integration.crashing import Killed, dying
from tests.integration.routes import flush, score_as
from tests.support.missing import forward, unanswered
from tests.support.pipeline import settle, some_lead

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BLOCKED = {"hs_execution_state": "BLOCK", "hs_expiration_duration": "PT3600S"}


def address(live: Connected) -> str:
    return f"{live.product.stores.settings.public_base_url[0]}/workflow/score"


def execute(live: Connected, contact_id: str, callback_id: str, **more: Any) -> requests.Response:
    """As HubSpot's workflows call it: signed with v2."""
    body = json.dumps(
        {
            "callbackId": callback_id,
            "origin": {"portalId": more.get("portal_id", PORTAL), "actionDefinitionId": 1},
            "context": {"source": "WORKFLOWS", "workflowId": 7},
            "object": {"objectId": int(contact_id), "objectType": "CONTACT"},
            "inputFields": {},
        }
    ).encode()
    secret = more.get("secret", ENVIRON["HUBSPOT_CLIENT_SECRET"])
    headers = {
        "X-HubSpot-Signature": signature_v2(secret, "POST", address(live), body),
        "X-HubSpot-Signature-Version": "v2",
        "Content-Type": "application/json",
    } | more.get("headers", {})
    return requests.post(address(live), data=body, headers=headers, timeout=10)


def outputs(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["outputFields"]
    return found


def completed(live: Connected) -> dict[str, dict[str, str]]:
    return live.sandbox.portal.completed_callbacks


def stale(live: Connected, contact_id: str) -> None:
    """Something about the lead changed and is not scored yet."""
    product = live.product
    with product.stores.database.write() as conn:
        due_leads.come_again(conn, PORTAL, [contact_id], product.stores.clock.now())


def workflow(live: Connected, enrol: dict[str, str], actions: list[dict[str, Any]]) -> None:
    body = {"name": "w", "enrol": enrol, "actions": actions}
    live.sandbox.control("POST", f"/portals/{PORTAL}/workflows", body)


def enrolments(live: Connected) -> list[dict[str, Any]]:
    found = live.sandbox.control("GET", f"/portals/{PORTAL}/workflows")["workflows"]
    return [one for each in found for one in each["enrolments"]]


@ON_SQLITE
def test_an_agent_of_hubspot_reads_and_scores(live: Connected) -> None:
    contact_id = some_lead(live)
    base = live.product.stores.settings.public_base_url[0]

    def ask(path: str, **inputs: Any) -> dict[str, Any]:
        body = {"url": f"{base}/workflow/{path}", "inputFields": inputs}
        answer = live.sandbox.control("POST", f"/portals/{PORTAL}/agent", body)
        assert answer["status"] == 200
        found: dict[str, Any] = answer["outputFields"]
        return found

    score = live.scores()[contact_id].score
    assert ask("explain", contact_id=contact_id)["score"] == score
    assert ask("score", contact_id=contact_id)["score"] == score
    best = ask("best-leads", limit=3)
    assert best["leads"].count("Contact ID") == min(3, best["found"])


@ON_SQLITE
def test_a_fresh_score_is_answered_at_once_and_a_stranger_is_not(live: Connected) -> None:
    contact_id = some_lead(live)
    score = live.scores()[contact_id]
    found = outputs(execute(live, contact_id, f"ap-{PORTAL}-1"))
    assert found == {
        "hs_execution_state": "SUCCESS",
        "score": score.score,
        "fit": score.band.value,
        "action": score.next_action.value,
    }
    assert outputs(execute(live, contact_id, f"ap-{PORTAL}-1")) == found
    assert execute(live, contact_id, f"ap-{PORTAL}-2", secret="guessed").status_code == 401
    unsigned = requests.post(address(live), json={"callbackId": "x"}, timeout=10)
    assert unsigned.status_code == 401
    signed_v3 = {"X-HubSpot-Signature-v3": "bm9wZQ==", "X-HubSpot-Request-Timestamp": "1"}
    assert execute(live, contact_id, f"ap-{PORTAL}-3", headers=signed_v3).status_code == 401
    foreign = outputs(execute(live, contact_id, "ap-99-4", portal_id=99))
    assert foreign == {"hs_execution_state": "FAIL_CONTINUE"}
    with live.product.stores.database.read() as conn:
        assert workflow_runs.get(conn, 99, "ap-99-4") is None
        assert workflow_runs.get(conn, 99, f"ap-{PORTAL}-1") is None


@ON_SQLITE
def test_a_stale_score_blocks_the_workflow_until_it_is_there(live: Connected) -> None:
    contact_id = some_lead(live)
    stale(live, contact_id)
    assert outputs(execute(live, contact_id, f"ap-{PORTAL}-1")) == BLOCKED
    again = outputs(execute(live, contact_id, f"ap-{PORTAL}-1"))
    assert again["hs_execution_state"] == "BLOCK"
    assert completed(live) == {}
    settle(live)
    until(lambda: bool(completed(live)))
    score = live.scores()[contact_id]
    assert completed(live)[f"ap-{PORTAL}-1"] == {
        "hs_execution_state": "SUCCESS",
        "score": str(score.score),
        "fit": score.band.value,
        "action": score.next_action.value,
    }
    assert outputs(execute(live, contact_id, f"ap-{PORTAL}-1"))["score"] == score.score
    calls = live.sandbox.control("GET", "/stats")["calls"]
    assert sum(n for name, n in calls.items() if "/complete" in name) == 1


@ON_SQLITE
def test_it_is_answered_once_wherever_the_worker_dies_and_never_after_it_expired(
    live: Connected,
) -> None:
    contact_id = some_lead(live)
    for step in range(1, 9):
        stale(live, contact_id)
        execute(live, contact_id, f"ap-{PORTAL}-{step}")
    late = replace_expiry(live.product)
    live.product.stores.redis.flushall()  # the doorbell is gone, too: the sweep rings
    for step in range(1, 9):
        product, _ = dying(live.product, step)
        try:
            answer_workflows(product, PORTAL)
        except Killed:
            continue
    settle(live)
    until(lambda: len(completed(live)) == 7)
    assert late not in completed(live)
    with live.product.stores.database.read() as conn:
        ids = [f"ap-{PORTAL}-{n}" for n in range(1, 9)]
        states = {each: workflow_runs.get(conn, PORTAL, each) for each in ids}
    assert {one.state for one in states.values() if one} == {"completed", "expired"}


def replace_expiry(product: Product) -> str:
    with product.stores.database.write() as conn:
        conn.exec_driver_sql(
            "UPDATE executions SET expires_at = created_at WHERE callback_id LIKE '%-8'"
        )
    return f"ap-{PORTAL}-8"


@ON_SQLITE
def test_what_is_no_lead_and_who_is_gone_lets_the_workflow_go_on(live: Connected) -> None:
    contact_id = some_lead(live)
    run = f"ap-{PORTAL}-1"
    assert outputs(execute(live, "987654", run)) == BLOCKED  # HubSpot may know it before us
    live.run()
    until(lambda: run in completed(live))
    assert completed(live)[run] == {"hs_execution_state": "FAIL_CONTINUE"}
    with live.product.stores.database.write() as conn:
        personal_data.remove(
            conn, PORTAL, ["987654"]
        )  # else it is looked for once more in ten minutes
    live.ui("POST", f"/contacts/{contact_id}/properties", {"lifecyclestage": "customer"})
    live.sandbox.control("POST", "/webhooks/flush", {})
    settle(live)
    found = outputs(execute(live, contact_id, f"ap-{PORTAL}-2"))
    assert found == {"hs_execution_state": "FAIL_CONTINUE"}


@ON_SQLITE
def test_workflows_enrol_on_our_property_and_on_our_list(live: Connected) -> None:
    """ai_lead_fit becomes High → our action → a property; the nurture list → its campaign."""
    first, second = sorted(live.scores())[2:4]
    score_as(live, {first: 40, second: 60})
    live.run()
    action = {"type": "custom_action", "url": address(live)}
    write = {"type": "set_property", "property": "ai_lead_reasoning", "value": "{{ score }}!"}
    workflow(live, {"property": "ai_lead_fit", "value": "High"}, [action, write])
    campaign = {"type": "add_to_campaign", "campaign": "warm up"}
    workflow(live, {"list": "AI lead scoring: nurture"}, [campaign])
    score_as(live, {first: 91, second: 10})
    flush(live)
    live.product.stores.jobs.enqueue("flush_writes", portal_id=PORTAL)
    live.burst()

    def both_are_through() -> bool:
        live.run(sweeps=1)
        return [one["state"] for one in enrolments(live)] == ["done", "done"]

    until(both_are_through)
    assert {one["contact_id"] for one in enrolments(live)} == {first, second}
    assert live.properties(first)["ai_lead_reasoning"] == "91!"
    found = live.sandbox.control("GET", f"/portals/{PORTAL}/workflows")["campaigns"]
    assert found == {"warm up": [second]}


@ON_SQLITE
def test_an_enrolled_contact_waits_for_its_score_and_goes_on_with_it(live: Connected) -> None:
    contact_id = some_lead(live)
    score_as(live, {contact_id: 40})
    live.run()
    action = {"type": "custom_action", "url": address(live), "signature": "v3"}
    workflow(live, {"property": "address", "value": "1 Main Street"}, [action])  # no event of ours
    live.ui("POST", f"/contacts/{contact_id}/properties", {"jobtitle": "Chief Everything"})
    live.sandbox.control("POST", "/webhooks/flush", {})  # it is due before the workflow asks
    live.ui("POST", f"/contacts/{contact_id}/properties", {"address": "1 Main Street"})

    def through() -> bool:
        live.run(sweeps=1)
        return [one["state"] for one in enrolments(live)] == ["done"]

    until(through)
    (one,) = enrolments(live)
    assert int(one["outputs"]["score"]) == live.scores()[contact_id].score


@ON_SQLITE
def test_a_page_with_404_in_between_costs_no_workflow_its_answer(live: Connected) -> None:
    contact_id = some_lead(live)
    stale(live, contact_id)
    run = f"ap-{PORTAL}-1"
    execute(live, contact_id, run)
    hubspot = live.product
    live.product = unanswered(live.product, "/automation/actions/callbacks")
    settle(live)
    live.run()
    with live.product.stores.database.read() as conn:
        found = workflow_runs.get(conn, PORTAL, run)
    assert found is not None
    assert found.state == workflow_runs.WAITING
    live.product = hubspot
    forward(live, 60)
    live.run()
    assert completed(live)[run]["score"] == str(live.scores()[contact_id].score)
