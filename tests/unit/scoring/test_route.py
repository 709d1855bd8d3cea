from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.model import Thresholds, Urgency
from backend.scoring.calculate import band
from backend.scoring.route import LIST_OF, LIST_ROUTES, Route, decide
from tests.unit.scoring.make import QUICK

T = Thresholds()


def follow(*steps: tuple[int, Urgency]) -> list[frozenset[Route]]:
    old_band = settled = None
    found = []
    for score, cause in steps:
        decision = decide(old_band, settled, score, T, cause)
        old_band, settled = decision.band, decision.settled
        found.append(decision.routes)
    return found


def test_entering_high_rings_once() -> None:
    first, second = follow((85, Urgency.EVENT), (90, Urgency.PERSON))
    assert first == {Route.TASK, Route.NOTIFICATION, Route.PRIORITY_LIST}
    assert second == set()


def test_hovering_at_the_edge_does_not_ring_again_but_lists_follow() -> None:
    steps = follow(*((score, Urgency.EVENT) for score in (80, 79, 81, 78, 80)))
    enqueued = [routes - LIST_ROUTES for routes in steps]
    assert enqueued == [{Route.TASK, Route.NOTIFICATION}, set(), set(), set(), set()]
    assert [routes & LIST_ROUTES for routes in steps[1:]] == [
        {Route.FOLLOW_UP_LIST},
        {Route.PRIORITY_LIST},
        {Route.FOLLOW_UP_LIST},
        {Route.PRIORITY_LIST},
    ]


def test_leaving_high_for_good_closes_its_task_and_coming_back_rings() -> None:
    left, back = follow((85, Urgency.EVENT), (77, Urgency.EVENT), (85, Urgency.EVENT))[1:]
    assert left == {Route.CLOSE_TASK, Route.FOLLOW_UP_TASK, Route.FOLLOW_UP_LIST}
    assert Route.TASK in back


def test_a_backfill_moves_lists_only_and_never_rings_later() -> None:
    first, second = follow((90, Urgency.BACKFILL), (91, Urgency.EVENT))
    assert first == {Route.PRIORITY_LIST}
    assert second == set()


def test_a_fall_from_high_to_low_goes_to_the_nurture_list() -> None:
    assert follow((85, Urgency.EVENT), (20, Urgency.EVENT))[1] == {
        Route.CLOSE_TASK,
        Route.NURTURE_LIST,
    }


@QUICK
@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from(tuple(Urgency))), min_size=1))
def test_lists_agree_with_the_band_after_any_sequence(steps) -> None:
    member = None
    for routes, (score, cause) in zip(follow(*steps), steps, strict=True):
        lists = routes & LIST_ROUTES
        assert len(lists) <= 1
        member = next(iter(lists), member)
        assert member is LIST_OF[band(score, T)]
        if cause is Urgency.BACKFILL:
            assert routes <= LIST_ROUTES


@QUICK
@given(st.lists(st.integers(0, 100), min_size=1))
def test_between_two_rings_the_score_was_below_the_edge_by_the_hysteresis(scores) -> None:
    rung = False
    for score, routes in zip(scores, follow(*((s, Urgency.EVENT) for s in scores)), strict=True):
        if Route.TASK in routes:
            assert not rung and score >= T.high
            rung = True
        elif score < T.high - 2:
            rung = False
