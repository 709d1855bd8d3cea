from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.model import DealFact, TextSource
from backend.scoring.baseline import baseline
from backend.scoring.input_hash import input_hash
from backend.scoring.values.times import bucket
from tests.unit.scoring.make import QUICK, TODAY, comparison, days_ago, email_in, lead, snapshots

COMPARISON = comparison()


def later(snapshot, days: int):
    return replace(snapshot, today=snapshot.today + timedelta(days=days))


@pytest.mark.parametrize(("days", "more"), [(0, 2), (3, 4), (8, 22), (31, 37), (400, 900)])
def test_time_within_a_bucket_changes_neither_hash_nor_score(days: int, more: int) -> None:
    snapshot = lead(activities=(email_in(days),))
    assert input_hash(later(snapshot, more)) == input_hash(snapshot)
    assert baseline(later(snapshot, more), COMPARISON) == baseline(snapshot, COMPARISON)


def test_a_new_year_changes_the_hash_of_who_was_last_heard_of_in_the_old() -> None:
    snapshot = lead(activities=(email_in(40),))
    before, after = later(snapshot, 38), later(snapshot, 39)  # 31 December and 1 January
    assert (before.today.year, after.today.year) == (2026, 2027)
    assert input_hash(after) != input_hash(before)
    assert input_hash(later(lead(), 39)) == input_hash(later(lead(), 38))


@pytest.mark.parametrize("days", [2, 7, 30, 90])
def test_the_next_bucket_changes_the_hash(days: int) -> None:
    snapshot = lead(contact={"last_visit_on": (TODAY - timedelta(days=days)).isoformat()})
    assert input_hash(later(snapshot, 1)) != input_hash(snapshot)


@QUICK
@given(snapshots, st.integers(0, 400))
def test_same_hash_means_same_baseline_whatever_the_day(snapshot, days: int) -> None:
    other = later(snapshot, days)
    if input_hash(other) == input_hash(snapshot):
        assert baseline(other, COMPARISON) == baseline(snapshot, COMPARISON)


@QUICK
@given(snapshots)
def test_order_does_not_matter(snapshot) -> None:
    turned = replace(
        snapshot,
        activities=snapshot.activities[::-1],
        deals=snapshot.deals[::-1],
        contact=dict(reversed(snapshot.contact.items())),
    )
    assert input_hash(turned, b=1, a=2) == input_hash(snapshot, a=2, b=1)


def test_whatever_decides_is_in_it() -> None:
    base = lead()
    hashes = {
        input_hash(base),
        input_hash(base, model_version=2),
        input_hash(base, model_version=3),
        input_hash(lead("2")),
        input_hash(replace(base, portal_id=2)),
        input_hash(replace(base, company={"industry": "banking"})),
        input_hash(replace(base, free_text={"message": "hello"})),
        input_hash(replace(base, activities=(email_in(1),))),
        input_hash(replace(base, activities=(email_in(1), email_in(2)))),
        input_hash(replace(base, deals=(DealFact("1", "won", days_ago(9), days_ago(2)),))),
    }
    assert len(hashes) == 10


def test_what_is_only_shown_is_not_in_it() -> None:
    shown = lead(company={"company_name": "Acme", "domain": "acme.example"})
    assert input_hash(shown) == input_hash(lead())


@given(st.integers(0, 10_000))
def test_buckets_are_those_of_the_design(days: int) -> None:
    expected = next(
        (
            name
            for most, name in ((2, "0-2"), (7, "3-7"), (30, "8-30"), (90, "31-90"))
            if days <= most
        ),
        "91+",
    )
    assert bucket(days) == expected


def test_what_a_reason_names_changes_the_hash() -> None:
    deal = DealFact("1", "open", days_ago(9), stage="Proposal", probability=0.8)
    told = {
        input_hash(lead(deals=(one,)))
        for one in (
            deal,
            replace(deal, stage="Contract sent"),
            replace(deal, probability=0.4),
            replace(deal, closes_on=TODAY),
        )
    }
    assert len(told) == 4
    written = {"message": TextSource("contacts", "1", TODAY)}
    assert input_hash(lead(text_sources=written)) != input_hash(lead())
