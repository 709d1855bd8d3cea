"""One pace per vendor over all processes: what it says about its limits is obeyed by everybody.

`Retry-After` stops every caller until then. `x-ratelimit-limit-requests` becomes a token bucket
(generic cell rate algorithm) with a burst of a twentieth of the limit, so that no minute has more
requests than the limit; a budget that is used up stops callers until enough of it has come back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from backend.errors import Transient
from backend.ports import Clock

LIMIT_KEPT_S: Final = 3_600  # a limit that nobody has confirmed for so long is forgotten
BLOCK_MAX_S: Final = 3_600.0
TOKENS_ROOM: Final = 3_000  # prompt and longest answer of one request
ROUNDS: Final = 20  # a caller that was stopped so often while it waited gives up
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)")
_BARE: Final = re.compile(r"\d{1,9}(?:\.\d{1,9})?")

# KEYS: stopped until (ms), full at (ms), requests a minute. ARGV: now (ms), longest wait (ms),
# 1: reserve a place, 0: only look whether callers are stopped. Returns the ms to wait, or the
# same negative when it is longer than the longest.
_TAKE: Final = """
local now, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local from = now
local stopped = tonumber(redis.call('GET', KEYS[1]) or 0)
if stopped > now then from = stopped end
local wait = from - now
local limit = tonumber(redis.call('GET', KEYS[3]) or 0)
if limit <= 0 or ARGV[3] == '0' then
  if wait > most then return tostring(-wait) end
  return tostring(wait)
end
local burst = math.max(1, math.floor(limit / 20))
local cost = 60000 / math.max(limit - burst, limit / 2)
local full_at = tonumber(redis.call('GET', KEYS[2]) or 0)
if full_at < now then full_at = now end
if stopped > now then full_at = math.max(full_at, stopped + (burst - 1) * cost) end
wait = math.max(wait, full_at - now - (burst - 1) * cost)
if wait > most then return tostring(-wait) end
redis.call('SET', KEYS[2], tostring(full_at + cost), 'PX', 3600000)
return tostring(wait)
"""
# KEYS: stopped until. ARGV: until (ms), life (ms). A later end is kept.
_STOP: Final = """
if tonumber(redis.call('GET', KEYS[1]) or 0) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
"""


class Pace:
    """The pace at which one vendor may be asked. Without Redis nobody is held back."""

    def __init__(self, vendor: str, redis: Redis, clock: Clock) -> None:
        self._vendor = vendor
        self._redis = redis
        self._clock = clock
        self._keys: Final = [f"pace:{vendor}:{part}" for part in ("stopped", "full_at", "limit")]
        self._take = redis.register_script(_TAKE)
        self._stop = redis.register_script(_STOP)

    def take(self, most_s: float) -> None:
        """Wait for a place. Raises Transient at once when that would take longer than `most_s`."""
        waited_s = 0.0
        for round_ in range(ROUNDS):
            try:
                reserve = "1" if round_ == 0 else "0"
                args: list[str | float] = [self._now_ms(), (most_s - waited_s) * 1000, reserve]
                wait_s = float(self._take(keys=self._keys, args=args)) / 1000
            except RedisError:
                return
            if wait_s == 0:
                return
            if wait_s < 0 or round_ == ROUNDS - 1:
                break
            self._clock.sleep(wait_s)
            waited_s += wait_s
        slow = Transient(f"{self._vendor} asks to slow down", retry_after_s=abs(wait_s))
        slow.cause = "rate_limit"
        raise slow

    def stop(self, seconds: float) -> None:
        """The vendor asked for a pause: nobody asks before it is over."""
        seconds = min(seconds, BLOCK_MAX_S)
        until = self._now_ms() + seconds * 1000
        with suppress(RedisError):
            self._stop(keys=self._keys[:1], args=[until, int(seconds * 1000) + 1000])

    def learn(self, headers: Mapping[str, str]) -> None:
        """Obey what an answer's `x-ratelimit-*` say about requests and tokens."""
        limit = _number(headers, "limit-requests")
        if limit > 0:
            with suppress(RedisError):
                self._redis.set(self._keys[2], limit, ex=LIMIT_KEPT_S)
        pause_s = max(_pause_s(headers, "requests", 1), _pause_s(headers, "tokens", TOKENS_ROOM))
        if pause_s > 0:
            self.stop(pause_s)

    def _now_ms(self) -> float:
        return self._clock.now().timestamp() * 1000


def _pause_s(headers: Mapping[str, str], what: str, room: int) -> float:
    """Until `room` of a budget is there again; `reset` is the time until all of it is."""
    left = _number(headers, f"remaining-{what}")
    limit = _number(headers, f"limit-{what}")
    if left < 0 or limit <= 0:
        return 0.0
    room = min(room, limit)
    if left >= room:
        return 0.0
    share = (room - left) / (limit - left)
    return _seconds(headers.get(f"x-ratelimit-reset-{what}", "")) * share


def _number(headers: Mapping[str, str], name: str) -> int:
    """-1 for none."""
    try:
        return int(float(headers.get(f"x-ratelimit-{name}", "")))
    except (ValueError, OverflowError):
        return -1


def _seconds(text: str) -> float:
    """Of "6m0s", "1.5s", "20ms" or a bare "12"; 0 for anything else."""
    if _BARE.fullmatch(text):
        return float(text)
    return sum(float(number) * _UNITS[unit] for number, unit in _DURATION.findall(text[:40]))
