"""What scoring would cost, before anything is asked. Pure arithmetic over measured sizes."""

from __future__ import annotations

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


def analyst_estimate(chat: Price) -> Usage:
    """One lead's analysis."""
    prompt, answer = ANALYST_PROMPT_TOKENS, ANALYST_ANSWER_TOKENS
    return Usage(1, prompt, answer, _cost(chat, prompt, answer))


def reading_estimate(chat: Price, characters: int) -> Usage:
    """Reading one text of so many characters."""
    prompt = READER_PROMPT_TOKENS + ceil(characters / CHARACTERS_PER_TOKEN)
    return Usage(1, prompt, READER_ANSWER_TOKENS, _cost(chat, prompt, READER_ANSWER_TOKENS))


def embedding_estimate(embedding: Price, characters: int) -> Usage:
    """Embedding texts of so many characters; the calls are not counted."""
    tokens = ceil(characters / CHARACTERS_PER_TOKEN)
    return Usage(0, tokens, 0, _cost(embedding, tokens, 0))


def added(a: Usage, b: Usage) -> Usage:
    """Both together."""
    return Usage(
        a.calls + b.calls,
        a.prompt_tokens + b.prompt_tokens,
        a.completion_tokens + b.completion_tokens,
        a.cost_micro_usd + b.cost_micro_usd,
    )


def times(usage: Usage, factor: int) -> Usage:
    """The same `factor` times."""
    return Usage(
        usage.calls * factor,
        usage.prompt_tokens * factor,
        usage.completion_tokens * factor,
        usage.cost_micro_usd * factor,
    )


def _cost(price: Price, prompt: int, completion: int) -> int:
    dearest = max(price.prompt_usd, price.written_usd or 0.0)
    return ceil(round(prompt * dearest + completion * price.completion_usd, 6))
