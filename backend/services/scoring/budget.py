"""What a portal may still ask today: reserved before asking, settled after, over all workers.

A reservation is a booking of its own ("reserved"), so that two workers at once cannot both spend
the last calls. One that is never settled, because its process died, stays until the day turns:
the cap then holds a little early, never late.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from backend.errors import BadAnswer, LeadlightError
from backend.model import Usage
from backend.scoring.cost import added
from backend.storage.learning import analyses
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import Stores


def reserve(stores: Stores, portal: Portal, provider: str, costs: Sequence[Usage]) -> int:
    """How many of the questions, first ones first, the day's caps allow; they are then booked."""
    if is_free(costs):
        return len(costs)
    settings = portal.settings
    with stores.database.write() as conn:
        now = stores.clock.now()
        analyses.one_at_a_time(conn, portal.portal_id)
        spent = analyses.spent_today(conn, portal.portal_id, now)
        allowed, booked = 0, Usage()
        for cost in costs:
            total = added(added(spent, booked), cost)
            over = total.calls > settings.daily_ai_calls
            if over or total.cost_micro_usd > settings.daily_ai_micro_usd:
                break
            allowed, booked = allowed + 1, added(booked, cost)
        analyses.spend(conn, portal.portal_id, analyses.RESERVED, booked, now)
    return allowed


def budget_is_spent(stores: Stores, portal_id: int) -> bool:
    """Whether not one more call fits into today's caps."""
    with stores.database.read() as conn:
        settings = portals.get(conn, portal_id).settings
        spent = analyses.spent_today(conn, portal_id, stores.clock.now())
    by_calls = spent.calls >= settings.daily_ai_calls
    return by_calls or spent.cost_micro_usd >= settings.daily_ai_micro_usd


def settle(
    stores: Stores,
    portal: Portal,
    provider: str,
    costs: Sequence[Usage],
    answers: Sequence[Usage | LeadlightError],
) -> None:
    """Replace the booking by what was used, also by questions that got no answer. A bad answer
    that does not say what it used has cost what was expected of it."""
    if is_free(costs):
        return
    used, booked = Usage(), Usage()
    for cost, answer in zip(costs, answers, strict=True):
        booked = added(booked, cost)
        if isinstance(answer, Usage):
            used = added(used, answer)
        elif any(answer.used):
            used = added(used, Usage(*answer.used))
        elif isinstance(answer, BadAnswer):
            used = added(used, cost)
    with stores.database.write() as conn:
        now = stores.clock.now()
        back = Usage(
            -booked.calls, -booked.prompt_tokens, -booked.completion_tokens, -booked.cost_micro_usd
        )
        analyses.spend(conn, portal.portal_id, analyses.RESERVED, back, now)
        analyses.spend(conn, portal.portal_id, provider, used, now)
    count_usage(stores, provider, used)


def count_usage(stores: Stores, provider: str, used: Usage) -> None:
    """For the metrics: calls, tokens and money of one provider, all portals together."""
    if not used.calls:
        return
    meter = stores.meter
    meter.count("ai_calls", used.calls, provider=provider)
    meter.count("ai_tokens", used.prompt_tokens, provider=provider, kind="prompt")
    meter.count("ai_tokens", used.completion_tokens, provider=provider, kind="completion")
    meter.count("ai_cost_usd", used.cost_micro_usd / 1e6, provider=provider)


def is_free(costs: Sequence[Usage]) -> bool:
    """True of providers that make no calls: they have no cap."""
    return not any(cost.calls for cost in costs)


def day_turns(now: datetime) -> datetime:
    """When today's caps end: the next midnight, UTC."""
    return datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
