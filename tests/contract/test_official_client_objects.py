"""HubSpot's own Python client reads and writes records of the sandbox, unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hubspot import HubSpot

from sandbox.testing import RunningSandbox, running_sandbox

NOW = "2026-11-20T09:30:00.000Z"
# kind → (properties of a new record, a property to change, its new value)
NEW: dict[str, tuple[dict[str, str], str, str]] = {
    "contacts": ({"email": "new@made-up.example", "firstname": "New"}, "jobtitle", "CTO"),
    "companies": ({"name": "Made up", "industry": "COMPUTER_SOFTWARE"}, "city", "Leeds"),
    "deals": ({"dealname": "Deal", "dealstage": "appointmentscheduled"}, "amount", "1500"),
    "tasks": ({"hs_timestamp": NOW, "hs_task_subject": "Call"}, "hs_task_status", "COMPLETED"),
    "notes": ({"hs_timestamp": NOW, "hs_note_body": "Hello"}, "hs_note_body", "Bye"),
    "calls": ({"hs_timestamp": NOW, "hs_call_direction": "INBOUND"}, "hs_call_title", "Call"),
    "meetings": ({"hs_timestamp": NOW}, "hs_meeting_outcome", "COMPLETED"),
    "emails": (
        {"hs_timestamp": NOW, "hs_email_direction": "INCOMING_EMAIL"},
        "hs_email_status",
        "SENT",
    ),
}
KINDS = tuple(NEW)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def client(sandbox: RunningSandbox) -> HubSpot:
    return HubSpot(access_token=sandbox.token(), host=sandbox.url)


def room(client: HubSpot, kind: str) -> Any:
    """The client's part for one kind of record."""
    crm = client.crm
    return getattr(crm, kind) if hasattr(crm, kind) else getattr(crm.objects, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_is_created_read_updated_and_archived(client: HubSpot, kind: str) -> None:
    basic = room(client, kind).basic_api
    properties, name, value = NEW[kind]
    made = basic.create({"properties": properties})
    assert {k: made.properties[k] for k in properties} == properties
    basic.update(made.id, {"properties": {name: value}})
    seen = basic.get_by_id(made.id, properties=[name], properties_with_history=[name])
    assert seen.properties[name] == value
    newest = seen.properties_with_history[name][0]
    assert newest.value == value
    assert newest.source_type == "INTEGRATION"
    basic.archive(made.id)
    assert basic.get_by_id(made.id, archived=True).archived_at is not None
    with pytest.raises(Exception, match="resource not found") as gone:
        basic.get_by_id(made.id)
    assert gone.value.status == 404  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", KINDS)
def test_batches_create_read_update_and_archive(client: HubSpot, kind: str) -> None:
    batch = room(client, kind).batch_api
    properties, name, value = NEW[kind]
    inputs = [{"properties": dict(properties)} for _ in range(3)]
    for number, entry in enumerate(inputs):
        if kind == "contacts":
            entry["properties"]["email"] = f"batch{number}@made-up.example"
    made = batch.create({"inputs": inputs})
    assert made.status == "COMPLETE" and len(made.results) == 3
    ids = [record.id for record in made.results]
    batch.update({"inputs": [{"id": i, "properties": {name: value}} for i in ids]})
    wanted = {"inputs": [{"id": i} for i in ids], "properties": [name], "propertiesWithHistory": []}
    assert {r.properties[name] for r in batch.read(wanted).results} == {value}
    batch.archive({"inputs": [{"id": i} for i in ids]})
    left = batch.read(wanted)
    assert left.results == [] and left.num_errors == 3
    assert [error.context["id"] for error in left.errors] == [[i] for i in ids]


def test_get_all_walks_every_page(client: HubSpot, sandbox: RunningSandbox) -> None:
    live = [r for r in sandbox.portal.stores["emails"] if r.archived_ms is None]
    found = client.crm.objects.get_all("emails")
    assert len(found) == len(live) > 100
    assert [int(record.id) for record in found] == sorted(r.record_id for r in live)


def test_a_page_carries_associations_of_both_kinds(
    client: HubSpot, sandbox: RunningSandbox
) -> None:
    page = client.crm.contacts.basic_api.get_page(limit=50, associations=["companies", "emails"])
    assert len(page.results) == 50 and page.paging.next.after
    tied = next(r for r in page.results if r.associations and "companies" in r.associations)
    types = [entry.type for entry in tied.associations["companies"].results]
    assert types == ["contact_to_company", "contact_to_company_unlabeled"]


def test_upsert_tells_new_from_known(client: HubSpot) -> None:
    known = client.crm.contacts.basic_api.create({"properties": {"email": "up@made-up.example"}})
    answer = client.crm.contacts.batch_api.upsert(
        {
            "inputs": [
                {"id": "up@made-up.example", "idProperty": "email", "properties": {"city": "A"}},
                {"id": "un@made-up.example", "idProperty": "email", "properties": {"city": "B"}},
            ]
        }
    )
    assert [record.new for record in answer.results] == [False, True]
    assert answer.results[0].id == known.id
    assert answer.results[1].properties["email"] == "un@made-up.example"


def test_search_filters_sorts_and_pages(client: HubSpot) -> None:
    for number in range(5):
        client.crm.companies.basic_api.create(
            {"properties": {"name": f"Searched {number}", "numberofemployees": str(number)}}
        )
    query = {
        "filterGroups": [
            {
                "filters": [
                    {"propertyName": "name", "operator": "CONTAINS_TOKEN", "value": "searched"},
                    {"propertyName": "numberofemployees", "operator": "GTE", "value": "1"},
                ]
            }
        ],
        "sorts": [{"propertyName": "numberofemployees", "direction": "DESCENDING"}],
        "properties": ["name"],
        "limit": 3,
    }
    first = client.crm.companies.search_api.do_search(query)
    assert first.total == 4
    assert [r.properties["name"] for r in first.results] == [f"Searched {n}" for n in (4, 3, 2)]
    rest = client.crm.companies.search_api.do_search({**query, "after": first.paging.next.after})
    assert [r.properties["name"] for r in rest.results] == ["Searched 1"]
    assert rest.paging is None


def test_a_record_is_found_by_a_unique_property(client: HubSpot) -> None:
    made = client.crm.contacts.basic_api.create({"properties": {"email": "By@Made-up.example"}})
    found = client.crm.contacts.basic_api.get_by_id("by@made-up.example", id_property="email")
    assert found.id == made.id


def test_merging_gives_a_new_record_that_both_ids_lead_to(client: HubSpot) -> None:
    basic = client.crm.contacts.basic_api
    one = basic.create({"properties": {"email": "one@made-up.example", "city": "Lyon"}})
    two = basic.create({"properties": {"email": "two@made-up.example", "jobtitle": "CFO"}})
    merged = client.crm.contacts.basic_api.merge(
        {"primaryObjectId": one.id, "objectIdToMerge": two.id}
    )
    assert merged.id not in (one.id, two.id)
    for old in (one.id, two.id):
        seen = basic.get_by_id(old, properties=["email", "jobtitle", "hs_merged_object_ids"])
        assert seen.id == merged.id
        assert seen.properties["email"] == "one@made-up.example"
        assert seen.properties["jobtitle"] == "CFO"


def test_a_privacy_deletion_leaves_nothing(client: HubSpot) -> None:
    basic = client.crm.contacts.basic_api
    made = basic.create({"properties": {"email": "forget@made-up.example"}})
    basic.purge({"objectId": made.id})
    for archived in (False, True):
        with pytest.raises(Exception, match="resource not found"):
            basic.get_by_id(made.id, archived=archived)
