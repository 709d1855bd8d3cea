"""What a task says, when it is due, which tasks stay, and what a message shows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.model import Band, Factor, NextAction, Thresholds, Urgency
from backend.scoring.route import OpenTask, Route, decide, plan_tasks
from backend.scoring.wording.message import (
    TEXT_MAX,
    Told,
    digest_message,
    lead_message,
    name_of,
    summary_message,
)
from backend.scoring.wording.task_text import MARK, closed_properties, kept_part, task_properties
from backend.scoring.wording.working_days import due_after
from tests.unit.scoring.make import NOW, QUICK
from tests.unit.scoring.scores import a_score

T = Thresholds()
HIGH, MEDIUM = OpenTask("a" * 16, Band.HIGH), OpenTask("b" * 16, Band.MEDIUM)


def plan(old: Band | None, score: int, *open_tasks: OpenTask):
    return plan_tasks(decide(old, old, score, T, Urgency.EVENT), open_tasks)


def test_an_open_follow_up_becomes_the_task_of_a_lead_that_rose() -> None:
    found = plan(Band.MEDIUM, 85, MEDIUM)
    assert (found.make, found.keep, found.close) == (Route.TASK, MEDIUM.task_key, ())
    assert plan(Band.MEDIUM, 85).keep is None


def test_leaving_high_closes_its_task_and_a_follow_up_is_another_one() -> None:
    found = plan(Band.HIGH, 60, HIGH)
    assert found.make is Route.FOLLOW_UP_TASK
    assert found.keep is None
    assert found.close == (HIGH.task_key,)
    assert plan(Band.HIGH, 10, HIGH).close == (HIGH.task_key,)


def test_of_two_tasks_that_a_merge_brought_one_stays() -> None:
    found = plan(Band.HIGH, 90, HIGH, replace(HIGH, task_key="c" * 16), MEDIUM)
    assert (found.make, found.keep) == (None, HIGH.task_key)
    assert set(found.close) == {"c" * 16, MEDIUM.task_key}


@QUICK
@given(
    st.sampled_from([None, *Band]),
    st.integers(0, 100),
    st.lists(st.sampled_from([Band.HIGH, Band.MEDIUM]), max_size=4),
)
def test_never_more_than_one_task_stays_and_it_is_of_the_settled_band(old, score, bands) -> None:
    open_tasks = [OpenTask(str(n), band) for n, band in enumerate(bands)]
    routing = decide(old, old, score, T, Urgency.EVENT)
    found = plan_tasks(routing, open_tasks)
    assert len(found.close) + (found.keep is not None) == len(open_tasks)
    kept = next((task for task in open_tasks if task.task_key == found.keep), None)
    if kept is not None and found.make is None:
        assert kept.band is routing.settled
    if routing.settled is Band.LOW:
        assert found.keep is found.make is None


def test_a_task_names_action_reasons_and_its_routes() -> None:
    score = a_score(86, action=NextAction.CALL)
    found = task_properties(
        score, Band.HIGH, ("ab" * 8, "cd" * 8), due_at=NOW, owner_id="7", queue_id="9"
    )
    assert found["hs_task_subject"] == f"Call this lead: {score.action_reason}"
    assert found["hs_task_type"] == "CALL"
    assert found["hs_task_priority"] == "HIGH"
    assert found["hubspot_owner_id"] == "7"
    assert found["hs_queue_membership_ids"] == "9"
    assert found["hs_task_body"].endswith(f"{MARK} {'ab' * 8}, {'cd' * 8}")
    nobody = task_properties(score, Band.HIGH, ("ab" * 8,), due_at=NOW, owner_id="", queue_id="")
    assert not {"hubspot_owner_id", "hs_queue_membership_ids"} & set(nobody)


@pytest.mark.parametrize(
    ("action", "name", "subject"),
    [
        (NextAction.CALL, "Bruno Keller", "Call Bruno Keller: replied on 21 Nov"),
        (NextAction.EMAIL, "", "Email this lead: replied on 21 Nov"),
        (NextAction.NURTURE, "Bo", "Follow up with Bo: replied on 21 Nov"),
        (NextAction.NONE, "Bo", "Follow up with Bo: replied on 21 Nov"),
        (NextAction.CALL, "A\u202e\nB <b>x</b>\u0000 " + "y" * 200, "Call A B x " + "y" * 73 + "…"),
    ],
)
def test_a_task_says_what_to_do_with_whom_and_why(action, name, subject) -> None:
    score = replace(a_score(86, action=action), action_reason="replied on 21 Nov")
    more = {"due_at": NOW, "owner_id": "", "queue_id": "", "name": name}
    found = task_properties(score, Band.HIGH, ("ab" * 8,), **more)["hs_task_subject"]
    assert found.startswith(subject) and "\n" not in found


def test_what_a_person_asked_for_stays_whatever_the_band_says() -> None:
    asked = OpenTask("d" * 16, Band.LOW, by_person=True)
    for old, score in ((Band.HIGH, 10), (Band.LOW, 60), (Band.MEDIUM, 90), (Band.HIGH, 90)):
        found = plan(old, score, HIGH, asked)
        assert (found.keep, found.close) == (asked.task_key, (HIGH.task_key,))


def test_text_of_a_lead_cannot_become_markup_or_a_route() -> None:
    hostile = Factor("industry", f"<script>x</script> {MARK} {'ee' * 8}<br>", 12, "profile")
    score = replace(a_score(86), factors=(hostile,), action_reason="<b>now</b>")
    body = task_properties(score, Band.HIGH, ("ab" * 8,), due_at=NOW, owner_id="", queue_id="")[
        "hs_task_body"
    ]
    assert "<script" not in body and "<b>" not in body
    assert body.endswith(f"{MARK} {'ab' * 8}")
    assert kept_part(body) == ""


@pytest.mark.parametrize("notes", ["", "<br>called, voicemail", "</p><p>ask for Kim</p>"])
def test_a_reps_notes_below_our_part_are_kept_however_often_it_is_rewritten(notes: str) -> None:
    score, more = a_score(86), {"due_at": NOW, "owner_id": "", "queue_id": ""}
    first = task_properties(score, Band.MEDIUM, ("ab" * 8,), **more)["hs_task_body"] + notes
    second = task_properties(score, Band.HIGH, ("ab" * 8, "cd" * 8), old_body=first, **more)
    third = task_properties(
        score, Band.HIGH, ("ab" * 8, "cd" * 8), old_body=second["hs_task_body"], **more
    )
    assert second["hs_task_body"].endswith(f"{'cd' * 8}{notes}")
    assert third == second
    closed = closed_properties(third["hs_task_body"], "its score is 40 <now>")
    assert closed["hs_task_status"] == "COMPLETED"
    assert notes in closed["hs_task_body"] and "<now>" not in closed["hs_task_body"]


@pytest.mark.parametrize(
    ("now", "days", "working", "zone", "due"),
    [
        # Friday noon, two working days: Tuesday five o'clock in Berlin
        ("2026-11-20T12:00", 2, (0, 1, 2, 3, 4), "Europe/Berlin", "2026-11-24T16:00"),
        # A week that begins on Sunday
        ("2026-11-20T12:00", 1, (6, 0, 1, 2, 3), "Asia/Riyadh", "2026-11-22T14:00"),
        # Friday 23:30 UTC is Saturday in Tokyo
        ("2026-11-20T23:30", 1, (0, 1, 2, 3, 4), "Asia/Tokyo", "2026-11-23T08:00"),
        # Today, though the working day is over: not in the past
        ("2026-11-20T21:00", 0, (0, 1, 2, 3, 4), "UTC", "2026-11-20T21:00"),
        # Neither a known zone nor a working day
        ("2026-11-20T12:00", 1, (), "Mars/Olympus", "2026-11-21T17:00"),
    ],
)
def test_a_follow_up_is_due_on_the_portals_working_days(now, days, working, zone, due) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert due_after(at, days, working, zone) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@given(
    now=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),
    days=st.integers(0, 60),
    working=st.sets(st.integers(0, 6), min_size=1),
)
def test_a_follow_up_is_never_further_than_its_working_days_need(now, days, working) -> None:
    """Due today on a day off ran to the end of the calendar, and stopped all routing."""
    at = now.replace(tzinfo=UTC)
    due = due_after(at, days, working, "")
    assert at <= due <= at + timedelta(days=7 * (days + 1) + 1)
    assert due.weekday() in working or due == at
    later = [at.date() + timedelta(days=d) for d in range(1, (due.date() - at.date()).days + 1)]
    counted = days or (0 if at.weekday() in working else 1)
    assert sum(day.weekday() in working for day in later) == counted


@QUICK
@given(st.text(max_size=400), st.text(max_size=400))
def test_no_text_of_a_lead_is_markup_in_a_message(name: str, reason: str) -> None:
    score = replace(a_score(86), action_reason=f"<!channel> {reason}")
    told = Told(
        name_of(f"<https://evil.example|x> {name}", "5"), score, "https://app.hubspot.com/x"
    )
    for message in (lead_message("ab" * 8, told), digest_message("cd" * 8, [told] * 30, 99)):
        assert "<" not in message["text"]
        assert "Leadlight message" in message["text"]
        for block in message["blocks"]:
            if block["type"] == "section" and block["text"]["type"] == "mrkdwn":
                assert block["text"]["text"] == "<https://app.hubspot.com/x|Open the contact>"
        assert all(len(b["text"]["text"]) <= TEXT_MAX for b in message["blocks"] if "text" in b)


def test_a_digest_names_the_best_and_counts_the_rest() -> None:
    told = [Told(f"Lead {n}", replace(a_score(80), unclamped=n), "u") for n in range(30)]
    text = json.dumps(digest_message("cd" * 8, told, 30))
    assert "30 leads became High" in text and "and 10 more" in text
    assert "Lead 29" in text and "Lead 9 " not in text
    assert "Leads today" in json.dumps(summary_message("x", ["Leads today: 3"]))
