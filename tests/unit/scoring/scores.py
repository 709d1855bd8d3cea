"""A whole score, for what is done with one."""

from __future__ import annotations

from backend.model import Factor, NextAction, Score, Thresholds
from backend.scoring.calculate import band
from tests.unit.scoring.make import NOW


def a_score(points: int, action: NextAction = NextAction.EMAIL) -> Score:
    return Score(
        portal_id=1,
        contact_id="5",
        score=points,
        unclamped=points,
        band=band(points, Thresholds()),
        next_action=action,
        action_reason="replied on 20 Nov",
        reasoning="Because.",
        reasons=(),
        baseline=points,
        analyst_points=0,
        text_points=0,
        factors=(Factor("reply", "20 Nov", points - 50, "engagement"),),
        missing=(),
        neighbours=(),
        source="model",
        flags=(),
        chance=None,
        percentile=None,
        model_version=0,
        profile_version=1,
        population_version=1,
        input_hash="0" * 64,
        scored_at=NOW,
    )
