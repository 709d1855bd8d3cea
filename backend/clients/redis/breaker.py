"""A circuit breaker per vendor, shared by all processes through Redis.

Workers fork a process per job, so what one job learns about an outage has to outlive it. Five
failures in a row open the breaker for a minute; then one caller probes, and its luck decides. While
it is open a call costs a look-up in Redis instead of a time-out (Nygard, Release It!, ch. 5).
"""

from __future__ import annotations

from typing import Final, Literal

from redis import Redis
from redis.exceptions import RedisError

from backend.config import AI_READ_TIMEOUT_S, BREAKER_FAILURES, BREAKER_OPEN_S
from backend.errors import Transient
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
# KEYS: open until, probe, failures. ARGV: now (ms), failures that open, ms to stay open.
_FAILED = """
local failures = redis.call('INCR', KEYS[3])
redis.call('PEXPIRE', KEYS[3], 3600000)
if failures >= tonumber(ARGV[2]) then
  redis.call('SET', KEYS[1], tostring(tonumber(ARGV[1]) + tonumber(ARGV[3])), 'PX', 3600000)
  redis.call('DEL', KEYS[2])
end
return failures
"""


class Breaker:
    """Counts one vendor's failures in a row. Without Redis it lets every call through."""

    def __init__(self, vendor: str, redis: Redis, clock: Clock) -> None:
        self.vendor = vendor
        self._redis = redis
        self._clock = clock
        self._keys: Final = [f"breaker:{vendor}:{part}" for part in ("open", "probe", "failures")]
        self._may = redis.register_script(_MAY)
        self._failed = redis.register_script(_FAILED)

    def check(self) -> None:
        """Raises Transient while the breaker is open."""
        life_ms = int((AI_READ_TIMEOUT_S + 5) * 1000)
        try:
            wait_ms = int(self._may(keys=self._keys[:2], args=[self._now_ms(), life_ms]))
        except RedisError:
            return
        if wait_ms:
            raise Transient(
                f"{self.vendor} failed {BREAKER_FAILURES} times in a row and is left alone "
                f"for {BREAKER_OPEN_S} s",
                retry_after_s=wait_ms / 1000,
            )

    def succeeded(self) -> None:
        """The vendor answered: the count starts again."""
        try:
            self._redis.delete(*self._keys)
        except RedisError:
            return

    def failed(self) -> None:
        """The vendor did not answer, or not as itself."""
        args = [self._now_ms(), BREAKER_FAILURES, BREAKER_OPEN_S * 1000]
        try:
            self._failed(keys=self._keys, args=args)
        except RedisError:
            return

    def state(self) -> State:
        """For the health page; "closed" when nobody knows."""
        try:
            until, probe = self._redis.mget(self._keys[:2])
        except RedisError:
            return "closed"
        if until is None:
            return "closed"
        return "probing" if probe or float(until) <= self._now_ms() else "open"

    def _now_ms(self) -> float:
        return self._clock.now().timestamp() * 1000
