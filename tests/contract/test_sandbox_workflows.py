"""The sandbox's workflows behave as HubSpot's guide says of custom actions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from sandbox.numbers import DEFAULT_PORTAL_ID
from sandbox.testing import QUICK, RunningSandbox, running_sandbox
from sandbox.webhooks.signature import signature_v2
from sandbox.workflows.actions import duration_ms
from tests.conftest import until

HERE = f"/portals/{DEFAULT_PORTAL_ID}"
SECRET = "a secret"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(QUICK, client_secret=SECRET) as running:
        yield running


def build(sandbox: RunningSandbox, value: str, actions: list[dict[str, Any]]) -> int:
    body = {"enrol": {"property": "jobtitle", "value": value}, "actions": actions}
    return int(sandbox.control("POST", f"{HERE}/workflows", body)["id"])


def enrol(sandbox: RunningSandbox, value: str) -> str:
    record = next(iter(sandbox.portal.stores["contacts"]))
    path = f"{HERE}/contacts/{record.record_id}/properties"
    sandbox.control("POST", path, {"jobtitle": "something else"})
    sandbox.control("POST", path, {"jobtitle": value})
    return str(record.record_id)


def enrolments(sandbox: RunningSandbox, workflow: int) -> list[dict[str, Any]]:
    found = sandbox.control("GET", f"{HERE}/workflows")["workflows"]
    return next(one["enrolments"] for one in found if one["id"] == workflow)


def test_a_custom_action_is_signed_repeated_on_5xx_and_hands_its_outputs_on(
    sandbox: RunningSandbox, httpserver: HTTPServer
) -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        seen.append(request)
        if len(seen) == 1:
            return Response("", 503)
        outputs = {"hs_execution_state": "SUCCESS", "score": 82}
        return Response(json.dumps({"outputFields": outputs}), content_type="application/json")

    httpserver.expect_request("/action").respond_with_handler(answer)
    url = httpserver.url_for("/action")
    action = {"type": "custom_action", "url": url, "properties": ["email"]}
    write = {"type": "set_property", "property": "website", "value": "score-{{ score }}.example"}
    workflow = build(sandbox, "Signed", [action, write])
    contact_id = enrol(sandbox, "Signed")
    until(lambda: [e["state"] for e in enrolments(sandbox, workflow)] == ["done"])
    first, second = (json.loads(request.get_data()) for request in seen)
    assert first["callbackId"] == second["callbackId"]
    assert first["origin"]["portalId"] == DEFAULT_PORTAL_ID
    assert first["object"]["objectId"] == int(contact_id)
    assert "email" in first["object"]["properties"]
    expected = signature_v2(SECRET, "POST", url, seen[1].get_data())
    assert seen[1].headers["X-HubSpot-Signature"] == expected
    record = sandbox.portal.record("contacts", contact_id)
    assert record.properties["website"] == "score-82.example"


@pytest.mark.parametrize("completed", [True, False])
def test_block_waits_for_its_callback_or_until_it_expires(
    sandbox: RunningSandbox, httpserver: HTTPServer, completed: bool
) -> None:
    outputs = {"hs_execution_state": "BLOCK", "hs_expiration_duration": "PT60S"}
    httpserver.expect_request("/block").respond_with_json({"outputFields": outputs})
    action = {"type": "custom_action", "url": httpserver.url_for("/block")}
    name = f"Blocked {completed}"
    workflow = build(sandbox, name, [action])
    enrol(sandbox, name)
    until(lambda: [e["state"] for e in enrolments(sandbox, workflow)] == ["waiting"])
    (one,) = enrolments(sandbox, workflow)
    path = f"/automation/actions/callbacks/2026-09/{one['callback_id']}/complete"
    body = {"outputFields": {"hs_execution_state": "SUCCESS", "score": "7"}, "typedOutputs": {}}
    token = sandbox.token()
    if completed:
        assert sandbox.api("POST", path, body, token=token).status_code == 204
    else:
        sandbox.clock.forward(61)
    until(lambda: [e["state"] for e in enrolments(sandbox, workflow)] == ["done"])
    (one,) = enrolments(sandbox, workflow)
    assert one["outputs"].get("score") == ("7" if completed else None)
    if not completed:
        assert one["problem"] == "the callback expired"
        assert sandbox.api("POST", path, body, token=sandbox.token()).status_code == 404


def test_putting_a_contact_into_a_list_enrols_it_once_and_into_the_campaign(
    sandbox: RunningSandbox,
) -> None:
    token = sandbox.token()
    body = {"name": "A list", "objectTypeId": "0-1", "processingType": "MANUAL"}
    made = sandbox.api("POST", "/crm/lists/2026-09", body, token=token).json()["list"]
    campaign = {"type": "add_to_campaign", "campaign": "spring"}
    sandbox.control(
        "POST", f"{HERE}/workflows", {"enrol": {"list": "A list"}, "actions": [campaign]}
    )
    contact_id = str(next(iter(sandbox.portal.stores["contacts"])).record_id)
    path = f"/crm/lists/2026-09/{made['listId']}/memberships/add"
    for _ in range(2):
        sandbox.api("PUT", path, [contact_id], token=token).raise_for_status()

    def campaigns() -> dict[str, list[str]]:
        found: dict[str, list[str]] = sandbox.control("GET", f"{HERE}/workflows")["campaigns"]
        return found

    until(lambda: campaigns() == {"spring": [contact_id]})


def test_an_account_without_automation_has_no_workflows(sandbox: RunningSandbox) -> None:
    sandbox.control(
        "POST", "/portals", {"portal_id": 77, "tier": "starter", "contacts": 1, "seed": 3}
    )
    trigger = {"property": "jobtitle", "value": "x"}
    answer = sandbox.session.post(
        f"{sandbox.url}/sandbox/portals/77/workflows", json={"enrol": trigger}, timeout=10
    )
    assert answer.status_code == 400


def test_durations_are_iso_8601() -> None:
    assert duration_ms("PT1H") == 3_600_000
    assert duration_ms("P1DT2H3M4S") == 93_784_000
    assert duration_ms("") == duration_ms("soon") == 7 * 86_400_000
