from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given

from backend.model import ActivityFact, DealFact
from backend.scoring.points.engagement import (
    INPUTS,
    engagement_parts,
    happened,
    history_parts,
)
from tests.unit.scoring.make import (
    NOW,
    QUICK,
    TODAY,
    days_ago,
    email_in,
    email_out,
    lead,
    snapshots,
)

DOCS = Path(__file__).parents[3] / "docs" / "scoring.md"


def points(snapshot, field: str) -> float:
    return sum(part.points for part in engagement_parts(snapshot) if part.field == field)


def test_docs_start_with_the_table_of_inputs() -> None:
    lines = [line for line in DOCS.read_text().splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rows = {cells[0].strip("`"): cells for cells in table[2 : 2 + len(INPUTS)]}
    assert list(rows) == list(INPUTS)
    for field, row in INPUTS.items():
        half_life = "does not fade" if row.half_life_days is None else f"{row.half_life_days} days"
        assert rows[field][1].replace("`", "") == row.source
        assert rows[field][2:] == [row.trigger, f"{row.points:g}", half_life, f"{row.cap:g}"]


def test_one_reply_in_roll_up_and_in_the_mirror_counts_once() -> None:
    roll_up = {"replies": "3", "last_reply_on": "2026-11-22"}
    mirrored = lead(activities=(email_in(20),))
    both = lead(activities=(email_in(20),), contact={**mirrored.contact, **roll_up})
    assert points(both, "reply") == points(mirrored, "reply")
    assert points(lead(contact=roll_up), "reply") > 0


def test_engagement_fades_by_its_half_life() -> None:
    fresh, old = lead(activities=(email_in(1),)), lead(activities=(email_in(15),))
    ratio = points(old, "reply") / points(fresh, "reply")
    assert ratio == pytest.approx(2 ** (-14 / 21))


def test_a_day_more_within_a_bucket_changes_nothing() -> None:
    assert points(lead(activities=(email_in(8),)), "reply") == points(
        lead(activities=(email_in(30),)), "reply"
    )


def test_what_lies_ahead_counts_only_as_a_booked_meeting() -> None:
    ahead = NOW + timedelta(days=10)
    booked = lead(activities=(ActivityFact("meeting", ahead, "", "scheduled"),))
    planned = lead(activities=(ActivityFact("call", ahead, "out", "connected"),))
    assert points(booked, "meeting") == pytest.approx(9 * 2 ** (-1 / 30))
    assert engagement_parts(planned) == []


def test_notes_and_tasks_of_colleagues_never_count() -> None:
    activities = tuple(ActivityFact(kind, NOW, "", "completed") for kind in ("note", "task"))
    assert engagement_parts(lead(activities=activities)) == []


def test_our_unanswered_emails_cost_little_and_only_from_the_third() -> None:
    assert points(lead(activities=tuple(email_out(d) for d in (1, 2))), "silence") == 0
    assert points(lead(activities=tuple(email_out(d) for d in (1, 2, 3, 4))), "silence") < 0
    answered = (*tuple(email_out(d) for d in (2, 3, 4, 5)), email_in(1))
    assert points(lead(activities=answered), "silence") == 0


def test_a_count_without_a_date_says_nothing() -> None:
    assert engagement_parts(lead(contact={"page_views": "500"})) == []


def test_a_roll_up_of_an_absurd_size_stays_within_its_cap() -> None:
    facts = {"page_views": "1000000", "last_visit_on": TODAY.isoformat()}
    assert points(lead(contact=facts), "page_views") == INPUTS["page_views"].cap


def test_opting_out_and_bouncing_cost_points_and_do_not_fade() -> None:
    parts = engagement_parts(lead(contact={"opted_out": "yes", "bounced": "yes"}))
    assert {part.field: part.points for part in parts} == {"opted_out": -6, "bounced": -3}


def test_deals_count_by_outcome_and_age() -> None:
    won = DealFact("1", "won", days_ago(400), days_ago(1))
    lost = DealFact("2", "lost", days_ago(40), days_ago(20))
    by_field = {p.field: p.points for p in history_parts(lead(deals=(won, lost)))}
    assert by_field["deal_won"] > 5
    assert -5 < by_field["deal_lost"] < -4


@QUICK
@given(snapshots)
def test_every_input_stays_within_its_cap(snapshot) -> None:
    for part in [*engagement_parts(snapshot), *history_parts(snapshot)]:
        cap = INPUTS[part.field].cap
        assert min(cap, 0) <= part.points <= max(cap, 0)


@QUICK
@given(snapshots)
def test_the_order_of_activities_does_not_matter(snapshot) -> None:
    turned = replace(snapshot, activities=snapshot.activities[::-1], deals=snapshot.deals[::-1])
    assert happened(turned) == happened(snapshot)
