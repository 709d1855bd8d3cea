"""Rate limits per portal and app: a rolling window, search apart (ref 6)."""

from __future__ import annotations

import threading
import uuid
from collections import deque
from dataclasses import dataclass

from sandbox import numbers
from sandbox.errors import ApiError
from sandbox.times import Clock

Key = tuple[int, int]  # portal id, app id


@dataclass(frozen=True, slots=True)
class Window:
    """At most `calls` in any `seconds`."""

    calls: int
    seconds: float
    policy: str


BURST = Window(numbers.BURST_CALLS, numbers.BURST_WINDOW_S, "TEN_SECONDLY_ROLLING")
SEARCH = Window(numbers.SEARCH_CALLS, numbers.SEARCH_WINDOW_S, "SECONDLY")


class RateLimiter:
    """Counts accepted calls; refused ones do not count."""

    def __init__(self, clock: Clock, enabled: bool) -> None:
        self.enabled = enabled
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: dict[tuple[Key, str], deque[int]] = {}

    def take(self, key: Key, search: bool) -> dict[str, str]:
        """Answer headers for an accepted call; raises ApiError 429."""
        window = SEARCH if search else BURST
        if not self.enabled:
            return {} if search else _headers(window.calls)
        # A search counts for the account, whatever app asks.
        bucket: tuple[Key, str] = ((key[0], 0) if search else key, window.policy)
        with self._lock:
            calls = self._calls.setdefault(bucket, deque())
            now = self._clock()
            while calls and calls[0] <= now - window.seconds * 1000:
                calls.popleft()
            if len(calls) >= window.calls:
                raise too_many(window)
            calls.append(now)
            return {} if search else _headers(window.calls - len(calls))


def too_many(window: Window = BURST, retry_after_s: float | None = None) -> ApiError:
    """HubSpot's 429. It documents no `Retry-After`, so there is one only when asked for."""
    headers = {} if window is SEARCH else _headers(0)
    if retry_after_s is not None:
        headers["Retry-After"] = f"{retry_after_s:g}"
    return ApiError(
        429,
        "RATE_LIMITS",
        f"You have reached your {window.policy.lower()} limit.",
        extra={
            "errorType": "RATE_LIMIT",
            "policyName": window.policy,
            "requestId": str(uuid.uuid4()),
        },
        headers=headers,
    )


def _headers(remaining: int) -> dict[str, str]:
    return {
        "X-HubSpot-RateLimit-Max": str(BURST.calls),
        "X-HubSpot-RateLimit-Remaining": str(remaining),
        "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(BURST.seconds * 1000)),
    }
