"""What the sandbox answers when records are written wrongly, partly or awkwardly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.testing import RunningSandbox, running_sandbox

CONTACTS = "/crm/objects/2026-09/contacts"
TO_COMPANY = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def token(sandbox: RunningSandbox) -> str:
    return sandbox.token()


def make(sandbox: RunningSandbox, token: str, **properties: str) -> dict[str, Any]:
    answer = sandbox.api("POST", CONTACTS, {"properties": properties}, token=token)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("hs_lead_status", "HOT", "INVALID_OPTION"),
        ("nope", "1", "PROPERTY_DOESNT_EXIST"),
        ("hs_object_id", "7", "READ_ONLY_VALUE"),
        ("email", "not an address", "INVALID_EMAIL"),
        ("hs_lifecyclestage_lead_date", "yesterday", "INVALID_DATE"),
        ("hs_email_optout", "perhaps", "INVALID_BOOLEAN"),
        ("hubspot_owner_id", "1", "INVALID_OWNER_ID"),
        ("message", "x" * 65_537, "PROPERTY_VALUE_TOO_LONG"),
        ("firstname", ["a"], "INVALID_TYPE"),
    ],
)
def test_a_wrong_value_is_refused_by_name(
    sandbox: RunningSandbox, token: str, name: str, value: Any, code: str
) -> None:
    answer = sandbox.api("POST", CONTACTS, {"properties": {name: value}}, token=token)
    assert answer.status_code == 400
    body = answer.json()
    assert body["category"] == "VALIDATION_ERROR" and body["correlationId"]
    assert [e["code"] for e in body["errors"]] == [code]
    assert body["errors"][0]["context"] == {"propertyName": [name]}


@pytest.mark.parametrize("value", ["one", "NaN", "1e999", "1_000"])
def test_a_number_must_be_one(sandbox: RunningSandbox, token: str, value: str) -> None:
    body = {"properties": {"name": "N", "numberofemployees": value}}
    answer = sandbox.api("POST", "/crm/objects/2026-09/companies", body, token=token)
    assert answer.json()["errors"][0]["code"] == "INVALID_NUMBER"


def test_times_are_stored_as_iso_whatever_was_sent(sandbox: RunningSandbox, token: str) -> None:
    for sent in ("1763628600000", "2025-11-20T08:50:00Z", "2025-11-20T09:50:00+01:00"):
        made = make(sandbox, token, hs_lifecyclestage_lead_date=sent)
        stored = made["properties"]["hs_lifecyclestage_lead_date"]
        assert stored == "2025-11-20T08:50:00.000Z"


def test_an_empty_value_clears_and_history_remembers(sandbox: RunningSandbox, token: str) -> None:
    made = make(sandbox, token, jobtitle="CTO")
    sandbox.api("PATCH", f"{CONTACTS}/{made['id']}", {"properties": {"jobtitle": ""}}, token=token)
    path = f"{CONTACTS}/{made['id']}?properties=jobtitle&propertiesWithHistory=jobtitle"
    seen = sandbox.api("GET", path, token=token).json()
    assert seen["properties"]["jobtitle"] is None
    versions = seen["propertiesWithHistory"]["jobtitle"]
    assert [v["value"] for v in versions] == ["", "CTO"]
    assert versions[0]["sourceId"] == str(sandbox.app.app_id)
    assert versions[0]["timestamp"] >= versions[1]["timestamp"]


def test_a_checkbox_appends_after_a_semicolon(sandbox: RunningSandbox, token: str) -> None:
    made = make(sandbox, token, hs_buying_role="CHAMPION")
    path = f"{CONTACTS}/{made['id']}"
    body = {"properties": {"hs_buying_role": ";BUDGET_HOLDER"}}
    seen = sandbox.api("PATCH", path, body, token=token).json()
    assert seen["properties"]["hs_buying_role"] == "CHAMPION;BUDGET_HOLDER"


def test_one_bad_value_refuses_a_batch_as_a_whole(sandbox: RunningSandbox, token: str) -> None:
    good, bad = make(sandbox, token), make(sandbox, token)
    inputs = [
        {"id": good["id"], "properties": {"city": "Lyon"}},
        {"id": bad["id"], "properties": {"hs_lead_status": "HOT"}},
    ]
    answer = sandbox.api("POST", f"{CONTACTS}/batch/update", {"inputs": inputs}, token=token)
    assert answer.status_code == 400
    seen = sandbox.api("GET", f"{CONTACTS}/{good['id']}?properties=city", token=token).json()
    assert seen["properties"]["city"] is None


def test_with_trace_ids_the_good_ones_are_written(sandbox: RunningSandbox, token: str) -> None:
    good, bad = make(sandbox, token), make(sandbox, token)
    inputs = [
        {"id": good["id"], "properties": {"city": "Lyon"}, "objectWriteTraceId": "g"},
        {"id": bad["id"], "properties": {"hs_lead_status": "HOT"}, "objectWriteTraceId": "b"},
    ]
    answer = sandbox.api("POST", f"{CONTACTS}/batch/update", {"inputs": inputs}, token=token)
    assert answer.status_code == 207
    body = answer.json()
    assert [r["objectWriteTraceId"] for r in body["results"]] == ["g"]
    assert body["numErrors"] == 1
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["b"]


def test_missing_ids_do_not_stop_the_others(sandbox: RunningSandbox, token: str) -> None:
    good = make(sandbox, token)
    inputs = [{"id": i, "properties": {"city": "Lyon"}} for i in (good["id"], "999999")]
    answer = sandbox.api("POST", f"{CONTACTS}/batch/update", {"inputs": inputs}, token=token)
    assert answer.status_code == 207
    assert [r["id"] for r in answer.json()["results"]] == [good["id"]]
    assert answer.json()["errors"][0]["context"]["id"] == ["999999"]


@pytest.mark.parametrize("action", ["read", "update", "create", "archive", "upsert"])
def test_a_batch_of_101_is_refused(sandbox: RunningSandbox, token: str, action: str) -> None:
    entry = {"id": "1", "idProperty": "email", "properties": {}}
    body = {"inputs": [entry] * 101}
    answer = sandbox.api("POST", f"{CONTACTS}/batch/{action}", body, token=token)
    assert answer.status_code == 400 and "at most 100" in answer.text


@pytest.mark.parametrize("limit", [101, 5_000])
def test_a_longer_page_has_100(sandbox: RunningSandbox, token: str, limit: int) -> None:
    for number in range(50):
        make(sandbox, token, city=f"City {number}")
    answer = sandbox.api("GET", f"{CONTACTS}?limit={limit}", token=token)
    assert answer.status_code == 200 and len(answer.json()["results"]) == 100
    assert sandbox.api("GET", f"{CONTACTS}?limit=many", token=token).status_code == 400


def test_a_record_that_is_missing_is_an_html_page(sandbox: RunningSandbox, token: str) -> None:
    for method, body in (("GET", None), ("PATCH", {"properties": {}})):
        answer = sandbox.api(method, f"{CONTACTS}/999999", body, token=token)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("header", ["bearer {}", "Bearer  {}", "BEARER {}", "Token {}", "{}"])
def test_the_word_bearer_and_one_space_come_before_the_token(
    sandbox: RunningSandbox, token: str, header: str
) -> None:
    sent = {"Authorization": header.format(token)}
    answer = sandbox.session.get(f"{sandbox.url}{CONTACTS}", headers=sent, timeout=5)
    assert answer.status_code == 401


def test_missing_ids_of_a_read_come_in_both_shapes(sandbox: RunningSandbox, token: str) -> None:
    body = {"properties": [], "inputs": [{"id": "999998"}, {"id": "999999"}]}
    shapes = []
    for shape in ("each", "together"):
        path = f"/portals/{sandbox.portal.portal_id}/settings"
        sandbox.control("PUT", path, {"missing_ids": shape})
        answer = sandbox.api("POST", f"{CONTACTS}/batch/read", body, token=token)
        shapes.append([error["context"] for error in answer.json()["errors"]])
    assert shapes == [
        [{"id": ["999998"]}, {"id": ["999999"]}],
        [{"ids": ["999998", "999999"]}],
    ]


@pytest.mark.parametrize("status", [200, 207])
def test_partial_results_come_with_either_status(
    sandbox: RunningSandbox, token: str, status: int
) -> None:
    path = f"/portals/{sandbox.portal.portal_id}/settings"
    sandbox.control("PUT", path, {"partial_status": status})
    good, bad = make(sandbox, token), make(sandbox, token)
    inputs = [
        {"id": good["id"], "objectWriteTraceId": "a", "properties": {"city": "Lyon"}},
        {"id": bad["id"], "objectWriteTraceId": "b", "properties": {"lifecyclestage": "none"}},
    ]
    answer = sandbox.api("POST", f"{CONTACTS}/batch/update", {"inputs": inputs}, token=token)
    assert answer.status_code == status
    assert [r["objectWriteTraceId"] for r in answer.json()["results"]] == ["a"]
    (error,) = answer.json()["errors"]
    assert error["context"]["objectWriteTraceId"] == ["b"]
    assert error["errors"][0]["code"] == "INVALID_OPTION"


def test_an_unknown_type_has_no_category(sandbox: RunningSandbox, token: str) -> None:
    answer = sandbox.api("GET", "/crm/objects/2026-09/foos", token=token)
    assert answer.status_code == 400 and "category" not in answer.json()


def test_equal_ignores_the_case_of_an_option(sandbox: RunningSandbox, token: str) -> None:
    made = make(sandbox, token, lifecyclestage="customer")
    filters = [
        {"propertyName": "lifecyclestage", "operator": "EQ", "value": "CUSTOMER"},
        {"propertyName": "hs_object_id", "operator": "EQ", "value": made["id"]},
    ]
    body = {"filterGroups": [{"filters": filters}], "limit": 1}
    assert sandbox.api("POST", f"{CONTACTS}/search", body, token=token).json()["total"] == 1


def test_an_association_has_a_label_or_null(sandbox: RunningSandbox, token: str) -> None:
    contacts = [str(r.record_id) for r in sandbox.portal.stores["contacts"]]
    path = "/crm/associations/2026-09/contacts/companies/batch/read"
    answer = sandbox.api("POST", path, {"inputs": [{"id": i} for i in contacts]}, token=token)
    kinds = {
        t["label"]
        for r in answer.json()["results"]
        for one in r["to"]
        for t in one["associationTypes"]
    }
    assert kinds == {None, "Primary"}


def test_the_limit_of_custom_properties_is_told_and_kept(
    sandbox: RunningSandbox, token: str
) -> None:
    path = f"/portals/{sandbox.portal.portal_id}/settings"
    used = sandbox.portal.catalogs["contacts"].custom_count()
    sandbox.control("PUT", path, {"custom_properties_max": used, "lists_max": 0})
    told = sandbox.api("GET", "/crm/limits/2026-09/custom-properties", token=token).json()
    (contacts,) = [one for one in told["byObjectType"] if one["objectTypeId"] == "0-1"]
    assert (contacts["limit"], contacts["usage"]) == (used, used)
    body = {
        "name": "one_more",
        "label": "One more",
        "groupName": "contactinformation",
        "type": "string",
        "fieldType": "text",
    }
    made = sandbox.api("POST", "/crm/properties/2026-09/contacts", body, token=token)
    assert made.status_code == 400
    a_list = {"name": "One more", "objectTypeId": "0-1", "processingType": "MANUAL"}
    assert sandbox.api("POST", "/crm/lists/2026-09", a_list, token=token).status_code == 400


def test_accounts_can_require_properties(sandbox: RunningSandbox, token: str) -> None:
    made = make(sandbox, token, city="Lyon")
    rule = {
        "object_type": "contacts",
        "property": "jobtitle",
        "when_property": "lifecyclestage",
        "when_value": "opportunity",
    }
    portal = sandbox.portal.portal_id
    sandbox.control("PUT", f"/portals/{portal}/settings", {"required": [rule]})
    path = f"{CONTACTS}/{made['id']}"
    body = {"properties": {"lifecyclestage": "opportunity"}}
    refused = sandbox.api("PATCH", path, body, token=token)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
    both = {"properties": {"lifecyclestage": "opportunity", "jobtitle": "CTO"}}
    assert sandbox.api("PATCH", path, both, token=token).status_code == 200


def test_search_knows_changes_only_after_a_while(sandbox: RunningSandbox, token: str) -> None:
    portal = sandbox.portal.portal_id
    sandbox.control("PUT", f"/portals/{portal}/settings", {"search_delay_ms": 5000})
    make(sandbox, token, email="late@made-up.example")
    found = {"propertyName": "email", "operator": "EQ", "value": "late@made-up.example"}
    query = {"filterGroups": [{"filters": [found]}]}
    path = f"{CONTACTS}/search"
    assert sandbox.api("POST", path, query, token=token).json()["total"] == 0
    sandbox.clock.forward(6)
    assert sandbox.api("POST", path, query, token=token).json()["total"] == 1


def test_search_shows_the_old_value_for_a_while(sandbox: RunningSandbox, token: str) -> None:
    portal = sandbox.portal.portal_id
    made = make(sandbox, token, email="old@made-up.example", city="Old town")
    sandbox.clock.forward(60)
    sandbox.control("PUT", f"/portals/{portal}/settings", {"search_delay_ms": 5000})
    path = f"{CONTACTS}/{made['id']}"
    sandbox.api("PATCH", path, {"properties": {"city": "New town"}}, token=token)
    found = {"propertyName": "email", "operator": "EQ", "value": "old@made-up.example"}
    query = {"filterGroups": [{"filters": [found]}], "properties": ["city"]}

    def city() -> str:
        answer = sandbox.api("POST", f"{CONTACTS}/search", query, token=token).json()
        return str(answer["results"][0]["properties"]["city"])

    assert city() == "Old town"
    assert sandbox.api("GET", f"{path}?properties=city", token=token).json()["properties"][
        "city"
    ] == ("New town")
    sandbox.clock.forward(6)
    assert city() == "New town"


def test_deleting_cuts_associations_and_restoring_brings_them_back(
    sandbox: RunningSandbox, token: str
) -> None:
    portal = sandbox.portal.portal_id
    company = sandbox.control("POST", f"/portals/{portal}/companies", {"properties": {"name": "C"}})
    body = {"properties": {"firstname": "A"}, "associations": {"companies": [company["id"]]}}
    contact = sandbox.control("POST", f"/portals/{portal}/contacts", body)
    sandbox.control("DELETE", f"/portals/{portal}/contacts/{contact['id']}")
    path = f"/crm/objects/2026-09/companies/{company['id']}?associations=contacts"
    assert "associations" not in sandbox.api("GET", path, token=token).json()
    sandbox.control("POST", f"/portals/{portal}/contacts/{contact['id']}/restore")
    tied = sandbox.api("GET", path, token=token).json()["associations"]["contacts"]["results"]
    assert {one["id"] for one in tied} == {contact["id"]}


def test_merged_companies_keep_their_people(sandbox: RunningSandbox, token: str) -> None:
    portal = sandbox.portal.portal_id
    one, two = (
        sandbox.control("POST", f"/portals/{portal}/companies", {"properties": {"name": n}})["id"]
        for n in ("One", "Two")
    )
    body = {"properties": {"firstname": "A"}, "associations": {"companies": [two]}}
    contact = sandbox.control("POST", f"/portals/{portal}/contacts", body)
    merged = sandbox.api(
        "POST",
        "/crm/objects/2026-09/companies/merge",
        {"primaryObjectId": one, "objectIdToMerge": two},
        token=token,
    ).json()
    path = f"{CONTACTS}/{contact['id']}?properties=associatedcompanyid&associations=companies"
    seen = sandbox.api("GET", path, token=token).json()
    assert seen["properties"]["associatedcompanyid"] == merged["id"]
    assert {c["id"] for c in seen["associations"]["companies"]["results"]} == {merged["id"]}


def test_another_portals_token_sees_nothing_of_this_one(
    sandbox: RunningSandbox, token: str
) -> None:
    sandbox.control("POST", "/portals", {"portal_id": 5, "empty": True})
    other = sandbox.token(portal_id=5)
    mine = make(sandbox, token, email="mine@made-up.example")
    assert sandbox.api("GET", CONTACTS, token=other).json()["results"] == []
    assert sandbox.api("GET", f"{CONTACTS}/{mine['id']}", token=other).status_code == 404


def test_a_company_with_many_people_is_read_in_pages(sandbox: RunningSandbox, token: str) -> None:
    path = "/crm/objects/2026-09/companies"
    body = {"properties": {"name": "Big"}}
    company = sandbox.api("POST", path, body, token=token).json()["id"]
    home = {"to": {"id": company}, "types": [TO_COMPANY]}
    for _ in range(6):
        inputs = [{"properties": {"firstname": "P"}, "associations": [home]}] * 100
        sandbox.api("POST", f"{CONTACTS}/batch/create", {"inputs": inputs}, token=token)
    seen = sandbox.api("GET", f"{path}/{company}?associations=contacts", token=token).json()
    first = seen["associations"]["contacts"]
    ids = list(dict.fromkeys(one["id"] for one in first["results"]))
    after = first["paging"]["next"]["after"]
    rest = sandbox.api(
        "GET", f"{path}/{company}/associations/contacts?after={after}", token=token
    ).json()
    ids += [one["toObjectId"] for one in rest["results"]]
    assert len(ids) == len(set(ids)) == 600 and "paging" not in rest
    wide = "/crm/associations/2026-09/companies/contacts/batch/read"
    pages = sandbox.api("POST", wide, {"inputs": [{"id": company}]}, token=token).json()
    page = pages["results"][0]
    more = {"inputs": [{"id": company, "after": page["paging"]["next"]["after"]}]}
    last = sandbox.api("POST", wide, more, token=token).json()["results"][0]
    assert [one["toObjectId"] for one in (*page["to"], *last["to"])] == ids
    count = sandbox.portal.record("companies", company).properties["num_associated_contacts"]
    assert count == "600"
