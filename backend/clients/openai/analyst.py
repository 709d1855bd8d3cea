"""The analyst by OpenAI: one request per lead, typed facts only, a strict form back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from backend.clients.openai import prompts
from backend.clients.openai.api import OpenAiApi, side_by_side
from backend.clients.openai.chat import Question
from backend.config import ANALYST_TOKENS_MAX
from backend.errors import LeadlightError
from backend.model import Analysis, AnalystRequest, Band, Neighbour, NextAction, Reason
from backend.scoring.analyse import check_analysis


class _Reason(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    field: str
    value: str
    text: str


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    score: Annotated[int, Field(ge=0, le=100)]
    fit_level: Band
    next_action: NextAction
    reasons: list[_Reason]
    reasoning: str


class OpenAiAnalyst:
    """The Analyst port over chat completions."""

    def __init__(self, api: OpenAiApi, model: str) -> None:
        self.name = f"openai/{model}/analyst-{prompts.ANALYST_VERSION}"
        self._question = Question(
            api, model, prompts.ANALYST, prompts.ANALYST_FORM, ANALYST_TOKENS_MAX
        )

    def analyse(self, requests: Sequence[AnalystRequest]) -> list[Analysis | LeadlightError]:
        """One checked answer or failure per request, in order; never raises for a single one."""
        return side_by_side(self._one, requests)

    def _one(self, request: AnalystRequest) -> Analysis:
        analysis, used = self._question.ask(
            content_of(request), _Answer, partial(self._checked, request)
        )
        return replace(analysis, usage=used)

    def _checked(self, request: AnalystRequest, answer: _Answer) -> Analysis:
        analysis = Analysis(
            ai_score=answer.score,
            fit_level=answer.fit_level,
            next_action=answer.next_action,
            reasons=tuple(Reason(r.field, r.value, r.text) for r in answer.reasons),
            reasoning=answer.reasoning,
            provider="openai",
            model=self._question.model,
        )
        return check_analysis(analysis, request)


def content_of(request: AnalystRequest) -> str:
    """The user message: compact JSON, in an order that does not depend on chance."""
    shown = {f.field: f.value for f in request.factors if f.value and f.group != "portal"}
    content = {
        "lead_data": {**shown, **request.facts},
        "points": {f.field: f.points for f in request.factors if f.points},
        "baseline": request.baseline,
        "similar_clients": [_row(neighbour) for neighbour in request.similar],
        "ideal_profile": request.ideal_profile,
        "actions": list(request.allowed_actions),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=list)


def _row(neighbour: Neighbour) -> list[str | float]:
    facts = [neighbour.facts.get(name, "") for name in ("industry", "size", "location")]
    return [neighbour.kind, round(neighbour.similarity, 2), *facts]
