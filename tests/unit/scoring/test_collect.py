from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.model import NOTHING, CrmRecord, Person, PortalSettings, TextSource
from backend.scoring.collect import mirror_record, snapshot
from backend.scoring.facts.properties import IDENTITY, PROPERTIES, properties_for
from tests.unit.scoring.make import NOW, QUICK, TODAY, record

CANARIES = (
    "Zebediah",
    "Quackenbush",
    "zebediah.q@canary.example",
    "canary.example/secret",
    "+49 171 9988776",
    "4111 1111 1111 1111",
    "12 Canary Street",
)
EVERYTHING = ("message", "description", "notes", "emails")


def mirrored(object_type: str, **properties: str | None):
    return mirror_record(record(object_type, **properties), {}, EVERYTHING)[0]


def test_the_mirror_holds_no_name_email_phone_or_address() -> None:
    text = "I am Zebediah Quackenbush, zebediah.q@canary.example, +49 171 9988776, 12 Canary Street"
    mirror, person = mirror_record(
        record(
            "contacts",
            firstname="Zebediah",
            lastname="Quackenbush",
            email="zebediah.q@canary.example",
            phone="+49 171 9988776",
            address="12 Canary Street",
            city="Canaryville",
            message=text,
            jobtitle="Head of Quackenbush Logistics",
        ),
        {"industry": "email", "budget_range": "phone"},
        EVERYTHING,
    )
    kept = json.dumps(dict(mirror.facts)).casefold()
    for canary in (
        "zebediah",
        "quackenbush",
        "zebediah.q@",
        "9988776",
        "canary street",
        "canaryville",
    ):
        assert canary not in kept
    assert person == Person("Zebediah Quackenbush", "zebediah.q@canary.example")
    assert mirror.facts["email_domain"] == "canary.example"
    assert mirror.facts["has_phone"] == "yes"
    assert mirror.facts["seniority"] == "director"


def test_only_contacts_are_persons() -> None:
    assert mirror_record(record("companies", firstname="A", email="a@b.example"))[1] is None


def test_no_identity_property_is_ever_mapped_to_a_fact() -> None:
    names = properties_for("contacts", {"industry": "email", "location": "custom_place"})
    assert "custom_place" in names
    for name in IDENTITY:
        mirror, _ = mirror_record(record("companies", **{name: "Banking"}), {"industry": name})
        assert "industry" not in mirror.facts


def test_texts_that_the_portal_did_not_allow_are_not_even_requested() -> None:
    assert "message" not in properties_for("contacts", {}, ())
    assert "hs_note_body" not in properties_for("notes", {}, ("message",))
    assert "hs_note_body" in properties_for("notes", {}, ("notes",))
    note = mirror_record(record("notes", hs_note_body="secret", hs_timestamp="2026-11-01"))[0]
    assert "secret" not in str(note.facts)


def test_bodies_are_never_requested_by_default() -> None:
    bodies = {"hs_note_body", "hs_email_text", "hs_email_html", "hs_call_body", "hs_meeting_body"}
    assert not bodies & {name for names in PROPERTIES.values() for name in names}


def test_a_portal_s_own_property_goes_before_the_default() -> None:
    mirror, _ = mirror_record(
        record("companies", industry="BANKING", our_sector="Logistics"), {"industry": "our_sector"}
    )
    assert mirror.facts["industry"] == "logistics and supply chain"


def test_a_state_s_code_alone_is_no_country() -> None:
    assert "location" not in mirrored("companies", state="PR").facts
    assert mirrored("companies", state="Texas").facts["location"] == "united states"


def test_technologies_and_budget_are_found_under_usual_names() -> None:
    facts = mirrored("companies", web_technologies="python;aws", budget_range="$10k-$50k").facts
    assert facts["technologies"] == "aws;python"
    assert facts["budget_range"] == "10k-50k"


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"hs_is_closed_won": "true", "hs_is_closed": "true"}, "won"),
        ({"hs_is_closed_won": "false", "hs_is_closed": "true"}, "lost"),
        ({"hs_is_closed": "false"}, "open"),
        ({}, "open"),
        ({"dealstage": "closedwon"}, "won"),
        ({"dealstage": "closedlost"}, "lost"),
        ({"dealstage": "closedwon", "hs_is_closed_won": "false"}, "open"),
    ],
)
def test_a_deal_s_outcome_is_hubspot_s_own(properties: dict[str, str], expected: str) -> None:
    assert mirrored("deals", **properties).facts["outcome"] == expected


@pytest.mark.parametrize(
    ("object_type", "properties", "direction", "outcome"),
    [
        ("emails", {"hs_email_direction": "INCOMING_EMAIL"}, "in", ""),
        ("emails", {"hs_email_direction": "EMAIL", "hs_email_status": "BOUNCED"}, "out", "bounced"),
        (
            "calls",
            {"hs_call_direction": "OUTBOUND", "hs_call_duration": "180000"},
            "out",
            "connected",
        ),
        (
            "calls",
            {
                "hs_call_disposition": "73a0d17f-1163-4015-bdd5-ec830791da20",
                "hs_call_duration": "180000",
            },
            "",
            "no answer",
        ),
        ("meetings", {"hs_meeting_outcome": "NO_SHOW"}, "", "no show"),
        ("tasks", {"hs_task_status": "COMPLETED"}, "", "completed"),
    ],
)
def test_activities_become_typed(object_type, properties, direction, outcome) -> None:
    facts = mirrored(object_type, hs_timestamp="2026-11-20T10:00:00Z", **properties).facts
    assert facts.get("direction", "") == direction
    assert facts.get("outcome", "") == outcome
    assert facts["occurred_at"].startswith("2026-11-20")


def test_our_own_tasks_never_count() -> None:
    ours = mirrored(
        "tasks",
        hs_task_subject="Call Ada",
        hs_task_body="<p>Leadlight r-17</p>",
        hs_timestamp="2026-11-20",
    )
    theirs = mirrored("tasks", hs_task_subject="Call Ada", hs_timestamp="2026-11-20")
    found = snapshot(1, mirrored("contacts"), None, [], [ours, theirs], TODAY, PortalSettings())
    assert len(found.activities) == 1
    assert "Call Ada" not in str(ours.facts)


def test_free_text_is_kept_apart_from_typed_facts() -> None:
    contact = mirrored("contacts", message="We want a demo")
    company = mirrored("companies", description="We move boxes", industry="BANKING")
    found = snapshot(1, contact, company, [], [], TODAY, PortalSettings())
    assert found.free_text == {"message": "We want a demo", "description": "We move boxes"}
    assert not any("demo" in value for value in found.contact.values())
    assert found.company == {"industry": "banking"}


def test_a_text_switched_off_later_is_no_longer_shown_to_anybody() -> None:
    contact = mirrored("contacts", message="We want a demo")
    off = PortalSettings(read_free_text=())
    assert snapshot(1, contact, None, [], [], TODAY, off).free_text == {}


def test_the_lead_s_name_is_taken_out_of_every_text() -> None:
    company = mirrored("companies", description="Founded by Ada Lovelace in 1843")
    found = snapshot(
        1,
        mirrored("contacts"),
        company,
        [],
        [],
        TODAY,
        PortalSettings(),
        Person("Ada Lovelace", ""),
    )
    assert "Ada" not in found.free_text["description"]
    assert "Lovelace" not in found.free_text["description"]


def test_a_two_megabyte_note_is_trimmed() -> None:
    note = mirrored("notes", hs_note_body="x " * 1_000_000, hs_timestamp="2026-11-01")
    assert len(note.facts["text.notes"]) <= 6_000


def test_a_deleted_company_and_deleted_activities_do_not_count() -> None:
    gone = CrmRecord("companies", "9", {"industry": "BANKING"}, NOW, archived=True)
    found = snapshot(
        1, mirrored("contacts"), mirror_record(gone)[0], [], [], TODAY, PortalSettings()
    )
    assert found.company_id is None
    assert not found.company


@pytest.mark.parametrize("object_type", sorted(PROPERTIES))
@QUICK
@given(data=st.data())
def test_no_record_breaks_the_mirror(object_type: str, data) -> None:
    names = properties_for(object_type, {"budget_range": "own"}, EVERYTHING)
    odd = (
        st.none()
        | st.text(max_size=200)
        | st.sampled_from(
            ("NaN", "1e400", "-1", "9" * 400, "true", "\x00", "2026-13-45", "999999999999999999")
        )
    )
    properties = data.draw(st.dictionaries(st.sampled_from(names), odd))
    mirror, _ = mirror_record(
        record(object_type, **properties), {"budget_range": "own"}, EVERYTHING
    )
    json.dumps(dict(mirror.facts))
    assert all(mirror.facts.values())


def test_a_contact_without_any_property_is_a_lead_with_nothing_known() -> None:
    contact = mirrored("contacts")
    assert contact.facts == {}
    assert snapshot(1, contact, None, [], [], TODAY, PortalSettings()).contact == {}


@QUICK
@given(st.permutations(range(4)))
def test_the_order_of_records_does_not_matter(order) -> None:
    activities = [
        mirrored("emails", hs_timestamp=f"2026-11-{day:02d}", hs_email_direction="INCOMING_EMAIL")
        for day in (1, 5, 9, 13)
    ]
    contact = mirrored("contacts")
    shuffled = [activities[i] for i in order]
    settings = PortalSettings()
    assert snapshot(1, contact, None, [], shuffled, TODAY, settings) == snapshot(
        1, contact, None, [], activities, TODAY, settings
    )


def deal(labels=NOTHING, **properties: str):
    return mirror_record(record("deals", **properties), labels=labels)[0]


def test_a_deal_has_the_portal_s_own_words_for_its_stage_and_the_day_it_closes() -> None:
    open_deal = deal(
        {"dealstage": {"1234": "Verbal yes"}},
        dealstage="1234",
        hs_deal_stage_probability="0.85",
        closedate="2026-12-21T10:00:00Z",
    )
    found = snapshot(1, record_of_nobody(), None, (open_deal,), (), TODAY, PortalSettings()).deals
    assert [(d.outcome, d.stage, d.probability, d.closes_on) for d in found] == [
        ("open", "Verbal yes", 0.85, date(2026, 12, 21))
    ]


def test_hubspot_s_default_stages_are_known_without_labels_and_others_are_not_guessed() -> None:
    assert deal(dealstage="contractsent").facts["stage_label"] == "Contract sent"
    assert "stage_label" not in deal(dealstage="77").facts


def test_a_label_does_not_hide_that_a_deal_is_closed() -> None:
    won = deal(
        {"dealstage": {"closedwon": "Signed"}}, dealstage="closedwon", closedate="2026-11-01"
    )
    assert (won.facts["outcome"], won.facts["stage_label"]) == ("won", "Signed")
    assert "closes_at" not in won.facts


def test_texts_say_where_they_stand_and_when_they_were_written() -> None:
    contact = mirror_record(
        record("contacts", "5", message="Hello", recent_conversion_date="2026-11-20T08:00:00Z"),
        read_free_text=("message", "notes"),
    )[0]
    note = mirror_record(
        record("notes", "9", hs_note_body="Met", hs_timestamp="2026-11-21T08:00:00Z"),
        read_free_text=("notes",),
    )[0]
    settings = PortalSettings(read_free_text=("message", "notes"))
    found = snapshot(1, contact, None, (), (note,), TODAY, settings).text_sources
    assert found == {
        "message": TextSource("contacts", "5", date(2026, 11, 20)),
        "notes.0": TextSource("notes", "9", date(2026, 11, 21)),
    }


def record_of_nobody():
    return mirror_record(record("contacts"))[0]
