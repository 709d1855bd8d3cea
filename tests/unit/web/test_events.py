"""HubSpot's events as we understand them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.web.hubspot.events import HubSpotEvent, Malformed, dedupe_key, is_own, parse, to_inbox

BASE: dict[str, Any] = {
    "eventId": 39448,
    "subscriptionId": 33270,
    "portalId": 495320,
    "appId": 931806,
    "occurredAt": 1742175136625,
    "subscriptionType": "object.propertyChange",
    "attemptNumber": 0,
    "objectId": 10650,
    "objectTypeId": "0-1",
    "propertyName": "jobtitle",
    "propertyValue": "CTO",
    "changeSource": "CRM_UI",
    "sourceId": "userId:7",
}


def event(**changes: Any) -> HubSpotEvent:
    found = parse(0, BASE | changes)
    assert isinstance(found, HubSpotEvent)
    return found


def test_a_contacts_change_is_due_at_once_and_keeps_no_value() -> None:
    row = to_inbox(event())
    assert row is not None
    assert (row.object_type, row.object_id, row.state) == ("contacts", "10650", "done")
    assert "CTO" not in repr(row)


@pytest.mark.parametrize("kind", ["contact.propertyChange", "object.propertyChange"])
def test_both_spellings_of_types_are_understood(kind: str) -> None:
    row = to_inbox(event(subscriptionType=kind))
    assert row is not None
    assert row.object_type == "contacts"


def test_event_type_is_read_where_the_docs_call_it_so() -> None:
    found = {**BASE, "eventType": BASE["subscriptionType"]}
    del found["subscriptionType"]
    assert isinstance(parse(0, found), HubSpotEvent)


def test_our_own_writes_and_properties_are_recognised() -> None:
    assert is_own(event(changeSource="INTEGRATION", sourceId="931806"), "931806")
    assert not is_own(event(changeSource="INTEGRATION", sourceId="5"), "931806")
    assert is_own(event(propertyName="ai_lead_score"), "931806")


def test_the_attempt_number_does_not_make_a_new_event() -> None:
    assert dedupe_key(event()) == dedupe_key(event(attemptNumber=3))


@pytest.mark.parametrize(
    "change", [{"occurredAt": 1}, {"objectId": 2}, {"propertyName": "city"}, {"portalId": 9}]
)
def test_the_same_event_id_with_other_facts_is_another_event(change: dict[str, Any]) -> None:
    assert dedupe_key(event()) != dedupe_key(event(**change))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"associationType": "DEAL_TO_CONTACT", "fromObjectId": 5, "toObjectId": 6},
            ("contacts", "6"),
        ),
        (
            {
                "associationType": "X",
                "fromObjectTypeId": "0-49",
                "toObjectTypeId": "0-1",
                "fromObjectId": 8,
                "toObjectId": 6,
            },
            ("emails", "8"),
        ),
    ],
)
def test_association_changes_lead_to_their_contact(
    fields: dict[str, Any], expected: tuple[str, str]
) -> None:
    row = to_inbox(event(subscriptionType="object.associationChange", objectId="", **fields))
    assert row is not None
    assert (row.object_type, row.object_id) == expected
    assert row.related == {"contacts": ["6"]}


def test_a_deal_to_company_association_concerns_no_lead() -> None:
    changed = event(
        subscriptionType="deal.associationChange",
        associationType="DEAL_TO_COMPANY",
        fromObjectId=1,
        toObjectId=2,
    )
    assert to_inbox(changed) is None


def test_a_merge_names_survivor_and_merged() -> None:
    row = to_inbox(
        event(
            subscriptionType="contact.merge",
            primaryObjectId=1,
            mergedObjectIds=[2, 3],
            newObjectId=4,
        )
    )
    assert row is not None
    assert row.related == {"primary": "1", "new": "4", "merged": ["2", "3"]}


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_anything_else_is_malformed_and_never_raises(element: Any) -> None:
    assert isinstance(parse(3, element), Malformed | HubSpotEvent)


@given(st.dictionaries(st.sampled_from(sorted(BASE)), st.none() | st.integers() | st.text()))
def test_wrong_fields_never_raise(changes: dict[str, Any]) -> None:
    found = parse(0, BASE | changes)
    if isinstance(found, HubSpotEvent):
        to_inbox(found)
        is_own(found, "1")
    else:
        assert found.problem.startswith("element 0")
