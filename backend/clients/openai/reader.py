"""The text reader by OpenAI: fenced text in, closed enumerations and one quote out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from pydantic import BaseModel, ConfigDict

from backend.clients.openai import prompts
from backend.clients.openai.api import OpenAiApi, side_by_side
from backend.clients.openai.chat import Question
from backend.config import READER_TOKENS_MAX
from backend.errors import LeadlightError
from backend.model import TextReading
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

    def __init__(self, api: OpenAiApi, model: str) -> None:
        self.name = f"openai/{model}/reader-{prompts.READER_VERSION}"
        self._question = Question(
            api, model, prompts.READER, prompts.READER_FORM, READER_TOKENS_MAX
        )

    def read(self, texts: Sequence[str]) -> list[TextReading | LeadlightError]:
        """One checked reading or failure per fenced text, in order; never raises for one."""
        return side_by_side(self._one, texts)

    def _one(self, text: str) -> TextReading:
        reading, used = self._question.ask(text, _Answer, partial(self._checked, text))
        return replace(reading, usage=used)

    def _checked(self, text: str, answer: _Answer) -> TextReading:
        reading = TextReading(**answer.model_dump(), provider="openai", model=self._question.model)
        return check_reading(reading, text)
