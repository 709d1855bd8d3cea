from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from backend.model import Factor, Thresholds
from backend.scoring import explain
from backend.scoring.baseline import baseline
from backend.scoring.calculate import Versions, calculate
from backend.scoring.values.words import statement
from tests.unit.scoring.make import NOW, QUICK, comparison, email_in, lead, snapshots

COMPARISON = comparison()


def score_of(snapshot):
    return calculate(
        snapshot,
        baseline(snapshot, COMPARISON),
        analysis=None,
        reading=None,
        neighbours=(),
        thresholds=Thresholds(),
        versions=Versions("h"),
        scored_at=NOW,
    )


@QUICK
@given(snapshots, snapshots)
def test_changes_add_up_to_the_difference_of_two_scores(old, new) -> None:
    before, after = score_of(old), score_of(new)
    changes = explain.why_changed(before, after)
    assert sum(change.points for change in changes) == after.score - before.score
    assert all(change.points and change.text for change in changes)


def test_a_score_does_not_differ_from_itself() -> None:
    assert explain.why_changed(score_of(lead()), score_of(lead())) == []


def test_changes_are_told_in_words() -> None:
    before = score_of(lead())
    after = score_of(lead(company={"company_size": "51-200"}, activities=(email_in(3),)))
    words = [change.text for change in explain.why_changed(before, after)]
    assert "Replied on 20 Nov" in words
    assert "Company size now known" in words


def test_a_field_that_a_new_profile_counts_was_not_found_out() -> None:
    before = replace(score_of(lead()), profile_version=6)
    after = replace(score_of(lead(company={"company_size": "51-200"})), profile_version=7)
    words = [change.text for change in explain.why_changed(before, after)]
    assert "Company size: 51-200" in words


def test_what_would_move_reruns_the_formula() -> None:
    snapshot = lead(company={"company_size": "51-200"})
    moves = {move.field: move.points for move in explain.what_would_move(snapshot, COMPARISON)}
    known = replace(
        snapshot, company={**snapshot.company, "industry": "logistics and supply chain"}
    )
    gained = baseline(known, COMPARISON).points - baseline(snapshot, COMPARISON).points
    assert moves["industry"] == gained > 0
    assert moves["meeting"] > 0
    assert "company_size" not in moves


def test_a_lead_that_cannot_be_reached_is_not_told_to_be_called() -> None:
    fields = {m.field for m in explain.what_would_move(lead(contact={}), COMPARISON, most=20)}
    assert not fields & {"reply", "call_out"}


def test_reasons_are_the_largest_factors_either_way_without_centring() -> None:
    factors = (
        Factor("portal_average", "", -9, "portal"),
        Factor("industry", "Banking", 4, "profile", "2 times as common among ideal clients"),
        Factor("reply", "20 Nov", 9, "engagement"),
        Factor("email_kind", "free", -5, "model"),
        Factor("location", "Germany", 0, "profile"),
    )
    found = explain.reasons(factors)
    assert [reason.text for reason in found] == [
        "+9 Replied on 20 Nov",
        "-5 Email domain: free",
        "+4 Industry: Banking (2 times as common among ideal clients)",
    ]


def test_stored_options_are_told_as_words() -> None:
    assert statement("lead_status", "open_deal") == "Lead status: open deal"
    assert statement("industry", "Banking") == "Industry: Banking"


def factor(field: str, value: str, points: int) -> Factor:
    return Factor(field, value, points, "engagement")


@pytest.mark.parametrize(
    ("was", "now", "text"),
    [
        (("reply", "no", -3), None, "No reply yet (no longer counted)"),
        (("opted_out", "no", 2), None, "Not opted out of email (no longer counted)"),
        (None, ("deal_won", "no", -2), "No earlier deal won"),
        (
            ("similarity", "nearer to ideal clients than the average lead", 3),
            ("similarity", "nearer to ideal clients than the average lead", 2),
            "Less like your ideal clients",
        ),
        (
            ("analyst", "4 higher than the formula", 1),
            ("analyst", "9 higher than the formula", 3),
            "The analyst sees it higher",
        ),
        (
            ("reply", "20 Nov", 9),
            ("reply", "20 Nov", 5),
            "Replied on 20 Nov, counts less than before",
        ),
        (("reply", "20 Nov", 5), ("reply", "no", -2), "No reply yet, was 20 Nov"),
        (
            ("silence", "3, last on 2 Nov", -1),
            ("silence", "3, last on 2 Nov", -2),
            "Emails without an answer: 3, last on 2 Nov, counts more than before",
        ),
    ],
)
def test_a_change_says_what_changed_and_never_the_opposite(was, now, text) -> None:
    base = score_of(lead())
    before, after = (replace(base, factors=(factor(*f),) if f else ()) for f in (was, now))
    changes = explain.why_changed(before, after)
    assert [change.text for change in changes] == [text]
    assert "no no" not in text.casefold()
