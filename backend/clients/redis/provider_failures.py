"""What scores have to do without at the moment, and why: one entry per provider, for all processes.

Workers fork a process per job, so what one job runs into has to outlive it. An entry counts the
leads in a row that did without, and ends with the first answer.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from backend.ports import Clock

KEY: Final = "provider_failures"
KEPT_S: Final = 86_400  # without a failure for so long, nothing is known


@dataclass(frozen=True, slots=True)
class Failure:
    """`leads` in a row did without; `problem` names the cure. `since` is ISO 8601, UTC."""

    cause: str
    problem: str
    leads: int
    since: str


class ProviderFailures:
    """By what was missing: "analyst", "reader", "embeddings", "index"."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock

    def failed(self, part: str, cause: str, problem: str, leads: int) -> None:
        """So many more leads did without. Of two workers at once one may be counted."""
        with suppress(RedisError):
            before = self.current().get(part)
            now = self._clock.now().isoformat(timespec="seconds")
            if cause == "left_alone" and before is not None:
                cause, problem = before.cause, before.problem  # what the breaker opened for
            failure = Failure(
                cause,
                problem,
                leads + (before.leads if before else 0),
                before.since if before else now,
            )
            self._redis.hset(KEY, part, json.dumps(asdict(failure)))
            self._redis.expire(KEY, KEPT_S)

    def answered(self, part: str) -> None:
        """It answers again."""
        with suppress(RedisError):
            self._redis.hdel(KEY, part)

    def current(self) -> dict[str, Failure]:
        """By part; raises RedisError."""
        stored: Any = self._redis.hgetall(KEY)
        return {
            (part.decode() if isinstance(part, bytes) else part): Failure(**json.loads(body))
            for part, body in stored.items()
        }
