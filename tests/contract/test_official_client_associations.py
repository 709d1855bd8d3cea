"""HubSpot's own Python client ties and cuts records of the sandbox, unchanged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hubspot import HubSpot

from sandbox.testing import RunningSandbox, running_sandbox

CONTACT_TO_COMPANY = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}
PRIMARY_COMPANY = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def client(sandbox: RunningSandbox) -> HubSpot:
    return HubSpot(access_token=sandbox.token(), host=sandbox.url)


@pytest.fixture
def contact(client: HubSpot) -> str:
    return str(client.crm.contacts.basic_api.create({"properties": {"firstname": "T"}}).id)


def company(client: HubSpot, name: str) -> str:
    return str(client.crm.companies.basic_api.create({"properties": {"name": name}}).id)


def read(client: HubSpot, contact: str) -> dict[str, set[int]]:
    page = client.crm.associations.v4.basic_api.get_page("contacts", contact, "companies")
    return {
        one.to_object_id: {spec.type_id for spec in one.association_types} for one in page.results
    }


def test_a_record_is_created_with_its_associations(client: HubSpot) -> None:
    home = company(client, "Home")
    made = client.crm.contacts.basic_api.create(
        {
            "properties": {"firstname": "A"},
            "associations": [{"to": {"id": home}, "types": [CONTACT_TO_COMPANY]}],
        }
    )
    assert read(client, made.id) == {home: {279, 1}}
    seen = client.crm.contacts.basic_api.get_by_id(made.id, properties=["associatedcompanyid"])
    assert seen.properties["associatedcompanyid"] == home


def test_a_new_primary_company_replaces_the_old(client: HubSpot, contact: str) -> None:
    first, second = company(client, "First"), company(client, "Second")
    basic = client.crm.associations.v4.basic_api
    basic.create_default("contacts", contact, "companies", first)
    assert read(client, contact) == {first: {279, 1}}
    basic.create("contacts", contact, "companies", second, [PRIMARY_COMPANY])
    assert read(client, contact) == {first: {279}, second: {279, 1}}


def test_batches_create_read_and_archive(client: HubSpot, contact: str) -> None:
    batch = client.crm.associations.v4.batch_api
    homes = [company(client, f"Home {n}") for n in range(3)]
    made = batch.create(
        "contacts",
        "companies",
        {
            "inputs": [
                {"from": {"id": contact}, "to": {"id": home}, "types": [CONTACT_TO_COMPANY]}
                for home in homes
            ]
        },
    )
    assert [r.to_object_id for r in made.results] == homes
    seen = batch.get_page("companies", "contacts", {"inputs": [{"id": home} for home in homes]})
    assert [[end.to_object_id for end in r.to] for r in seen.results] == [[contact]] * 3
    batch.archive(
        "contacts",
        "companies",
        {"inputs": [{"from": {"id": contact}, "to": [{"id": home} for home in homes]}]},
    )
    assert read(client, contact) == {}


def test_records_without_associations_are_errors_in_a_207(client: HubSpot, contact: str) -> None:
    batch = client.crm.associations.v4.batch_api
    seen = batch.get_page("contacts", "deals", {"inputs": [{"id": contact}]})
    assert seen.results == []
    assert seen.errors[0].sub_category == "crm.associations.NO_ASSOCIATIONS_FOUND"


def test_default_batches_answer_both_directions(client: HubSpot, contact: str) -> None:
    home = company(client, "Both")
    answer = client.crm.associations.v4.batch_api.create_default(
        "contacts", "companies", {"inputs": [{"from": {"id": contact}, "to": {"id": home}}]}
    )
    ids = {r.association_spec.association_type_id for r in answer.results}
    assert ids == {279, 280}


def test_labels_can_go_while_the_tie_stays(client: HubSpot, contact: str) -> None:
    home = company(client, "Label")
    v4 = client.crm.associations.v4
    v4.basic_api.create_default("contacts", contact, "companies", home)
    v4.batch_api.archive_labels(
        "contacts",
        "companies",
        {"inputs": [{"from": {"id": contact}, "to": {"id": home}, "types": [PRIMARY_COMPANY]}]},
    )
    assert read(client, contact) == {home: {279}}


def test_a_tie_is_cut(client: HubSpot, contact: str) -> None:
    home = company(client, "Cut")
    basic = client.crm.associations.v4.basic_api
    basic.create_default("contacts", contact, "companies", home)
    basic.archive("contacts", contact, "companies", home)
    assert read(client, contact) == {}


def test_the_associations_of_one_record_are_paged(client: HubSpot, contact: str) -> None:
    homes = [company(client, f"Page {n}") for n in range(3)]
    basic = client.crm.associations.v4.basic_api
    for home in homes:
        basic.create_default("contacts", contact, "companies", home)
    first = basic.get_page("contacts", contact, "companies", limit=2)
    rest = basic.get_page("contacts", contact, "companies", after=first.paging.next.after)
    assert [one.to_object_id for one in (*first.results, *rest.results)] == homes
    assert rest.paging is None


def test_the_v3_shapes_name_their_types(client: HubSpot, contact: str) -> None:
    home = company(client, "Old")
    batch = client.crm.associations.batch_api
    tie = {"from": {"id": contact}, "to": {"id": home}, "type": "contact_to_company"}
    assert batch.create("contacts", "companies", {"inputs": [tie]}).results[0].to.id == home
    seen = batch.read("contacts", "companies", {"inputs": [{"id": contact}]})
    types = [(end.id, end.type) for end in seen.results[0].to]
    assert types == [(home, "contact_to_company"), (home, "contact_to_company_unlabeled")]
    batch.archive("contacts", "companies", {"inputs": [tie]})
    assert read(client, contact) == {}
