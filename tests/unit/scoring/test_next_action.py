from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.model import ActivityFact, Band, DealFact, NextAction, TextReading, TextSource
from backend.scoring.facts.activities import typed
from backend.scoring.next_action import WARM_DAYS, allowed_actions, choose_action
from backend.scoring.points.engagement import happened
from tests.unit.scoring.make import (
    QUICK,
    TODAY,
    analyses,
    analysis,
    days_ago,
    email_in,
    email_out,
    lead,
    readings,
    snapshots,
)

CALL, EMAIL, NURTURE, NONE = (
    NextAction.CALL,
    NextAction.EMAIL,
    NextAction.NURTURE,
    NextAction.NONE,
)
REACHABLE = {"has_email": "yes", "has_phone": "yes"}
DOCUMENT = Path(__file__).resolve().parents[3] / "docs/scoring.md"


def meeting(days: int, outcome: str = "completed") -> ActivityFact:
    return ActivityFact("meeting", days_ago(days), "", outcome)


def call(days: int, direction: str = "in", outcome: str = "connected") -> ActivityFact:
    return ActivityFact("call", days_ago(days), direction, outcome)


def roll_up(name: str, days: int = 3) -> dict[str, str]:
    return {f"last_{name}_on": str(TODAY - timedelta(days=days))}


def deal(probability: float, stage: str, outcome: str = "open") -> DealFact:
    closes = TODAY + timedelta(days=28)
    return DealFact(
        "9", outcome, days_ago(30), stage=stage, probability=probability, closes_on=closes
    )


LATE, EARLY = deal(0.9, "Contract sent"), deal(0.4, "Qualified to buy")
# what happened → (row of the document's table, activities, facts, how the reason begins)
SIGNS = {
    "request by email": ("request", (email_in(3),), {}, "replied on 20 Nov"),
    "request by phone": (
        "request",
        (call(3, "in", "no answer"), email_out(5)),
        {},
        "called us on 20 Nov",
    ),
    "request by form": ("request", (email_out(5),), roll_up("form"), "submitted a form on 20 Nov"),
    "no-show": (
        "missed meeting",
        (meeting(3, "no show"),),
        roll_up("visit", 1),
        "missed the meeting of 20 Nov: offer a new time",
    ),
    "reply": ("strong", (email_in(3), email_out(2), meeting(1)), {}, "replied on 20 Nov"),
    "call": ("strong", (call(3), email_out(2), meeting(2)), {}, "called us on 20 Nov"),
    "meeting": ("strong", (meeting(3),), roll_up("visit", 0), "had a meeting on 20 Nov"),
    "booked": ("strong", (meeting(-3, "scheduled"),), {}, "has a meeting on 26 Nov"),
    "form": (
        "strong",
        (email_out(2),),
        {**roll_up("form"), **roll_up("visit", 1)},
        "submitted a form on 20 Nov",
    ),
    "click": (
        "weak",
        (),
        {**roll_up("click"), **roll_up("open", 0)},
        "clicked a link in an email on 20 Nov",
    ),
    "open": ("weak", (), {**roll_up("open"), **roll_up("visit", 0)}, "opened an email on 20 Nov"),
    "view": ("weak", (), roll_up("visit"), "visited the website on 20 Nov"),
    "long ago": (
        "quiet",
        (email_in(60), email_out(59)),
        {},
        "nothing since they replied on 24 Sep",
    ),
    "long ago, unanswered": (
        "quiet",
        (email_in(60),),
        {},
        "replied on 24 Sep and was never answered",
    ),
    "nothing": ("quiet", (), {"created_on": "2026-11-02"}, "{band} fit, not yet in touch (in Hub"),
    "no answer": ("quiet", (email_out(4),), {}, "no answer to our email of 19 Nov"),
}
DEALS = {
    "none": (),
    "early": (EARLY,),
    "late": (EARLY, LATE),
    "won": (deal(1.0, "Closed won", "won"),),
}
REACH = [
    dict(zip(("has_phone", "has_email", "bounced", "opted_out"), values, strict=True))
    for values in itertools.product(("", "yes"), repeat=4)
]
FLAGS = {
    "": None,
    "job search": TextReading(job_seeker=True),
    "complaint": TextReading(complaint=True),
    "manipulation": TextReading(intent="purchase", manipulation_suspected=True),
}


def table() -> dict[tuple[str, Band], list[NextAction]]:
    """The rules as the document shows them."""
    text = DOCUMENT.read_text().split("| in the last 14 days |")[1].split("\n\n")[0]
    rows = [line.strip("| ").split("|") for line in text.splitlines()[2:]]
    return {
        (row[0].partition(":")[0].strip(), band): [NextAction(a.strip()) for a in cell.split(",")]
        for row in rows
        for band, cell in zip((Band.HIGH, Band.MEDIUM, Band.LOW), row[1:], strict=True)
    }


def expected(row: str, band: Band, deals: str, facts, flag: str) -> NextAction:
    """The document's second table over its first."""
    if flag in {"job search", "complaint"} or deals == "late":
        return NONE
    wanted = table_of[row, band]
    if deals == "early" and NURTURE in wanted:
        wanted = [EMAIL, CALL]
    no_mail = facts["opted_out"] or facts["bounced"] or not facts["has_email"]
    possible = [a for a in wanted if not (a is CALL and not facts["has_phone"])]
    possible = [a for a in possible if not (a in {EMAIL, NURTURE} and no_mail)]
    return possible[0] if possible else NONE


table_of = table()


@pytest.mark.parametrize("name", SIGNS)
def test_every_cell_of_the_documented_table(name: str) -> None:
    row, activities, facts, begins = SIGNS[name]
    for band, deals, reach, flag in itertools.product(Band, DEALS, REACH, FLAGS):
        snapshot = lead(contact={**facts, **reach}, activities=activities, deals=DEALS[deals])
        action, why = choose_action(snapshot, band, None, FLAGS[flag])
        cell = (name, band, deals, reach, flag)
        assert action is expected(row, band, deals, reach, flag), cell
        if flag == "complaint":
            assert why == "answer the complaint first", cell
        elif flag == "job search":
            assert why == "looks for a job, by the message", cell
        elif deals == "late":
            assert why == "In a deal: Contract sent, closes 21 Dec", cell
        else:
            assert why.startswith(begins.format(band=band.value.lower())), cell
            assert ("; in a deal: Qualified to buy, closes 21 Dec" in why) == (deals == "early"), (
                cell
            )


def test_the_table_in_the_document_is_whole() -> None:
    assert {row for row, _ in table_of} == {row for row, *_ in SIGNS.values()}


@QUICK
@given(snapshots, st.sampled_from(tuple(Band)), st.none() | analyses, st.none() | readings)
def test_consent_and_reach_hold_whatever_the_analyst_says(snapshot, band, judged, reading) -> None:
    action, why = choose_action(snapshot, band, judged, reading)
    facts = snapshot.contact
    if facts.get("opted_out") or facts.get("bounced") or not facts.get("has_email"):
        assert action not in {EMAIL, NURTURE}
    if not facts.get("has_phone"):
        assert action is not CALL
    if reading is not None and (reading.job_seeker or reading.complaint):
        assert action is NONE
    else:
        assert action in allowed_actions(snapshot, band)
    assert why


def test_the_analyst_chooses_among_the_allowed() -> None:
    assert choose_action(lead(), Band.HIGH, analysis(action=EMAIL))[0] is EMAIL
    assert choose_action(lead(), Band.HIGH, analysis(action=NURTURE))[0] is CALL


def test_the_reason_has_a_date_and_what_was_asked() -> None:
    snapshot = lead(activities=(email_in(3), email_out(2)))
    asks = TextReading(intent="price")
    assert choose_action(snapshot, Band.HIGH)[1] == "replied on 20 Nov"
    assert choose_action(snapshot, Band.HIGH, None, asks)[1] == (
        "replied on 20 Nov and asked for a price"
    )
    quiet = lead(activities=(email_in(40), email_out(39)))
    assert choose_action(quiet, Band.HIGH, None, asks)[1].startswith("nothing since they replied")
    assert choose_action(quiet, Band.HIGH, None, asks)[1].endswith("; asked for a price")


def test_a_request_nobody_answered_comes_first_and_says_so() -> None:
    chatted = (email_in(3), email_out(2))
    asks = lead(contact={**REACHABLE, **roll_up("form", 1)}, activities=chatted)
    assert choose_action(asks, Band.MEDIUM)[1] == "submitted a form on 22 Nov; not answered yet"
    answered = lead(contact={**REACHABLE, **roll_up("form", 2)}, activities=chatted)
    assert choose_action(answered, Band.MEDIUM)[1] == "replied on 20 Nov"


def test_a_newer_request_is_named_beside_the_strongest() -> None:
    asks = lead(contact={**REACHABLE, **roll_up("form", 1)}, activities=(email_in(3),))
    told = choose_action(asks, Band.MEDIUM)[1]
    assert told == "replied on 20 Nov and submitted a form on 22 Nov; not answered yet"


def test_the_14th_day_is_warm_and_the_15th_is_not() -> None:
    within, beyond = (lead(activities=(email_in(WARM_DAYS + i),)) for i in (0, 1))
    assert choose_action(within, Band.LOW)[0] is EMAIL
    assert choose_action(beyond, Band.LOW)[0] is NURTURE


def test_what_was_written_has_its_own_day() -> None:
    asks = TextReading(intent="price", quote="How much is it?")
    texts = {
        "free_text": {"message": "Hello. How much is it?", "notes.0": "Met."},
        "text_sources": {
            "message": TextSource("contacts", "1", TODAY - timedelta(days=20)),
            "notes.0": TextSource("notes", "7", TODAY),
        },
    }
    snapshot = lead(activities=(email_in(3), email_out(2)), **texts)
    assert choose_action(snapshot, Band.HIGH, None, asks)[1] == (
        "replied on 20 Nov; asked for a price on 3 Nov"
    )
    angry = TextReading(complaint=True, quote="How much is it?")
    assert choose_action(snapshot, Band.HIGH, None, angry) == (
        NONE,
        "answer the complaint of 3 Nov first",
    )


@pytest.mark.parametrize("days", [3, -3])
@pytest.mark.parametrize("given", ["CANCELED", "CANCELLED", "RESCHEDULED", "rescheduled"])
def test_a_meeting_called_off_or_moved_is_neither_missed_nor_held(given: str, days: int) -> None:
    outcome = typed("meetings", {"hs_meeting_outcome": given})["outcome"]
    snapshot = lead(
        contact=REACHABLE | {"created_on": "2026-11-02"}, activities=(meeting(days, outcome),)
    )
    assert choose_action(snapshot, Band.MEDIUM) == (
        EMAIL,
        "medium fit, not yet in touch (in HubSpot since 2 Nov)",
    )
    assert happened(snapshot) == {}
    asked = lead(contact=REACHABLE, activities=(email_in(5), meeting(days, outcome)))
    assert choose_action(asked, Band.LOW)[1] == "replied on 18 Nov; not answered yet"


def test_a_new_meeting_after_a_no_show_is_what_counts() -> None:
    booked = lead(activities=(meeting(3, "no show"), meeting(-3, "scheduled")))
    assert choose_action(booked, Band.HIGH)[1] == "has a meeting on 26 Nov"


def test_a_suspicious_text_adds_no_words() -> None:
    asks = TextReading(intent="price", manipulation_suspected=True)
    assert "price" not in choose_action(lead(), Band.HIGH, None, asks)[1]


@pytest.mark.parametrize(
    ("band", "facts", "action", "hindrance"),
    [
        (Band.HIGH, {**REACHABLE, "opted_out": "yes"}, CALL, ""),
        (Band.HIGH, {"has_email": "yes"}, EMAIL, ""),
        (Band.MEDIUM, {**REACHABLE, "bounced": "yes"}, CALL, "the email address bounced"),
        (Band.MEDIUM, {"has_phone": "yes"}, CALL, "no email address known"),
        (
            Band.HIGH,
            {"has_email": "yes", "opted_out": "yes"},
            NONE,
            "cannot be reached: opted out of email, no phone number known",
        ),
        (Band.LOW, {**REACHABLE, "opted_out": "yes"}, NONE, "opted out of email"),
    ],
)
def test_what_is_missing_is_named_only_where_it_hinders(band, facts, action, hindrance) -> None:
    found, why = choose_action(lead(contact=facts), band)
    assert found is action
    assert why == f"{band.value.lower()} fit, not yet in touch" + (
        f"; {hindrance}" if hindrance else ""
    )


def test_a_deal_whose_day_has_passed_or_is_far_says_so() -> None:
    late = {"outcome": "open", "created_at": days_ago(9), "probability": 0.8, "stage": "Verbal"}
    past = DealFact("1", **late, closes_on=TODAY - timedelta(days=3))
    far = DealFact("1", **late, closes_on=TODAY + timedelta(days=90))
    assert (
        choose_action(lead(deals=(past,)), Band.LOW)[1] == "In a deal: Verbal, was to close 20 Nov"
    )
    assert choose_action(lead(deals=(far,)), Band.LOW)[1].endswith("closes 21 Feb 2027")


def test_an_old_date_has_its_year() -> None:
    assert "2025" in choose_action(lead(activities=(email_in(400),)), Band.LOW)[1]
