"""Webhooks: what is sent, how it is signed, batched, retried and spoiled."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from bench.ports import free_port
from sandbox.errors import SandboxError
from sandbox.numbers import WEBHOOK_JITTER
from sandbox.receiver import Receiver, running_receiver
from sandbox.settings import SandboxSettings
from sandbox.testing import QUICK, RunningSandbox, running_sandbox
from sandbox.webhooks.signature import signature_v3
from tests.conftest import stop, until, wait_for_port

Event = dict[str, Any]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture
def sandbox(receiver: Receiver) -> Iterator[RunningSandbox]:
    with running_sandbox(webhook_url=receiver.url) as running:
        running.token()  # installs the app
        yield running


def edit(sandbox: RunningSandbox, path: str = "", body: Any = None, method: str = "POST") -> Any:
    return sandbox.control(method, f"/portals/{sandbox.portal.portal_id}/{path}", body)


def flush(sandbox: RunningSandbox, **more: Any) -> Any:
    answer = sandbox.control("POST", "/webhooks/flush", {"timeout_s": 10, **more})
    assert answer["flushed"]
    return answer


def first_contact(sandbox: RunningSandbox) -> int:
    return next(iter(sandbox.portal.stores["contacts"])).record_id


def test_a_persons_edit_arrives_signed(sandbox: RunningSandbox, receiver: Receiver) -> None:
    contact = first_contact(sandbox)
    edit(sandbox, f"contacts/{contact}/properties", {"properties": {"jobtitle": "CTO"}})
    flush(sandbox)
    (event,) = receiver.of("propertyChange", propertyName="jobtitle")
    assert event["objectId"] == contact and event["objectTypeId"] == "0-1"
    assert event["propertyValue"] == "CTO" and event["attemptNumber"] == 0
    assert event["changeSource"] == "CRM_UI" and event["sourceId"].startswith("userId:")
    assert event["portalId"] == sandbox.portal.portal_id and event["appId"] == sandbox.app.app_id
    headers, body = receiver.requests[0]
    stamp = int(headers["x-hubspot-request-timestamp"])
    assert abs(stamp - time.time() * 1000) < 60_000
    expected = signature_v3(sandbox.app.client_secret, "POST", receiver.url, body, stamp)
    assert headers["x-hubspot-signature-v3"] == expected
    assert headers["x-hubspot-signature-version"] == "v1"


def test_our_own_write_says_that_it_is_ours(sandbox: RunningSandbox, receiver: Receiver) -> None:
    contact = first_contact(sandbox)
    path = f"/crm/objects/2026-09/contacts/{contact}"
    sandbox.api("PATCH", path, {"properties": {"city": "Here"}}, token=sandbox.token())
    flush(sandbox)
    (event,) = receiver.of("propertyChange", propertyName="city")
    assert event["changeSource"] == "INTEGRATION"
    assert event["sourceId"] == str(sandbox.app.app_id)


def test_writing_the_same_value_again_sends_nothing(
    sandbox: RunningSandbox, receiver: Receiver
) -> None:
    contact = first_contact(sandbox)
    for _ in range(2):
        edit(sandbox, f"contacts/{contact}/properties", {"properties": {"city": "Same"}})
    flush(sandbox)
    assert len(receiver.of("propertyChange", propertyName="city")) == 1


def test_an_app_that_is_not_installed_hears_nothing(
    sandbox: RunningSandbox, receiver: Receiver
) -> None:
    sandbox.control("POST", "/uninstall", {})
    edit(sandbox, "contacts", {"properties": {"firstname": "Quiet"}})
    assert flush(sandbox)["sent"] == 0 and receiver.events == []


def test_without_the_read_scope_there_are_no_events(receiver: Receiver) -> None:
    with running_sandbox(webhook_url=receiver.url) as sandbox:
        sandbox.token(["oauth", "crm.objects.contacts.read"])
        edit(sandbox, "deals", {"properties": {"dealname": "D"}})
        edit(sandbox, "contacts", {"properties": {"firstname": "C"}})
        flush(sandbox)
        assert {event["objectTypeId"] for event in receiver.events} == {"0-1"}


def test_events_come_in_batches_of_at_most_100(sandbox: RunningSandbox, receiver: Receiver) -> None:
    sandbox.control("PUT", "/webhooks", {"window_s": 5})
    for _ in range(60):
        edit(sandbox, "notes", {"properties": {"hs_timestamp": "1763628600000"}})
    answer = flush(sandbox)
    sizes = [len(json.loads(body)) for _, body in receiver.requests]
    assert max(sizes) <= 100 and sum(sizes) == answer["sent"] == answer["acknowledged"]
    assert len(receiver.of("creation")) == 60


def test_a_refused_batch_is_retried_with_a_growing_attempt_number(
    sandbox: RunningSandbox, receiver: Receiver
) -> None:
    receiver.answer = lambda number: 503 if number <= 2 else 204
    contact = first_contact(sandbox)
    edit(sandbox, f"contacts/{contact}/properties", {"properties": {"city": "Again"}})
    answer = flush(sandbox, retries=True)
    attempts = [e["attemptNumber"] for e in receiver.of("propertyChange", propertyName="city")]
    assert attempts == [0, 1, 2]
    assert len({e["eventId"] for e in receiver.of("propertyChange", propertyName="city")}) == 1
    assert answer["acknowledged"] == 1 and answer["retried"] == 2 and answer["sent"] == 3


def test_a_batch_is_given_up_after_its_last_retry(
    sandbox: RunningSandbox, receiver: Receiver
) -> None:
    receiver.answer = lambda number: 400
    contact = first_contact(sandbox)
    edit(sandbox, f"contacts/{contact}/properties", {"properties": {"city": "Never"}})
    answer = flush(sandbox, retries=True)
    assert len(receiver.requests) == 4 and answer["given_up"] == 1


def test_at_most_ten_requests_are_under_way(sandbox: RunningSandbox, receiver: Receiver) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def slow(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1
        return 204

    receiver.answer = slow
    sandbox.control("PUT", "/webhooks", {"window_s": 0})
    for _ in range(40):
        edit(sandbox, "notes", {"properties": {"hs_timestamp": "1763628600000"}})
    flush(sandbox)
    assert 1 < most <= 10


def test_tracking_changes_what_people_cannot(sandbox: RunningSandbox, receiver: Receiver) -> None:
    views = {"properties": {"hs_analytics_num_page_views": "77"}}
    path = f"contacts/{first_contact(sandbox)}"
    with pytest.raises(requests.HTTPError):
        edit(sandbox, f"{path}/properties", views)
    edit(sandbox, f"{path}/analytics", views)
    flush(sandbox)
    (event,) = receiver.of("propertyChange", propertyName="hs_analytics_num_page_views")
    assert event["changeSource"] == "ANALYTICS" and event["propertyValue"] == "77"


def test_an_activity_can_come_before_its_association(
    sandbox: RunningSandbox, receiver: Receiver
) -> None:
    contact = first_contact(sandbox)
    body = {
        "properties": {"hs_timestamp": "1763628600000", "hs_call_direction": "INBOUND"},
        "associations": {"contacts": [contact]},
        "association_delay_ms": 3_000,
    }
    call = edit(sandbox, "calls", body)
    flush(sandbox)
    assert receiver.of("creation", objectTypeId="0-48")
    assert not receiver.of("associationChange")
    assert not sandbox.portal.associations.of("calls", int(call["id"]), "contacts")

    def kinds() -> set[str]:
        flush(sandbox)
        return {e["associationType"] for e in receiver.of("associationChange")}

    until(lambda: kinds() == {"CALL_TO_CONTACT", "CONTACT_TO_CALL"})
    assert receiver.of("propertyChange", propertyName="num_contacted_notes", objectId=contact)


def test_deletion_restore_merge_and_privacy_deletion_are_told(
    sandbox: RunningSandbox, receiver: Receiver
) -> None:
    ids = [edit(sandbox, "contacts", {"properties": {"firstname": n}})["id"] for n in "ABC"]
    edit(sandbox, f"contacts/{ids[0]}", method="DELETE")
    edit(sandbox, f"contacts/{ids[0]}/restore")
    merged = edit(sandbox, f"contacts/{ids[0]}/merge", {"other_id": int(ids[1])})
    edit(sandbox, f"contacts/{ids[2]}/privacy-delete")
    flush(sandbox)
    assert receiver.of("deletion", objectId=int(ids[0]))
    assert receiver.of("restore", objectId=int(ids[0]))
    (merge,) = receiver.of("merge")
    assert merge["primaryObjectId"] == int(ids[0])
    assert merge["mergedObjectIds"] == [int(ids[1])]
    assert merge["newObjectId"] == int(merged["id"])
    (privacy,) = receiver.of("privacyDeletion")
    assert privacy["subscriptionType"] == "contact.privacyDeletion"
    assert receiver.of("deletion", objectId=int(ids[2]))


def test_a_company_merge_is_told(sandbox: RunningSandbox, receiver: Receiver) -> None:
    ids = [edit(sandbox, "companies", {"properties": {"name": n}})["id"] for n in "AB"]
    edit(sandbox, f"companies/{ids[0]}/merge", {"other_id": int(ids[1])})
    flush(sandbox)
    assert receiver.of("merge")[0]["objectTypeId"] == "0-2"


def test_legacy_subscriptions_use_the_old_names(receiver: Receiver) -> None:
    with running_sandbox(webhook_url=receiver.url, legacy_subscriptions=True) as sandbox:
        sandbox.token()
        edit(sandbox, "contacts", {"properties": {"city": "Old"}})
        edit(sandbox, "notes", {"properties": {"hs_timestamp": "1763628600000"}})
        flush(sandbox)
        types = {event["subscriptionType"] for event in receiver.events}
        assert types == {"contact.creation", "contact.propertyChange"}
        assert all("objectTypeId" not in event for event in receiver.events)


def hsmeta(path: Path, subscriptions: Any) -> str:
    path.write_text(json.dumps({"uid": "w", "config": {"subscriptions": subscriptions}}))
    return str(path)


def test_the_apps_own_file_says_what_it_hears(receiver: Receiver, tmp_path: Path) -> None:
    wanted = {
        "crmObjects": [
            {
                "subscriptionType": "object.propertyChange",
                "objectType": "contact",
                "propertyName": "jobtitle",
                "active": True,
            },
            {"subscriptionType": "object.creation", "objectType": "contact", "active": False},
        ],
        "legacyCrmObjects": [
            {"subscriptionType": "contact.propertyChange", "propertyName": "jobtitle"}
        ],
    }
    path = hsmeta(tmp_path / "webhooks-hsmeta.json", wanted)
    with running_sandbox(webhook_url=receiver.url, webhooks_file=path) as sandbox:
        sandbox.token()
        edit(sandbox, "contacts", {"properties": {"city": "Unheard", "jobtitle": "CTO"}})
        flush(sandbox)
    types = [event["subscriptionType"] for event in receiver.events]
    assert types == ["object.propertyChange", "contact.propertyChange"]
    assert {event["propertyName"] for event in receiver.events} == {"jobtitle"}
    assert len({event["subscriptionId"] for event in receiver.events}) == 2


@pytest.mark.parametrize("broken", [[{"objectType": "contact"}], [{"subscriptionType": "x.y"}]])
def test_a_broken_file_stops_the_start(tmp_path: Path, broken: Any) -> None:
    path = hsmeta(tmp_path / "webhooks-hsmeta.json", {"crmObjects": broken})
    with (
        pytest.raises(SandboxError, match=r"not a webhooks-hsmeta\.json"),
        running_sandbox(webhooks_file=path),
    ):
        pass


def test_ten_retries_end_within_a_day_as_hubspots_do(receiver: Receiver) -> None:
    delays_s = SandboxSettings().webhook_retry_delays_s
    assert len(delays_s) == 10
    assert list(delays_s) == sorted(delays_s)
    assert 12 * 3_600 < sum(delays_s) < 24 * 3_600 / (1 + WEBHOOK_JITTER)
    receiver.answer = lambda number: 503
    settings = replace(QUICK, webhook_retry_delays_s=delays_s)
    with running_sandbox(settings, webhook_url=receiver.url) as sandbox:
        sandbox.token()
        path = f"contacts/{first_contact(sandbox)}/properties"
        edit(sandbox, path, {"properties": {"city": "Never"}})
        flush(sandbox)
        assert len(receiver.requests) == 1  # the next one is a minute away
        assert flush(sandbox, retries=True)["given_up"] == 1
    heard = receiver.of("propertyChange", propertyName="city")
    assert [event["attemptNumber"] for event in heard] == list(range(11))


def test_the_command_line_chooses_other_delays() -> None:
    port = free_port()
    line = [sys.executable, "-m", "sandbox", "serve", "--port", str(port), "--contacts", "3"]
    with subprocess.Popen([*line, "--webhook-retries", "1,2.5"]) as process:
        wait_for_port(port)
        found = requests.get(f"http://localhost:{port}/sandbox/webhooks", timeout=5).json()
        stop(process)
    assert found["retry_delays_s"] == [1.0, 2.5]
    for wrong in ("soon", "-1", "inf"):
        refused = subprocess.run([*line, "--webhook-retries", wrong], capture_output=True)
        assert refused.returncode == 2
