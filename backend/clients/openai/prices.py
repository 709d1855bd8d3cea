"""What a call cost, from `AI_PRICES`."""

from __future__ import annotations

from math import ceil

from openai.types import CompletionUsage

from backend.config import AI_PRICES, Price
from backend.model import Usage


def price_of(model: str) -> Price:
    """The model's price; of a dated version, its family's; of an unknown one, the dearest.

    Caps on money then err on the safe side.
    """
    families = [name for name in AI_PRICES if model == name or model.startswith(f"{name}-")]
    if families:
        return AI_PRICES[max(families, key=len)]
    return max(AI_PRICES.values(), key=lambda price: price.prompt_usd)


def cost_micro_usd(model: str, prompt: int, completion: int, cached: int = 0) -> int:
    """Millionths of a dollar for tokens, rounded up. `cached` are part of `prompt`.

    A price of one dollar per million tokens is one millionth of a dollar per token.
    """
    price = price_of(model)
    cached = min(max(cached, 0), prompt)
    full = (prompt - cached) * price.prompt_usd + cached * price.cached_usd
    return ceil(round(full + completion * price.completion_usd, 6))


def usage_of(model: str, used: CompletionUsage | None) -> Usage:
    """One call's usage; tokens are 0 when a compatible server does not report them."""
    if used is None:
        return Usage(calls=1)
    details = used.prompt_tokens_details
    cached = (details.cached_tokens if details else None) or 0
    cost = cost_micro_usd(model, used.prompt_tokens, used.completion_tokens, cached)
    return Usage(1, used.prompt_tokens, used.completion_tokens, cost)
