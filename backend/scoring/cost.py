"""What scoring would cost, before anything is asked. Pure arithmetic over measured sizes."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from backend.config import (
    ANALYST_ANSWER_TOKENS,
    ANALYST_PROMPT_TOKENS,
    CHARACTERS_PER_TOKEN,
    READER_ANSWER_TOKENS,
    READER_PROMPT_TOKENS,
    Price,
)
from backend.model import Usage


@dataclass(frozen=True, slots=True)
class Workload:
    """What a run would ask: leads for the analyst, those with text, characters of all texts.

    Leads whose answer is known already are not part of it.
    """

    leads: int
    texts: int = 0
    text_characters: int = 0
    embedding_characters: int = 0


def estimate(work: Workload, chat: Price, embedding: Price) -> Usage:
    """Calls, tokens and millionths of a dollar; sizes are those measured on the demo portal."""
    analyst = analyst_estimate(chat)
    prompt = READER_PROMPT_TOKENS * work.texts + ceil(work.text_characters / CHARACTERS_PER_TOKEN)
    answer = READER_ANSWER_TOKENS * work.texts
    reading = Usage(work.texts, prompt, answer, _cost(chat, prompt, answer))
    tokens = ceil(work.embedding_characters / CHARACTERS_PER_TOKEN)
    vectors = Usage(0, tokens, 0, _cost(embedding, tokens, 0))
    return added(added(_times(analyst, work.leads), reading), vectors)


def analyst_estimate(chat: Price) -> Usage:
    """One lead's analysis."""
    prompt, answer = ANALYST_PROMPT_TOKENS, ANALYST_ANSWER_TOKENS
    return Usage(1, prompt, answer, _cost(chat, prompt, answer))


def added(a: Usage, b: Usage) -> Usage:
    """Both together."""
    return Usage(
        a.calls + b.calls,
        a.prompt_tokens + b.prompt_tokens,
        a.completion_tokens + b.completion_tokens,
        a.cost_micro_usd + b.cost_micro_usd,
    )


def _times(usage: Usage, factor: int) -> Usage:
    return Usage(
        usage.calls * factor,
        usage.prompt_tokens * factor,
        usage.completion_tokens * factor,
        usage.cost_micro_usd * factor,
    )


def _cost(price: Price, prompt: int, completion: int) -> int:
    return ceil(prompt * price.prompt_usd + completion * price.completion_usd)
