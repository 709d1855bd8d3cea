"""The token bucket of a portal, shared by every process through Redis.

A caller reserves its place in time and then sleeps, so waiting is fair and the refill is used up
whole. Background callers keep to a slower refill while a person's calls were seen lately.
"""

from __future__ import annotations

from redis import Redis
from redis.exceptions import RedisError

from backend.config import BUCKET_BURST, BUCKET_REFILL_PER_S, BUCKET_RESERVED_PER_S, SEARCH_PER_S
from backend.errors import Transient
from backend.ports import Clock

PEOPLE_ACTIVE_MS = 2_000  # how long one call of a person slows the background

# KEYS: bucket, people-were-here. ARGV: burst, refill per ms, background?, slow refill per ms,
# people window in ms. The bucket stores the time at which it would be full ("theoretical arrival
# time", as in the generic cell rate algorithm). Returns the wait in ms.
_RESERVE = """
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local burst, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local background = ARGV[3] == '1'
local cost = 1 / rate
if background then
  if redis.call('EXISTS', KEYS[2]) == 1 then cost = 1 / tonumber(ARGV[4]) end
else
  redis.call('SET', KEYS[2], '1', 'PX', ARGV[5])
end
local full_at = tonumber(redis.call('GET', KEYS[1]) or now)
if full_at < now then full_at = now end
local wait = full_at - now - (burst - 1) / rate
if wait < 0 then wait = 0 end
redis.call('SET', KEYS[1], tostring(full_at + cost), 'PX', 60000)
return tostring(wait)
"""


class RedisLimiter:
    """The Limiter port."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._reserve = redis.register_script(_RESERVE)
        self._clock = clock

    def take(self, portal_id: int, *, search: bool = False, background: bool = False) -> float:
        """Wait for a token; returns the seconds waited. Raises Transient when Redis is away."""
        kind = "search" if search else "calls"
        rate = SEARCH_PER_S if search else BUCKET_REFILL_PER_S
        burst = 1 if search else BUCKET_BURST
        slow = max(rate - BUCKET_RESERVED_PER_S, rate / 2)
        try:
            wait_ms = self._reserve(
                keys=[f"bucket:{kind}:{portal_id}", f"bucket:people:{portal_id}"],
                args=[
                    burst,
                    rate / 1000,
                    "1" if background else "0",
                    slow / 1000,
                    PEOPLE_ACTIVE_MS,
                ],
            )
        except RedisError as error:
            raise Transient(f"the rate limiter is away ({type(error).__name__})") from None
        seconds = float(wait_ms) / 1000
        if seconds > 0:
            self._clock.sleep(seconds)
        return seconds
