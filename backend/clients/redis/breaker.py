"""A circuit breaker per vendor, shared by all processes through Redis.

Workers fork a process per job, so what one job learns about an outage has to outlive it. Five
failures in a row open the breaker for a minute; then one caller probes, and its luck decides. While
it is open a call costs a look-up in Redis instead of a time-out (Nygard, Release It!, ch. 5).

An account with nothing left opens it at once, for 1, then 5, then 15 minutes between probes:
whoever tops it up sees it work again without waiting for a day to turn.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final, Literal

from redis import Redis
from redis.exceptions import RedisError

from backend.config import AI_READ_TIMEOUT_S, BREAKER_FAILURES, BREAKER_OPEN_S, QUOTA_PROBES_S
from backend.errors import QuotaUsedUp, Transient
from backend.ports import Clock

State = Literal["closed", "open", "probing"]

# KEYS: open until (ms), probe. ARGV: now (ms), life of a probe (ms).
# Returns 0 when a call may be made, else the ms to wait.
_MAY = """
local open = redis.call('GET', KEYS[1])
if not open then return 0 end
local left = tonumber(open) - tonumber(ARGV[1])
if left > 0 then return math.ceil(left) end
if redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[2]) then return 0 end
return 1000
"""
# KEYS: open until, probe, failures, why. ARGV: now (ms), failures that open, ms to stay open, why.
_FAILED = """
local failures = redis.call('INCR', KEYS[3])
redis.call('PEXPIRE', KEYS[3], 3600000)
redis.call('SET', KEYS[4], ARGV[4], 'PX', 3600000)
if failures >= tonumber(ARGV[2]) then
  redis.call('SET', KEYS[1], tostring(tonumber(ARGV[1]) + tonumber(ARGV[3])), 'PX', 3600000)
  redis.call('DEL', KEYS[2])
end
return failures
"""
# KEYS: open until, probe, why, probes so far. ARGV: now (ms), why, ms to stay open each time.
_USED_UP = """
local now = tonumber(ARGV[1])
if tonumber(redis.call('GET', KEYS[1]) or 0) > now then return 0 end
local probes = redis.call('INCR', KEYS[4])
redis.call('PEXPIRE', KEYS[4], 7200000)
local open_ms = tonumber(ARGV[2 + math.min(probes, #ARGV - 2)])
redis.call('SET', KEYS[1], tostring(now + open_ms), 'PX', 7200000)
redis.call('SET', KEYS[3], ARGV[2], 'PX', 7200000)
redis.call('DEL', KEYS[2])
return open_ms
"""
# KEYS: open until, probe, why. ARGV: now (ms), the reason that may be tried again at once.
_TRY_NOW = """
if redis.call('GET', KEYS[3]) == ARGV[2] and redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', 7200000)
  redis.call('DEL', KEYS[2])
end
"""
_QUOTA: Final = "its quota is used up"


class Breaker:
    """Counts one vendor's failures in a row. Without Redis it lets every call through."""

    def __init__(self, vendor: str, redis: Redis, clock: Clock) -> None:
        self.vendor = vendor
        self._redis = redis
        self._clock = clock
        self._keys: Final = {
            part: f"breaker:{vendor}:{part}"
            for part in ("open", "probe", "failures", "why", "probes")
        }
        self._may = redis.register_script(_MAY)
        self._failed = redis.register_script(_FAILED)
        self._used_up = redis.register_script(_USED_UP)
        self._try_now = redis.register_script(_TRY_NOW)

    def check(self) -> None:
        """Raises Transient while the breaker is open; QuotaUsedUp when that is why."""
        life_ms = int((AI_READ_TIMEOUT_S + 5) * 1000)
        try:
            keys = self._named("open", "probe")
            wait_ms = int(self._may(keys=keys, args=[self._now_ms(), life_ms]))
            why = self._why() if wait_ms else ""
        except RedisError:
            return
        if wait_ms:
            raise self._left_alone(why, wait_ms / 1000)

    def succeeded(self) -> None:
        """The vendor answered: the count starts again."""
        with suppress(RedisError):
            self._redis.delete(*self._keys.values())

    def failed(self, why: str = "") -> None:
        """The vendor did not answer, or not as itself. `why` is repeated while it is left alone."""
        args: list[str | float] = [self._now_ms(), BREAKER_FAILURES, BREAKER_OPEN_S * 1000, why]
        with suppress(RedisError):
            self._failed(keys=self._named("open", "probe", "failures", "why"), args=args)

    def used_up(self) -> None:
        """Our account with the vendor has nothing left."""
        args: list[str | float] = [
            self._now_ms(),
            _QUOTA,
            *(seconds * 1000 for seconds in QUOTA_PROBES_S),
        ]
        with suppress(RedisError):
            self._used_up(keys=self._named("open", "probe", "why", "probes"), args=args)

    def try_now(self) -> None:
        """Somebody may have topped the account up: the next call is the probe."""
        with suppress(RedisError):
            keys = self._named("open", "probe", "why")
            self._try_now(keys=keys, args=[self._now_ms(), _QUOTA])

    def _left_alone(self, why: str, wait_s: float) -> Transient:
        if why == _QUOTA:
            message = f"{self.vendor} says that {why}: raise it or top up the account"
            return QuotaUsedUp(message, retry_after_s=wait_s)
        message = f"{self.vendor} failed {BREAKER_FAILURES} times in a row and is left alone"
        alone = Transient(f"{message} for a minute: {why or 'no answer'}", retry_after_s=wait_s)
        alone.cause = "left_alone"
        return alone

    def _why(self) -> str:
        stored: bytes | str | None = self._redis.get(self._keys["why"])
        return stored.decode() if isinstance(stored, bytes) else stored or ""

    def _named(self, *parts: str) -> list[str]:
        return [self._keys[part] for part in parts]

    def state(self) -> State:
        """For the health page; "closed" when nobody knows."""
        try:
            until, probe = self._redis.mget(self._named("open", "probe"))
        except RedisError:
            return "closed"
        if until is None:
            return "closed"
        return "probing" if probe or float(until) <= self._now_ms() else "open"

    def _now_ms(self) -> float:
        return self._clock.now().timestamp() * 1000
