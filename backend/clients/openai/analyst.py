"""The analyst by OpenAI: one request per lead, typed facts only, a strict form back."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from backend.clients.openai import prompts
from backend.clients.openai.api import OpenAiApi
from backend.clients.openai.chat import Question
from backend.clients.side_by_side import side_by_side
from backend.config import AI_CONCURRENCY, ANALYST_TOKENS_MAX, ANSWER_WITHIN_S, Price, price_of
from backend.errors import LeadlightError
from backend.model import Analysis, AnalystRequest, Band, Neighbour, NextAction, Reason, Usage
from backend.scoring.analyse import check_analysis
from backend.scoring.cost import analyst_estimate


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

    def __init__(
        self,
        api: OpenAiApi,
        model: str,
        price: Price | None = None,
        *,
        half_price: bool = False,
    ) -> None:
        self.name = f"openai/{model}/analyst-{prompts.ANALYST_VERSION}"
        self._price = price_of("chat", model, price)
        self._question = Question(
            api,
            model,
            self._price,
            prompts.ANALYST,
            prompts.ANALYST_FORM,
            ANALYST_TOKENS_MAX,
            half_price=half_price,
        )

    def cost(self) -> Usage:
        """What one lead's analysis is expected to use."""
        return analyst_estimate(self._price)

    def analyse(
        self, requests: Sequence[AnalystRequest], within_s: float = ANSWER_WITHIN_S
    ) -> list[Analysis | LeadlightError]:
        """One checked answer or failure per request, in order; never raises for a single one."""
        ends = time.monotonic() + within_s
        return side_by_side(partial(self._one, ends), requests, AI_CONCURRENCY, within_s)

    def _one(self, ends: float, request: AnalystRequest) -> Analysis:
        analysis, used = self._question.ask(
            content_of(request), _Answer, partial(self._checked, request), ends
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
    """The user message: compact JSON, in an order that does not depend on chance: what all leads
    of the portal share comes first, so that a provider's prompt cache can recognise it."""
    shown = {f.field: f.value for f in request.factors if f.value and f.group != "portal"}
    content = {
        "ideal_profile": request.ideal_profile,
        "lead_data": {**shown, **request.facts},
        "points": {f.field: f.points for f in request.factors if f.points},
        "baseline": request.baseline,
        "similar_clients": [_row(neighbour) for neighbour in request.similar],
        "actions": list(request.allowed_actions),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=list)


def _row(neighbour: Neighbour) -> list[str | float]:
    facts = [neighbour.facts.get(name, "") for name in ("industry", "size", "location")]
    return [neighbour.kind, round(neighbour.similarity, 2), *facts]
