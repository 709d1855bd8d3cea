"""What a call cost, from the model's price."""

from __future__ import annotations

from math import ceil

from openai.types import CompletionUsage

from backend.config import Price
from backend.model import Usage


def cost_micro_usd(
    price: Price, prompt: int, completion: int = 0, cached: int = 0, written: int = 0
) -> int:
    """Millionths of a dollar for tokens, rounded up. `cached` tokens were read from the vendor's
    prompt cache, `written` ones put into it; both are part of `prompt`.

    A price of one dollar per million tokens is one millionth of a dollar per token.
    """
    cached = min(max(cached, 0), prompt)
    written = min(max(written, 0), prompt - cached)
    written_usd = price.prompt_usd if price.written_usd is None else price.written_usd
    full = (prompt - cached - written) * price.prompt_usd
    full += cached * price.cached_usd + written * written_usd
    return ceil(round(full + completion * price.completion_usd, 6))


def usage_of(price: Price, used: CompletionUsage | None) -> Usage:
    """One call's usage; tokens are 0 when a compatible server does not report them."""
    if used is None:
        return Usage(calls=1)
    details = used.prompt_tokens_details
    cached = (details.cached_tokens if details else None) or 0
    written = (details.cache_write_tokens if details else None) or 0
    cost = cost_micro_usd(price, used.prompt_tokens, used.completion_tokens, cached, written)
    return Usage(1, used.prompt_tokens, used.completion_tokens, cost)
