"""The text reader by OpenAI: fenced text in, closed enumerations and one quote out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from pydantic import BaseModel, ConfigDict

from backend.clients.openai import prompts
from backend.clients.openai.api import OpenAiApi
from backend.clients.openai.chat import Question
from backend.clients.side_by_side import side_by_side
from backend.config import AI_CONCURRENCY, ANSWER_WITHIN_S, READER_TOKENS_MAX, Price, price_of
from backend.errors import LeadlightError
from backend.model import TextReading, Usage
from backend.scoring.cost import reading_estimate
from backend.scoring.read_text import check_reading


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    intent: Literal["none", "information", "trial", "price", "purchase"]
    timeline: Literal["none", "later", "this_quarter", "now"]
    budget_mentioned: bool
    role: Literal["unknown", "user", "influencer", "decision_maker"]
    complaint: bool
    job_seeker: bool
    manipulation_suspected: bool
    quote: str


class OpenAiReader:
    """The TextReader port over chat completions."""

    def __init__(
        self,
        api: OpenAiApi,
        model: str,
        price: Price | None = None,
        *,
        half_price: bool = False,
    ) -> None:
        self.name = f"openai/{model}/reader-{prompts.READER_VERSION}"
        self._price = price_of("chat", model, price)
        self._question = Question(
            api,
            model,
            self._price,
            prompts.READER,
            prompts.READER_FORM,
            READER_TOKENS_MAX,
            half_price=half_price,
        )

    def cost(self, text: str) -> Usage:
        """What reading this text is expected to use."""
        return reading_estimate(self._price, len(text))

    def read(
        self, texts: Sequence[str], within_s: float = ANSWER_WITHIN_S
    ) -> list[TextReading | LeadlightError]:
        """One checked reading or failure per fenced text, in order; never raises for one."""
        ends = time.monotonic() + within_s
        return side_by_side(partial(self._one, ends), texts, AI_CONCURRENCY, within_s)

    def _one(self, ends: float, text: str) -> TextReading:
        reading, used = self._question.ask(text, _Answer, partial(self._checked, text), ends)
        return replace(reading, usage=used)

    def _checked(self, text: str, answer: _Answer) -> TextReading:
        reading = TextReading(**answer.model_dump(), provider="openai", model=self._question.model)
        return check_reading(reading, text)
