"""Webhooks that come twice, late, shuffled, never, or with a wrong clock or signature."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.receiver import Receiver, running_receiver
from sandbox.testing import RunningSandbox, running_sandbox
from sandbox.webhooks.signature import signature_v3

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


def first_contact(sandbox: RunningSandbox) -> int:
    return next(iter(sandbox.portal.stores["contacts"])).record_id


def move(sandbox: RunningSandbox, city: str) -> None:
    path = f"/portals/{sandbox.portal.portal_id}/contacts/{first_contact(sandbox)}/properties"
    sandbox.control("POST", path, {"properties": {"city": city}})


def flush(sandbox: RunningSandbox, **more: Any) -> None:
    assert sandbox.control("POST", "/webhooks/flush", {"timeout_s": 10, **more})["flushed"]


def spoil(sandbox: RunningSandbox, receiver: Receiver, count: int = 1, **rule: Any) -> list[Event]:
    sandbox.control("PUT", "/webhooks", {"window_s": 5})
    sandbox.control("PUT", "/faults", [rule])
    for number in range(count):
        move(sandbox, f"C{number}")
    flush(sandbox, retries=True)
    return receiver.of("propertyChange", propertyName="city")


def test_duplicates_are_the_same_event_twice(sandbox: RunningSandbox, receiver: Receiver) -> None:
    one, two = spoil(sandbox, receiver, effect="webhook_duplicate", ms=50)
    assert one == two


def test_reordering_changes_only_the_order(sandbox: RunningSandbox, receiver: Receiver) -> None:
    events = spoil(sandbox, receiver, count=30, effect="webhook_reorder")
    values = [event["propertyValue"] for event in events]
    assert values != sorted(values, key=lambda v: int(v[1:]))
    assert sorted(values) == sorted(f"C{n}" for n in range(30))


def test_a_delay_holds_events_back(sandbox: RunningSandbox, receiver: Receiver) -> None:
    sandbox.control("PUT", "/faults", [{"effect": "webhook_delay", "ms": 60_000}])
    move(sandbox, "L")
    flush(sandbox)
    assert receiver.events == []
    flush(sandbox, retries=True)
    assert receiver.of("propertyChange", propertyName="city")


def test_dropped_events_never_come(sandbox: RunningSandbox, receiver: Receiver) -> None:
    assert spoil(sandbox, receiver, effect="webhook_drop") == []


def test_a_skewed_clock_shows_in_the_timestamp(sandbox: RunningSandbox, receiver: Receiver) -> None:
    spoil(sandbox, receiver, effect="webhook_skew", ms=-400_000)
    headers, body = receiver.requests[0]
    stamp = int(headers["x-hubspot-request-timestamp"])
    assert 390_000 < time.time() * 1000 - stamp < 460_000
    expected = signature_v3(sandbox.app.client_secret, "POST", receiver.url, body, stamp)
    assert headers["x-hubspot-signature-v3"] == expected


def test_a_bad_signature_is_sent_when_asked(sandbox: RunningSandbox, receiver: Receiver) -> None:
    spoil(sandbox, receiver, effect="webhook_bad_signature")
    headers, body = receiver.requests[0]
    stamp = int(headers["x-hubspot-request-timestamp"])
    right = signature_v3(sandbox.app.client_secret, "POST", receiver.url, body, stamp)
    assert headers["x-hubspot-signature-v3"] != right
