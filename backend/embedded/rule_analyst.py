"""The analyst without an account: consistent judgement by rules, over typed facts only.

It looks at what the formula does not weigh (who the lead is in its firm, what became of similar
clients, whether the fields agree) and moves the baseline by at most `MOST` either way. What a
published model already has as a factor is left alone, so nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from backend.config import ANSWER_WITHIN_S
from backend.errors import LeadlightError
from backend.model import (
    Analysis,
    AnalystRequest,
    Factor,
    Neighbour,
    NextAction,
    Reason,
    Thresholds,
    Usage,
)
from backend.scoring.calculate import band
from backend.scoring.explain import reasons
from backend.scoring.values.numbers import clamp, nearest
from backend.scoring.wording.sentences import CLOSE, sentence

MOST: Final = 18  # of 100; a third of it, 6 points, reaches the score
NEIGHBOURS_MOST: Final = 3  # embeddings hold free text, so neighbours move little

_WORTH: Final = {
    ("seniority", "executive"): 8,
    ("seniority", "director"): 6,
    ("seniority", "manager"): 2,
    ("seniority", "staff"): -1,
    ("seniority", "junior"): -7,
    ("buying_role", "decision_maker"): 6,
    ("buying_role", "budget_holder"): 6,
    ("buying_role", "champion"): 4,
    ("buying_role", "blocker"): -6,
    ("email_kind", "free"): -5,
    ("email_kind", "company"): 1,
    ("source", "referrals"): 4,
    ("source", "organic_search"): 1,
    ("source", "offline"): -1,
    ("lead_status", "unqualified"): -9,
    ("lead_status", "bad_timing"): -5,
    ("lead_status", "open_deal"): 4,
    ("lead_status", "connected"): 2,
    ("has_phone", "yes"): 1,
}
_INTERESTED: Final = ("reply", "meeting", "call_in", "form")
_FIT_AND_INTEREST: Final = 4  # a good fit that shows interest is more than the sum
_INTEREST_WITHOUT_FIT: Final = -3


class RuleAnalyst:
    """The Analyst port by rules; deterministic, costs nothing."""

    name = "rules"

    def cost(self) -> Usage:
        """Nothing."""
        return Usage()

    def analyse(
        self, requests: Sequence[AnalystRequest], within_s: float = ANSWER_WITHIN_S
    ) -> list[Analysis | LeadlightError]:
        """One judgement per request, in order."""
        return [judge(request) for request in requests]


def judge(request: AnalystRequest) -> Analysis:
    """The analysis of one lead; depends on the request alone."""
    weighed = _weighed(request)
    moved = clamp(sum(points for _, points in weighed), -MOST, MOST)
    moved += _interplay(request) + _neighbour_points(request.similar)
    score = int(clamp(nearest(request.baseline + clamp(moved, -MOST, MOST)), 0, 100))
    return Analysis(
        ai_score=score,
        fit_level=band(score, Thresholds()),
        next_action=request.allowed_actions[0] if request.allowed_actions else NextAction.NURTURE,
        reasons=_reasons(request, weighed),
        reasoning="",  # the factors' own text is as good as any that rules could write
        provider="rules",
        model="rules-1",
        baseline=request.baseline,
    )


def _weighed(request: AnalystRequest) -> list[tuple[str, int]]:
    """(field, points) of the facts that the factors do not hold already."""
    counted = {factor.field for factor in request.factors}
    return [
        (field, _WORTH[field, value])
        for field, value in sorted(request.facts.items())
        if (field, value) in _WORTH and field not in counted
    ]


def _interplay(request: AnalystRequest) -> int:
    fit = sum(factor.points for factor in request.factors if factor.group == "profile")
    interested = any(field in request.facts for field in _INTERESTED)
    if not interested:
        return 0
    if fit >= _FIT_AND_INTEREST:
        return _FIT_AND_INTEREST
    return _INTEREST_WITHOUT_FIT if fit <= -_FIT_AND_INTEREST else 0


def _neighbour_points(similar: Sequence[Neighbour]) -> float:
    """Nearer to won than to lost clients, or the other way."""
    near = {
        kind: max((n.similarity for n in similar if n.kind == kind), default=CLOSE)
        for kind in ("won", "lost")
    }
    contrast = max(near["won"], CLOSE) - max(near["lost"], CLOSE)
    return clamp(10.0 * contrast, -NEIGHBOURS_MOST, NEIGHBOURS_MOST)


def _reasons(request: AnalystRequest, weighed: Sequence[tuple[str, int]]) -> tuple[Reason, ...]:
    """Two factors and the fact that weighs most; all cite values of the request."""
    told = list(reasons((f for f in request.factors if f.value), most=2))
    own = sorted(weighed, key=lambda pair: (-abs(pair[1]), pair[0]))
    for field, points in own[: 3 - len(told)]:
        value = request.facts[field]
        told.append(Reason(field, value, sentence(Factor(field, value, points, "analyst"))))
    return tuple(told)
