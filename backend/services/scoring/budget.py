"""What a portal may still ask today: reserved before asking, settled after, over all workers.

A reservation is a booking of its own ("reserved"), so that two workers at once cannot both spend
the last calls. One that is never settled, because its process died, stays until the day turns:
the cap then holds a little early, never late.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError

from backend.clients.openai.prices import price_of
from backend.errors import BadAnswer, LeadlightError, OverBudget
from backend.model import Usage
from backend.ports import Clock
from backend.scoring.cost import Workload, added, analyst_estimate, estimate
from backend.storage.learning import analyses
from backend.storage.portals.portals import Portal
from backend.wiring import Stores

FREE = "rules"  # the embedded readers cost nothing and have no cap
_DAY_S = 86_400


def reserve(stores: Stores, portal: Portal, provider: str, costs: Sequence[Usage]) -> int:
    """How many of the questions, first ones first, the day's caps allow; they are then booked."""
    if provider == FREE:
        return len(costs)
    if _quota_is_used_up(stores.clock, stores.redis, portal.portal_id, provider):
        return 0
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


def settle(
    stores: Stores,
    portal: Portal,
    provider: str,
    costs: Sequence[Usage],
    answers: Sequence[Usage | LeadlightError],
) -> None:
    """Replace the booking by what was used. A bad answer has cost what was expected of it."""
    if provider == FREE:
        return
    used, booked = Usage(), Usage()
    for cost, answer in zip(costs, answers, strict=True):
        booked = added(booked, cost)
        if isinstance(answer, Usage):
            used = added(used, answer)
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
    if any(isinstance(answer, OverBudget) for answer in answers):
        _mark_quota(stores.clock, stores.redis, portal.portal_id, provider)


def count_usage(stores: Stores, provider: str, used: Usage) -> None:
    """For the metrics: calls, tokens and money of one provider, all portals together."""
    if not used.calls:
        return
    meter = stores.meter
    meter.count("ai_calls", used.calls, provider=provider)
    meter.count("ai_tokens", used.prompt_tokens, provider=provider, kind="prompt")
    meter.count("ai_tokens", used.completion_tokens, provider=provider, kind="completion")
    meter.count("ai_cost_usd", used.cost_micro_usd / 1e6, provider=provider)


def costs_of_reading(model: str, texts: Sequence[str]) -> list[Usage]:
    """Expected usage per text."""
    price = price_of(model)
    return [estimate(Workload(0, 1, len(text)), price, price) for text in texts]


def cost_of_analysis(model: str) -> Usage:
    """Expected usage of one lead's analysis."""
    return analyst_estimate(price_of(model))


def day_turns(now: datetime) -> datetime:
    """When today's caps end: the next midnight, UTC."""
    return datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)


def _quota_key(clock: Clock, portal_id: int, provider: str) -> str:
    return f"quota:{provider}:{portal_id}:{clock.now().date().isoformat()}"


def _mark_quota(clock: Clock, redis: Redis, portal_id: int, provider: str) -> None:
    """The vendor says that nothing is left: the portal asks again tomorrow."""
    try:
        redis.set(_quota_key(clock, portal_id, provider), "1", ex=_DAY_S)
    except RedisError:
        return


def _quota_is_used_up(clock: Clock, redis: Redis, portal_id: int, provider: str) -> bool:
    try:
        return bool(redis.exists(_quota_key(clock, portal_id, provider)))
    except RedisError:
        return False
