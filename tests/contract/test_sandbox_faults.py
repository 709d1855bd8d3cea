"""Every fault does what its name says, to the calls it names and to no others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests

from sandbox.testing import QUICK, RunningSandbox, running_sandbox

CONTACTS = "/crm/objects/2026-09/contacts"
DEALS = "/crm/objects/2026-09/deals"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(replace(QUICK, contacts=5)) as running:
        yield running


@pytest.fixture
def token(sandbox: RunningSandbox) -> str:
    return sandbox.token()


def put(sandbox: RunningSandbox, **rule: Any) -> None:
    sandbox.control("PUT", "/faults", {"rules": [rule]})


def count(sandbox: RunningSandbox) -> int:
    return len(sandbox.portal.stores["contacts"])


def test_an_error_hits_only_its_path_method_and_portal(sandbox: RunningSandbox, token: str) -> None:
    put(sandbox, effect="error", path="/crm/objects/*/contacts*", method="GET", status=503)
    assert sandbox.api("GET", CONTACTS, token=token).status_code == 503
    assert sandbox.api("GET", DEALS, token=token).status_code == 200
    assert sandbox.api("POST", CONTACTS, {"properties": {}}, token=token).status_code == 201
    put(sandbox, effect="error", portal=1)
    assert sandbox.api("GET", CONTACTS, token=token).status_code == 200


def test_an_error_before_changes_nothing_and_one_after_does(
    sandbox: RunningSandbox, token: str
) -> None:
    before = count(sandbox)
    put(sandbox, effect="error", status=502)
    assert sandbox.api("POST", CONTACTS, {"properties": {}}, token=token).status_code == 502
    assert count(sandbox) == before
    put(sandbox, effect="error", status=502, after=True)
    assert sandbox.api("POST", CONTACTS, {"properties": {}}, token=token).status_code == 502
    assert count(sandbox) == before + 1


def test_times_and_share_bound_a_fault(sandbox: RunningSandbox, token: str) -> None:
    put(sandbox, effect="error", times=2)
    codes = [sandbox.api("GET", CONTACTS, token=token).status_code for _ in range(4)]
    assert codes == [500, 500, 200, 200]
    assert sandbox.control("GET", "/faults")["rules"][0]["applied"] == 2
    put(sandbox, effect="error", share=0.5)
    hit = sum(sandbox.api("GET", CONTACTS, token=token).status_code == 500 for _ in range(60))
    assert 15 < hit < 45
    sandbox.control("DELETE", "/faults")
    assert sandbox.api("GET", CONTACTS, token=token).status_code == 200


def test_latency_delays(sandbox: RunningSandbox, token: str) -> None:
    put(sandbox, effect="latency", ms=120)
    start = time.monotonic()
    assert sandbox.api("GET", CONTACTS, token=token).status_code == 200
    assert time.monotonic() - start >= 0.12


@pytest.mark.parametrize("retry_after", [None, 30, 86_400])
def test_a_429_storm_with_and_without_retry_after(
    sandbox: RunningSandbox, token: str, retry_after: float | None
) -> None:
    put(sandbox, effect="rate_limit", retry_after_s=retry_after)
    answer = sandbox.api("GET", CONTACTS, token=token)
    assert answer.status_code == 429 and answer.json()["errorType"] == "RATE_LIMIT"
    expected = None if retry_after is None else str(retry_after)
    assert answer.headers.get("Retry-After") == expected


def test_a_dropped_connection_may_have_taken_effect(sandbox: RunningSandbox, token: str) -> None:
    before = count(sandbox)
    put(sandbox, effect="drop", after=True, times=1)
    with pytest.raises(requests.ConnectionError):
        sandbox.api("POST", CONTACTS, {"properties": {}}, token=token)
    assert count(sandbox) == before + 1
    put(sandbox, effect="drop", times=1)
    with pytest.raises(requests.ConnectionError):
        sandbox.api("POST", CONTACTS, {"properties": {}}, token=token)
    assert count(sandbox) == before + 1


def test_half_an_answer_breaks_off(sandbox: RunningSandbox, token: str) -> None:
    put(sandbox, effect="half", times=1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        sandbox.api("GET", CONTACTS, token=token)
    assert sandbox.api("GET", CONTACTS, token=token).status_code == 200


def test_html_with_200(sandbox: RunningSandbox, token: str) -> None:
    put(sandbox, effect="html")
    answer = sandbox.api("GET", CONTACTS, token=token)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("effect", "status", "category"),
    [
        ("expired_token", 401, "EXPIRED_AUTHENTICATION"),
        ("revoked_token", 401, "INVALID_AUTHENTICATION"),
        ("missing_scope", 403, "MISSING_SCOPES"),
    ],
)
def test_a_token_can_seem_over(
    sandbox: RunningSandbox, token: str, effect: str, status: int, category: str
) -> None:
    put(sandbox, effect=effect, times=1)
    answer = sandbox.api("GET", CONTACTS, token=token)
    assert (answer.status_code, answer.json()["category"]) == (status, category)
    assert sandbox.api("GET", CONTACTS, token=token).status_code == 200


def test_after_an_uninstall_nothing_works_not_even_refreshing(sandbox: RunningSandbox) -> None:
    grant = sandbox.control("POST", "/token", {})
    put(sandbox, effect="uninstalled", times=1)
    assert sandbox.api("GET", CONTACTS, token=grant["access_token"]).status_code == 401
    assert sandbox.api("GET", CONTACTS, token=grant["access_token"]).status_code == 401
    refused = sandbox.session.post(
        f"{sandbox.url}/oauth/2026-09/token",
        data={
            "grant_type": "refresh_token",
            "refresh_token": grant["refresh_token"],
            "client_id": sandbox.app.client_id,
            "client_secret": sandbox.app.client_secret,
        },
        timeout=10,
    )
    assert refused.status_code == 400
    assert refused.json()["error"] == "invalid_grant"
    assert refused.json()["status"] == "BAD_REFRESH_TOKEN"
    assert sandbox.app.app_id not in sandbox.portal.installations


@pytest.mark.parametrize(
    "rule",
    [
        {"effect": "explode"},
        {"effect": "error", "share": 2},
        {"effect": "error", "paht": "*"},
        {"effect": "latency", "ms": "long"},
        "error",
    ],
)
def test_a_rule_that_cannot_be_is_refused(sandbox: RunningSandbox, rule: Any) -> None:
    answer = sandbox.session.put(f"{sandbox.url}/sandbox/faults", json=[rule], timeout=10)
    assert answer.status_code == 400
    assert sandbox.control("GET", "/faults") == {"rules": []}


def test_people_add_and_remove_faults_on_the_panel(sandbox: RunningSandbox, token: str) -> None:
    page = f"{sandbox.url}/sandbox/panel"
    form = {"do": "add", "effect": "error", "status": "503", "share": "100", "path": "/crm/*"}
    assert "503" in sandbox.session.post(page, data=form, timeout=10).text
    assert sandbox.api("GET", CONTACTS, token=token).status_code == 503
    bad = sandbox.session.post(page, data={"do": "add", "effect": "x"}, timeout=10)
    assert bad.status_code == 400 and "choose an effect" in bad.text
    sandbox.session.post(page, data={"do": "remove:0"}, timeout=10)
    assert sandbox.api("GET", CONTACTS, token=token).status_code == 200
