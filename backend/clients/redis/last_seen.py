"""What was seen of a live account from outside: the last webhook, card request, payload shapes.

Kept in Redis, because losing it costs nobody anything: `portals check` then says "not seen yet".
Names, kinds and times only; never an id of a person, never a value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import structlog
from redis import Redis
from redis.exceptions import RedisError

from backend.ports import Clock

KEPT_S = 90 * 86_400
QUIET_S = 1.0  # the same mark is written once a second and process at most
REMEMBERED = 2_000  # marks a process holds back; then it starts over
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """When something was last seen, and what it looked like ("" where that does not matter)."""

    at: datetime
    shape: str


class LastSeen:
    """Noted in passing by web requests; a lost Redis is not their problem."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._noted: dict[tuple[int, str, str], datetime] = {}
        self._lock = Lock()

    def note(self, portal_id: int, what: str, shape: str = "") -> None:
        """Seen just now. `what`: "webhook", "card", "event object.creation", …"""
        now = self._clock.now()
        if not self._worth_writing((portal_id, what, shape), now):
            return
        try:
            self._redis.hset(_key(portal_id), what, json.dumps([now.isoformat(), shape]))
            self._redis.expire(_key(portal_id), KEPT_S)
        except RedisError as error:
            log.debug("sighting_lost", problem=type(error).__name__)

    def read(self, portal_id: int) -> Mapping[str, Occurrence]:
        """By what was seen; empty when Redis is away."""
        try:
            stored = self._redis.hgetall(_key(portal_id))
        except RedisError:
            return {}
        found = {}
        for what, text in stored.items():
            at, shape = json.loads(text)
            found[_text(what)] = Occurrence(datetime.fromisoformat(at), shape)
        return found

    def forget(self, portal_id: int) -> None:
        """The portal is erased."""
        self._redis.delete(_key(portal_id))

    def _worth_writing(self, occurrence: tuple[int, str, str], now: datetime) -> bool:
        with self._lock:
            last = self._noted.get(occurrence)
            if last is not None and abs((now - last).total_seconds()) < QUIET_S:
                return False
            if len(self._noted) >= REMEMBERED:
                self._noted.clear()
            self._noted[occurrence] = now
            return True


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name


def _key(portal_id: int) -> str:
    return f"seen:{portal_id}"
