"""HubSpot's own Python client reads and changes properties, lists, owners and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.properties.exceptions import ApiException

from sandbox.testing import RunningSandbox, running_sandbox

GROUP = {"name": "ai_scoring", "label": "AI scoring"}
FIT: dict[str, Any] = {
    "name": "ai_lead_fit",
    "label": "AI fit",
    "groupName": "ai_scoring",
    "type": "enumeration",
    "fieldType": "select",
    "options": [
        {"label": label, "value": label, "displayOrder": order, "hidden": False}
        for order, label in enumerate(("High", "Medium", "Low"))
    ],
}
SCORE = {
    "name": "ai_lead_score",
    "label": "AI lead score",
    "groupName": "ai_scoring",
    "type": "number",
    "fieldType": "number",
}


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def client(sandbox: RunningSandbox) -> HubSpot:
    return HubSpot(access_token=sandbox.token(), host=sandbox.url)


def test_every_default_definition_is_readable(client: HubSpot) -> None:
    for kind in ("contacts", "companies", "deals", "tasks", "notes", "calls", "meetings", "emails"):
        found = {d.name: d for d in client.crm.properties.core_api.get_all(kind).results}
        assert "hs_object_id" in found and len(found) > 10
    assert found["hs_email_direction"].options[0].value == "EMAIL"


def test_a_group_and_properties_are_made_once(client: HubSpot) -> None:
    groups, batch = client.crm.properties.groups_api, client.crm.properties.batch_api
    assert groups.create("contacts", GROUP).name == "ai_scoring"
    with pytest.raises(ApiException) as twice:
        groups.create("contacts", GROUP)
    assert twice.value.status == 409
    made = batch.create("contacts", {"inputs": [SCORE, FIT]})
    assert [d.name for d in made.results] == ["ai_lead_score", "ai_lead_fit"]
    again = batch.create("contacts", {"inputs": [SCORE, {**SCORE, "name": "ai_other"}]})
    assert [d.name for d in again.results] == ["ai_other"]
    assert again.num_errors == 1 and again.errors[0].category == "CONFLICT"


def test_a_custom_property_takes_only_its_options(client: HubSpot) -> None:
    client.crm.properties.groups_api.create("contacts", GROUP)
    client.crm.properties.core_api.create("contacts", FIT)
    contact = client.crm.contacts.basic_api.create({"properties": {"ai_lead_fit": "High"}})
    with pytest.raises(Exception, match="INVALID_OPTION"):
        client.crm.contacts.basic_api.update(contact.id, {"properties": {"ai_lead_fit": "Hot"}})


def test_a_property_is_changed_archived_and_its_group_removed(client: HubSpot) -> None:
    core, groups = client.crm.properties.core_api, client.crm.properties.groups_api
    groups.create("contacts", GROUP)
    core.create("contacts", SCORE)
    assert core.update("contacts", "ai_lead_score", {"label": "Score"}).label == "Score"
    with pytest.raises(ApiException, match="GROUP_WITH_ACTIVE_PROPERTIES"):
        groups.archive("contacts", "ai_scoring")
    core.archive("contacts", "ai_lead_score")
    with pytest.raises(ApiException) as gone:
        core.get_by_name("contacts", "ai_lead_score")
    assert gone.value.status == 404
    groups.archive("contacts", "ai_scoring")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": "Has Spaces"}, "property name"),
        ({"groupName": "nowhere"}, "GROUP_DOES_NOT_EXIST"),
        ({"type": "enumeration", "fieldType": "select"}, "needs options"),
        ({"fieldType": "date"}, "does not fit"),
        ({"type": "text"}, "must be one of"),
    ],
)
def test_a_bad_definition_is_refused_with_its_reason(
    sandbox: RunningSandbox, change: dict[str, str], named: str
) -> None:
    token = sandbox.token()
    sandbox.api("POST", "/crm/properties/2026-09/contacts/groups", GROUP, token=token)
    path = "/crm/properties/2026-09/contacts"
    refused = sandbox.api("POST", path, {**SCORE, **change}, token=token)
    assert refused.status_code == 400 and named in refused.text


def test_owners_are_listed_and_found(client: HubSpot) -> None:
    owners = client.crm.owners.owners_api
    first = owners.get_page(limit=2)
    rest = owners.get_page(after=first.paging.next.after)
    assert len(first.results) + len(rest.results) == 6
    one = first.results[0]
    assert owners.get_by_id(one.user_id, id_property="userId").id == one.id
    assert owners.get_page(email=one.email).results[0].id == one.id


def test_the_deal_pipeline_has_won_and_lost(client: HubSpot) -> None:
    pipeline = client.crm.pipelines.pipelines_api.get_all("deals").results[0]
    chances = {stage.id: stage.metadata["probability"] for stage in pipeline.stages}
    assert chances["closedwon"] == "1.0" and chances["closedlost"] == "0.0"


def test_a_manual_list_keeps_members(client: HubSpot) -> None:
    lists, members = client.crm.lists.lists_api, client.crm.lists.memberships_api
    wanted = {"name": "AI priority", "objectTypeId": "0-1", "processingType": "MANUAL"}
    made = lists.create(wanted).list
    ids = [r.id for r in client.crm.contacts.basic_api.get_page(limit=3).results]
    added = members.add(made.list_id, [*ids, "999999"])
    assert added.records_ids_added == ids and added.record_ids_missing == ["999999"]
    assert members.add(made.list_id, ids).records_ids_added == []
    moved = members.add_and_remove(
        made.list_id, {"recordIdsToAdd": [], "recordIdsToRemove": ids[:1]}
    )
    assert moved.record_ids_removed == ids[:1]
    assert [m.record_id for m in members.get_page(made.list_id).results] == ids[1:]
    found = lists.get_by_name("AI priority", "0-1").list
    assert found.list_id == made.list_id and found.size == 2
    with pytest.raises(Exception, match="already exists"):
        lists.create(wanted)


def test_a_dynamic_list_cannot_be_edited_by_hand(sandbox: RunningSandbox) -> None:
    token = sandbox.token()
    body = {
        "name": "Active",
        "objectTypeId": "0-1",
        "processingType": "DYNAMIC",
        "filterBranch": {"filterBranchType": "OR"},
    }
    made = sandbox.api("POST", "/crm/lists/2026-09", body, token=token).json()["list"]
    path = f"/crm/lists/2026-09/{made['listId']}/memberships/add"
    assert sandbox.api("PUT", path, [], token=token).status_code == 400


def test_tokens_are_exchanged_refreshed_and_described(
    sandbox: RunningSandbox, client: HubSpot
) -> None:
    app = sandbox.app
    grant = sandbox.control("POST", "/token", {"scopes": ["oauth", "crm.objects.contacts.read"]})
    fresh = client.oauth.tokens_api.create(
        grant_type="refresh_token",
        refresh_token=grant["refresh_token"],
        client_id=app.client_id,
        client_secret=app.client_secret,
    )
    assert fresh.expires_in in (1799, 1800)
    described = client.oauth.access_tokens_api.get(fresh.access_token)
    assert described.hub_id == sandbox.portal.portal_id
    assert described.scopes == ["oauth", "crm.objects.contacts.read"]
    assert client.oauth.refresh_tokens_api.get(grant["refresh_token"]).client_id == app.client_id
    client.oauth.refresh_tokens_api.archive(grant["refresh_token"])
    with pytest.raises(Exception, match="BAD_REFRESH_TOKEN"):
        client.oauth.tokens_api.create(
            grant_type="refresh_token",
            refresh_token=grant["refresh_token"],
            client_id=app.client_id,
            client_secret=app.client_secret,
        )
