"""What happens to a lead in HubSpot's life: deleted, erased, restored, merged, moved."""

from __future__ import annotations

import json

from backend.storage.leads import due_leads, mirror
from tests.conftest import until
from tests.integration.conftest import PORTAL, Connected
from tests.support.events import everything_about
from tests.support.pipeline import hear, some_lead, waiting_events


def known(connected: Connected, contact_id: str) -> bool:
    with connected.product.stores.database.read() as conn:
        return due_leads.row(conn, PORTAL, contact_id) is not None


def test_a_privacy_deletion_leaves_nothing_of_the_contact(live: Connected) -> None:
    contact_id = some_lead(live)
    assert everything_about(live, contact_id)
    events = waiting_events(live)
    live.ui("POST", f"/contacts/{contact_id}/privacy-delete", {})
    hear(live, events)
    assert everything_about(live, contact_id) == []
    with live.product.stores.database.read() as conn:
        stored = conn.exec_driver_sql("SELECT contact_mac FROM tombstones").all()
    assert stored
    assert contact_id not in json.dumps([list(row) for row in stored])


def test_a_restored_contact_is_a_lead_again(live: Connected) -> None:
    contact_id = some_lead(live)
    events = waiting_events(live)
    live.ui("DELETE", f"/contacts/{contact_id}")
    hear(live, events)
    assert not known(live, contact_id)
    events = waiting_events(live)
    live.ui("POST", f"/contacts/{contact_id}/restore", {})
    hear(live, events)
    until(lambda: contact_id in live.scores())


def test_after_a_merge_the_survivor_is_scored_and_the_others_are_gone(live: Connected) -> None:
    primary, other = sorted(live.scores())[2:4]
    events = waiting_events(live)
    answer = live.ui("POST", f"/contacts/{primary}/merge", {"other_id": int(other)})
    survivor = str(answer["id"])
    hear(live, events)
    until(lambda: survivor in live.scores())
    assert other not in live.scores()
    assert (primary in live.scores()) == (primary == survivor)


def test_a_contact_that_changes_companies_is_scored_with_the_new_one(live: Connected) -> None:
    first, second = sorted(live.scores())[5], sorted(live.scores())[9]
    with live.product.stores.database.read() as conn:
        linked = mirror.linked_records(conn, PORTAL, [first, second])
    company = {
        contact: next(r.object_id for r in records if r.object_type == "companies")
        for contact, records in linked.items()
    }
    events = waiting_events(live)
    ties = f"/contacts/{first}/associations"
    live.ui("DELETE", ties, {"to_type": "companies", "to_id": int(company[first])})
    live.ui("POST", ties, {"to_type": "companies", "to_id": int(company[second])})
    hear(live, events)

    def moved() -> bool:
        with live.product.stores.database.read() as conn:
            now = mirror.linked_records(conn, PORTAL, [first])[first]
        return {r.object_id for r in now if r.object_type == "companies"} == {company[second]}

    until(moved)


def test_a_deleted_company_is_no_longer_part_of_a_score(live: Connected) -> None:
    contact_id = some_lead(live)
    with live.product.stores.database.read() as conn:
        linked = mirror.linked_records(conn, PORTAL, [contact_id])[contact_id]
    company = next(r.object_id for r in linked if r.object_type == "companies")
    events = waiting_events(live)
    live.ui("DELETE", f"/companies/{company}")
    hear(live, events)
    fields = {f.field for f in live.scores()[contact_id].factors}
    assert "company_size" not in fields
    assert "company_size" in {m.field for m in live.scores()[contact_id].missing}


def test_a_new_contact_is_scored_with_the_company_it_comes_with(live: Connected) -> None:
    with live.product.stores.database.read() as conn:
        contact_id = some_lead(live)
        linked = mirror.linked_records(conn, PORTAL, [contact_id])[contact_id]
    company = next(r.object_id for r in linked if r.object_type == "companies")
    events = waiting_events(live)
    made = live.ui(
        "POST",
        "/contacts",
        {
            "properties": {"email": "new@lead.example", "jobtitle": "Head of Logistics"},
            "associations": {"companies": [int(company)]},
        },
    )
    hear(live, events)
    until(lambda: str(made["id"]) in live.scores())
    score = live.scores()[str(made["id"])]
    assert "industry" in {f.field for f in score.factors}
    assert live.properties(str(made["id"]))["ai_lead_score"] == str(score.score)


def test_a_contact_without_any_property_is_scored_as_unknown_not_as_bad(live: Connected) -> None:
    events = waiting_events(live)
    made = live.ui("POST", "/contacts", {"properties": {}})
    hear(live, events)
    until(lambda: str(made["id"]) in live.scores())
    score = live.scores()[str(made["id"])]
    assert len(score.missing) == 6
    assert all(f.points == 0 for f in score.factors if f.group == "profile")


def test_a_survivor_that_was_deleted_in_the_same_batch_is_gone_as_well(live: Connected) -> None:
    primary, other = sorted(live.scores())[2:4]
    events = waiting_events(live)
    answer = live.ui("POST", f"/contacts/{primary}/merge", {"other_id": int(other)})
    survivor = str(answer["id"])
    live.ui("DELETE", f"/contacts/{survivor}")
    hear(live, events)
    until(lambda: not any(known(live, one) for one in (primary, other, survivor)))
    assert {one: everything_about(live, one) for one in (primary, other, survivor)} == {
        primary: [],
        other: [],
        survivor: [],
    }
