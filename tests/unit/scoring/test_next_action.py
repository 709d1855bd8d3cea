from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.model import Band, NextAction, TextReading
from backend.scoring.next_action import allowed_actions, choose_action
from tests.unit.scoring.make import QUICK, analyses, analysis, email_in, lead, readings, snapshots

CALL, EMAIL, NURTURE = NextAction.CALL, NextAction.EMAIL, NextAction.NURTURE
REACHABLE = {"has_email": "yes", "has_phone": "yes"}


@pytest.mark.parametrize(
    ("band", "facts", "days", "expected"),
    [
        (Band.HIGH, REACHABLE, None, CALL),
        (Band.HIGH, {"has_email": "yes"}, None, EMAIL),
        (Band.HIGH, {}, None, NURTURE),
        (Band.MEDIUM, REACHABLE, None, EMAIL),
        (Band.MEDIUM, REACHABLE, 3, CALL),
        (Band.MEDIUM, {**REACHABLE, "bounced": "yes"}, None, CALL),
        (Band.LOW, REACHABLE, None, NURTURE),
        (Band.LOW, REACHABLE, 3, EMAIL),
        (Band.LOW, REACHABLE, 40, NURTURE),
    ],
)
def test_the_preferred_action_follows_band_engagement_and_reach(band, facts, days, expected):
    activities = () if days is None else (email_in(days),)
    action, _ = choose_action(lead(contact=facts, activities=activities), band)
    assert action is expected


@QUICK
@given(snapshots, st.sampled_from(tuple(Band)), st.none() | analyses, st.none() | readings)
def test_consent_and_reach_hold_whatever_the_analyst_says(snapshot, band, judged, reading) -> None:
    action, why = choose_action(snapshot, band, judged, reading)
    facts = snapshot.contact
    if facts.get("opted_out"):
        assert action is NURTURE
    if facts.get("bounced") or not facts.get("has_email"):
        assert action is not EMAIL
    if not facts.get("has_phone"):
        assert action is not CALL
    assert action in allowed_actions(snapshot, band)
    assert why


def test_the_analyst_chooses_among_the_allowed() -> None:
    assert choose_action(lead(), Band.HIGH, analysis(action=EMAIL))[0] is EMAIL
    assert choose_action(lead(), Band.HIGH, analysis(action=NURTURE))[0] is CALL


def test_the_reason_has_a_date_and_what_was_asked() -> None:
    snapshot = lead(activities=(email_in(3),))
    asks = TextReading(intent="price")
    assert choose_action(snapshot, Band.HIGH)[1] == "replied on 20 Nov"
    assert choose_action(snapshot, Band.HIGH, None, asks)[1] == (
        "replied on 20 Nov and asked for a price"
    )


def test_a_suspicious_text_adds_no_words() -> None:
    asks = TextReading(intent="price", manipulation_suspected=True)
    assert "price" not in choose_action(lead(), Band.HIGH, None, asks)[1]


def test_the_reason_says_why_the_better_action_is_impossible() -> None:
    opted_out = lead(contact={**REACHABLE, "opted_out": "yes"})
    assert choose_action(opted_out, Band.HIGH) == (NURTURE, "opted out of email")
    no_phone = lead(contact={"has_email": "yes"})
    assert (
        choose_action(no_phone, Band.HIGH)[1] == "high fit, not yet in touch; no phone number known"
    )


def test_an_old_date_has_its_year() -> None:
    assert choose_action(lead(activities=(email_in(400),)), Band.LOW)[1].endswith("2025")
