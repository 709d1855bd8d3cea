"""The scale that scores are shown on."""

from __future__ import annotations

import numpy as np

from backend.scoring.points.scale import all_on_scale, least_points, on_scale

ALL = range(-300, 401)


def test_scores_stay_on_the_scale_in_order_and_as_they_are_in_the_middle() -> None:
    shown = [on_scale(points) for points in ALL]
    assert shown == sorted(shown)
    assert (min(shown), max(shown)) == (0, 100)
    assert [on_scale(points) for points in range(20, 81)] == list(range(20, 81))
    assert [100 - on_scale(100 - points) for points in range(-200, 301)] == shown[100:601]


def test_no_point_counts_double_and_few_leads_share_an_end() -> None:
    steps = {on_scale(points + 1) - on_scale(points) for points in ALL}
    assert steps == {0, 1}
    assert len({on_scale(points) for points in range(-30, 131)}) >= 95
    assert on_scale(130) < 100 and on_scale(-30) > 0


def test_many_are_shown_as_one_is() -> None:
    points = np.array([[-40, 50], [99, 180]])
    assert all_on_scale(points).tolist() == [[on_scale(int(p)) for p in row] for row in points]


def test_the_fewest_points_of_a_score() -> None:
    for score in range(1, 101):
        least = least_points(score)
        assert on_scale(least) >= score > on_scale(least - 1)
