"""Rate limits, search limits, scopes and tiers of the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sandbox.testing import QUICK, RunningSandbox, running_sandbox

CONTACTS = "/crm/objects/2026-09/contacts"
SEARCH = f"{CONTACTS}/search"


@pytest.fixture
def limited() -> Iterator[RunningSandbox]:
    with running_sandbox(replace(QUICK, rate_limit=True, contacts=5)) as running:
        yield running


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(replace(QUICK, contacts=5)) as running:
        yield running


def test_the_111th_call_in_ten_seconds_is_refused(limited: RunningSandbox) -> None:
    token = limited.token()
    answers = [limited.api("GET", CONTACTS, token=token) for _ in range(112)]
    assert [a.status_code for a in answers] == [200] * 110 + [429] * 2
    assert answers[0].headers["X-HubSpot-RateLimit-Max"] == "110"
    assert answers[0].headers["X-HubSpot-RateLimit-Remaining"] == "109"
    assert answers[0].headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    refused = answers[-1]
    assert refused.json()["errorType"] == "RATE_LIMIT"
    assert refused.json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert "Retry-After" not in refused.headers
    limited.clock.forward(10.1)
    assert limited.api("GET", CONTACTS, token=token).status_code == 200
    stats = limited.control("GET", "/stats")
    assert stats["rate_limited"] == 2 and stats["portals"]["4242001"]["rate_limited"] == 2


def test_each_portal_and_app_has_its_own_burst(limited: RunningSandbox) -> None:
    limited.control("POST", "/portals", {"portal_id": 5, "empty": True})
    ours, other_app, other_portal = (
        limited.token(),
        limited.token(app_id=77),
        limited.token(portal_id=5),
    )
    for _ in range(110):
        limited.api("GET", CONTACTS, token=ours)
    assert limited.api("GET", CONTACTS, token=ours).status_code == 429
    assert limited.api("GET", CONTACTS, token=other_app).status_code == 200
    assert limited.api("GET", CONTACTS, token=other_portal).status_code == 200


def test_search_has_five_a_second_of_its_own(limited: RunningSandbox) -> None:
    token = limited.token()
    limited.world.limiter._clock = lambda: 1_000_000  # one moment for all six
    answers = [limited.api("POST", SEARCH, {}, token=token) for _ in range(6)]
    assert [a.status_code for a in answers] == [200] * 5 + [429]
    assert answers[-1].json()["policyName"] == "SECONDLY"
    assert not [name for name in answers[0].headers if "RateLimit" in name]
    assert limited.api("GET", CONTACTS, token=token).status_code == 200


FILTER = {"propertyName": "email", "operator": "EQ", "value": "a@b.example"}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"limit": 201}, "limit"),
        ({"limit": 200, "after": "9900"}, "10000"),
        ({"query": "x" * 3000}, "3000"),
        ({"filterGroups": [{"filters": [FILTER]}] * 6}, "5 filterGroups"),
        ({"filterGroups": [{"filters": [FILTER] * 7}]}, "6 filters"),
        ({"filterGroups": [{"filters": [FILTER] * 5}] * 4}, "18 filters"),
        ({"sorts": [{"propertyName": "email"}, {"propertyName": "city"}]}, "one sort"),
        ({"filterGroups": [{"filters": [{**FILTER, "operator": "LIKE"}]}]}, "operator"),
        ({"filterGroups": [{"filters": [{**FILTER, "propertyName": "no"}]}]}, "unknown property"),
    ],
)
def test_a_search_beyond_its_limits_is_refused(
    sandbox: RunningSandbox, body: dict[str, Any], named: str
) -> None:
    answer = sandbox.api("POST", SEARCH, body, token=sandbox.token())
    assert answer.status_code == 400 and named in answer.json()["message"]


def companies(sandbox: RunningSandbox, token: str) -> None:
    for name, size in (("Alpha Works", "5"), ("Beta Works", "50"), ("Gamma", "")):
        body = {"properties": {"name": name, "numberofemployees": size}}
        sandbox.api("POST", "/crm/objects/2026-09/companies", body, token=token)


@pytest.mark.parametrize(
    ("operator", "more", "names"),
    [
        ("EQ", {"value": "5"}, {"Alpha Works"}),
        ("NEQ", {"value": "5"}, {"Beta Works", "Gamma"}),
        ("GT", {"value": "5"}, {"Beta Works"}),
        ("GTE", {"value": "5"}, {"Alpha Works", "Beta Works"}),
        ("LT", {"value": "50"}, {"Alpha Works"}),
        ("LTE", {"value": "50"}, {"Alpha Works", "Beta Works"}),
        ("BETWEEN", {"value": "6", "highValue": "60"}, {"Beta Works"}),
        ("IN", {"values": ["5", "7"]}, {"Alpha Works"}),
        ("NOT_IN", {"values": ["5"]}, {"Beta Works", "Gamma"}),
        ("HAS_PROPERTY", {}, {"Alpha Works", "Beta Works"}),
        ("NOT_HAS_PROPERTY", {}, {"Gamma"}),
    ],
)
def test_every_operator_finds_what_it_should(
    sandbox: RunningSandbox, operator: str, more: dict[str, Any], names: set[str]
) -> None:
    token = sandbox.token()
    companies(sandbox, token)
    filters = [
        {"propertyName": "numberofemployees", "operator": operator, **more},
        {
            "propertyName": "name",
            "operator": "IN",
            "values": ["alpha works", "beta works", "gamma"],
        },
    ]
    body = {"filterGroups": [{"filters": filters}], "properties": ["name"]}
    path = "/crm/objects/2026-09/companies/search"
    found = sandbox.api("POST", path, body, token=token).json()["results"]
    assert {record["properties"]["name"] for record in found} == names


def test_a_search_can_ask_for_the_contacts_of_a_company(sandbox: RunningSandbox) -> None:
    token = sandbox.token()
    record = next(iter(sandbox.portal.stores["contacts"]))
    company = sandbox.portal.associations.primary("contacts", record.record_id, "companies")
    filters = [{"propertyName": "associations.company", "operator": "EQ", "value": str(company)}]
    body = {"filterGroups": [{"filters": filters}]}
    found = sandbox.api("POST", SEARCH, body, token=token).json()["results"]
    tied = sandbox.portal.associations.of("companies", company or 0, "contacts")
    assert {int(one["id"]) for one in found} == set(tied)


@pytest.mark.parametrize(
    ("method", "path", "held", "named"),
    [
        ("GET", CONTACTS, "oauth", "crm.objects.contacts.read"),
        ("POST", CONTACTS, "crm.objects.contacts.read", "crm.objects.contacts.write"),
        ("GET", "/crm/v3/objects/deals", "crm.objects.contacts.read", "crm.objects.deals.read"),
        ("GET", "/crm/objects/2026-09/emails", "crm.objects.contacts.read", "sales-email-read"),
        ("GET", "/crm/owners/2026-09", "oauth", "crm.objects.owners.read"),
        ("GET", "/crm/properties/2026-09/contacts", "oauth", "crm.schemas.contacts.read"),
        ("PUT", "/crm/lists/2026-09/1/memberships/add", "crm.lists.write", "crm.lists.read"),
    ],
)
def test_a_missing_scope_is_named(
    sandbox: RunningSandbox, method: str, path: str, held: str, named: str
) -> None:
    answer = sandbox.api(method, path, {}, token=sandbox.token([held]))
    assert answer.status_code == 403
    assert answer.json()["category"] == "MISSING_SCOPES"
    assert named in answer.json()["errors"][0]["context"]["requiredGranularScopes"]


def test_a_free_account_has_few_custom_properties(sandbox: RunningSandbox) -> None:
    sandbox.control("POST", "/portals", {"portal_id": 6, "empty": True, "tier": "free"})
    token = sandbox.token(portal_id=6)
    made = [
        sandbox.api(
            "POST",
            "/crm/properties/2026-09/deals",
            {
                "name": f"p{number}",
                "label": "P",
                "type": "string",
                "fieldType": "text",
                "groupName": "dealinformation",
            },
            token=token,
        ).status_code
        for number in range(11)
    ]
    assert made == [201] * 10 + [400]


def test_no_token_an_unknown_and_an_expired_one_are_401(sandbox: RunningSandbox) -> None:
    assert sandbox.api("GET", CONTACTS, token="").status_code == 401
    assert sandbox.api("GET", CONTACTS, token="made-up").status_code == 401
    token = sandbox.token()
    sandbox.clock.forward(1801)
    expired = sandbox.api("GET", CONTACTS, token=token)
    assert expired.status_code == 401
    assert expired.json()["category"] == "EXPIRED_AUTHENTICATION"


def test_stats_count_by_endpoint_and_start_again(sandbox: RunningSandbox) -> None:
    token = sandbox.token()
    contact = sandbox.api("GET", f"{CONTACTS}?limit=1", token=token).json()["results"][0]
    sandbox.api("GET", f"{CONTACTS}/{contact['id']}", token=token)
    sandbox.api("GET", f"/crm/v3/objects/0-1/{contact['id']}", token=token)
    calls = sandbox.control("GET", "/stats")["portals"]["4242001"]["calls"]
    assert calls == {
        "GET /crm/objects/2026-09/contacts": 1,
        "GET /crm/objects/2026-09/contacts/{object_id}": 1,
        "GET /crm/v3/objects/contacts/{object_id}": 1,
    }
    sandbox.control("DELETE", "/stats")
    assert sandbox.control("GET", "/stats")["total_calls"] == 0
