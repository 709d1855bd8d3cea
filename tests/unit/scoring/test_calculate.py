from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.config import TEXT_MAX, TEXT_MIN
from backend.model import (
    Band,
    Baseline,
    Factor,
    MissingField,
    Neighbour,
    NextAction,
    Pin,
    Population,
    TextReading,
    Thresholds,
    Usage,
)
from backend.scoring.baseline import baseline
from backend.scoring.calculate import Versions, band, calculate, percentile_of
from tests.unit.scoring.make import (
    NOW,
    QUICK,
    analyses,
    analysis,
    comparison,
    lead,
    readings,
    snapshots,
)

COMPARISON = comparison()
EAGER = TextReading(intent="purchase", timeline="now", budget_mentioned=True, role="decision_maker")
SUSPICIOUS = replace(EAGER, manipulation_suspected=True)
ANGRY = TextReading(complaint=True, job_seeker=True)


def base(rest: int, similarity: int = 0) -> Baseline:
    """A baseline of `rest` points without similarity, and similarity on top."""
    factors = (Factor("industry", "Banking", rest - 50, "profile"),)
    if similarity:
        factors += (Factor("similarity", "nearer", similarity, "text"),)
    return Baseline(rest + similarity, factors, (), similarity)


def scored(given_baseline, reading=None, judged=None, thresholds=None, snapshot=None, **more):
    thresholds = thresholds or Thresholds()
    return calculate(
        snapshot or lead(),
        given_baseline,
        analysis=judged,
        reading=reading,
        neighbours=more.pop("neighbours", ()),
        thresholds=thresholds,
        versions=Versions("h"),
        scored_at=NOW,
        **more,
    )


@QUICK
@given(snapshots, st.none() | analyses, st.none() | readings, st.integers(2, 99))
def test_score_is_fifty_plus_its_factors_for_any_lead(snapshot, judged, reading, high) -> None:
    found = scored(
        baseline(snapshot, COMPARISON), reading, judged, Thresholds(high, high // 2), snapshot
    )
    assert found.score == 50 + sum(factor.points for factor in found.factors)
    assert 0 <= found.score <= 100
    aside = reading is not None and (reading.job_seeker or reading.complaint)
    by_score = band(found.score, Thresholds(high, high // 2))
    assert found.band is (Band.LOW if aside else by_score)
    assert abs(found.analyst_points) <= 10
    assert found.baseline + found.text_points + found.analyst_points == found.unclamped


@QUICK
@given(
    st.integers(-60, 160),
    st.integers(TEXT_MIN, TEXT_MAX),
    readings,
    st.none() | analyses,
    st.integers(1, 100),
)
def test_text_is_never_what_lifts_a_lead_into_high(rest, similarity, reading, judged, high) -> None:
    thresholds = Thresholds(high, 0)
    found = scored(base(rest, similarity), reading, judged, thresholds)
    by_text = sum(f.points for f in found.factors if f.group == "text")
    if found.band is Band.HIGH:
        assert by_text <= 0 or found.unclamped - by_text >= high


@QUICK
@given(
    st.integers(0, 100),
    st.integers(TEXT_MIN, TEXT_MAX),
    st.integers(TEXT_MIN, TEXT_MAX),
    st.none() | readings,
    st.none() | readings,
)
def test_no_text_moves_a_score_by_more_than_five(rest, similar, attacked, clean, hostile) -> None:
    """Whatever the reader and the embedding say of either twin."""
    twin, other = scored(base(rest, similar), clean), scored(base(rest, attacked), hostile)
    assert abs(twin.score - other.score) <= 5


@QUICK
@given(st.integers(0, 100), st.integers(TEXT_MIN, TEXT_MAX), readings)
def test_text_and_similarity_stay_within_their_window(rest, similarity, reading) -> None:
    found = scored(base(rest, similarity), reading)
    assert TEXT_MIN <= sum(f.points for f in found.factors if f.group == "text") <= TEXT_MAX


def test_manipulation_leaves_no_text_points_and_is_flagged() -> None:
    found = scored(base(60, 3), SUSPICIOUS)
    assert found.score == 60
    assert found.text_points == 0
    assert "manipulation_suspected" in found.flags


def test_a_buyer_s_message_counts_and_a_job_search_costs() -> None:
    assert scored(base(60), EAGER).score == 63
    assert scored(base(60), ANGRY).score == 58
    assert {"job_seeker", "complaint"} <= set(scored(base(60), ANGRY).flags)


@pytest.mark.parametrize("reading", [TextReading(job_seeker=True), TextReading(complaint=True)])
def test_an_applicant_or_a_complaint_is_low_whatever_the_number(reading) -> None:
    found = scored(base(95), reading)
    assert (found.band, found.next_action) == (Band.LOW, NextAction.NONE)
    assert found.score >= 90


def test_text_stops_one_point_short_of_high() -> None:
    assert scored(base(78), EAGER).score == 79
    assert scored(base(80), EAGER).score == 83
    assert scored(base(78, 3)).score == 79


@pytest.mark.parametrize(
    ("ai", "points"), [(60, 0), (75, 5), (0, -10), (100, 10), (61, 0), (62, 1)]
)
def test_a_third_of_the_analyst_s_difference_counts_up_to_ten(ai: int, points: int) -> None:
    found = scored(base(60), judged=analysis(ai))
    assert found.analyst_points == points
    assert found.score == 60 + points
    assert found.source == "ai"


@pytest.mark.parametrize(
    ("rest", "score", "limit"),
    [
        (130, 98, -32),
        (100, 93, -7),
        (81, 81, 0),
        (80, 80, 0),
        (50, 50, 0),
        (20, 20, 0),
        (-20, 3, 23),
    ],
)
def test_the_ends_of_the_scale_are_a_visible_factor(rest: int, score: int, limit: int) -> None:
    found = scored(base(rest))
    assert (found.score, found.unclamped) == (score, rest)
    assert sum(f.points for f in found.factors if f.field == "scale_limit") == limit
    assert found.score == 50 + sum(f.points for f in found.factors)


def test_what_is_missing_could_add_what_the_scale_would_show() -> None:
    gap = MissingField("industry", 40)
    for rest, could_add in ((50, 38), (30, 40), (110, 3)):
        found = scored(replace(base(rest), missing=(gap,)))
        assert [one.could_add for one in found.missing] == [could_add]


def test_without_analysis_the_default_scoring_writes_its_own_reasons() -> None:
    found = scored(base(70))
    assert found.source == "model"
    assert [(r.field, r.value) for r in found.reasons] == [("industry", "Banking")]
    assert "the industry is Banking" in found.reasoning


def test_a_sentence_that_only_names_the_action_does_not_stand_for_the_reasons() -> None:
    bare = scored(base(70), judged=analysis(70, reasoning="Email them. Call now."))
    assert "the industry is Banking" in bare.reasoning
    assert "Email them" not in bare.reasoning and "Call now" not in bare.reasoning


def test_missing_neighbours_and_missing_knowledge_are_flagged() -> None:
    assert {"no_neighbours", "little_known"} <= set(scored(base(50)).flags)
    near = (Neighbour("ideal:1", "ideal_client", 0.9),)
    assert "no_neighbours" not in scored(base(50), neighbours=near).flags


def test_what_both_readers_used_is_added_up() -> None:
    used = Usage(calls=1, prompt_tokens=100, completion_tokens=10, cost_micro_usd=7)
    found = scored(base(50), replace(EAGER, usage=used), analysis(50, usage=used))
    assert found.usage == Usage(2, 200, 20, 14)


def test_percentile_is_the_share_of_leads_below() -> None:
    people = Population(1, 4, {}, points_sorted=(40, 50, 50, 60))
    assert [percentile_of(p, people) for p in (39, 50, 51, 61)] == [0, 25, 75, 100]
    assert percentile_of(50, Population(1, 0, {})) is None
    assert percentile_of(50, None) is None


def test_bands_include_their_lower_edge() -> None:
    assert [band(s, Thresholds()) for s in (80, 79, 50, 49)] == [
        Band.HIGH,
        Band.MEDIUM,
        Band.MEDIUM,
        Band.LOW,
    ]


@QUICK
@given(
    st.integers(-60, 160),
    st.sampled_from(["high", "aside"]),
    st.none() | readings,
    st.integers(2, 100),
    st.integers(0, 100),
)
def test_what_is_set_by_hand_is_one_factor_and_all_else_stays(rest, kind, reading, high, medium):
    thresholds = Thresholds(high, min(medium, high - 1))
    plain = scored(base(rest), reading, thresholds=thresholds)
    found = scored(
        base(rest), reading, thresholds=thresholds, pin=Pin(kind, NOW.date(), "met at the fair")
    )
    assert found.score == 50 + sum(factor.points for factor in found.factors)
    assert (found.own_score, found.own_band) == (plain.score, plain.band)
    assert [f for f in found.factors if f.group != "pin"] == list(plain.factors)
    assert found.band is (Band.HIGH if kind == "high" else band(found.score, thresholds))
    if kind == "aside":
        assert found.next_action is NextAction.NONE and "met at the fair" in found.action_reason
        assert found.score < max(1, thresholds.medium) and found.score <= plain.score
    else:
        assert found.score == max(plain.score, high)
    assert (found.baseline, found.chance, found.percentile, found.missing) == (
        plain.baseline,
        plain.chance,
        plain.percentile,
        plain.missing,
    )


def test_the_paragraph_says_what_was_set_by_hand_and_what_the_facts_give() -> None:
    until = NOW.date().replace(day=28)
    told = scored(base(60), pin=Pin("high", until, "met at the fair")).reasoning
    assert told.startswith(f"Set to High until {until.day}")
    assert "met at the fair. By the facts: Medium fit" in told


def test_the_reason_of_a_lead_set_by_hand_speaks_of_no_fit() -> None:
    until = NOW.date().replace(day=28)
    assert "fit" not in scored(base(20), pin=Pin("high", until, "met at the fair")).action_reason
    assert scored(base(20)).action_reason.startswith("low fit")
