"""Work that is due and does not advance, whatever its cause."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from redis import Redis

from backend.clients.redis.job_queue import QUESTIONS
from backend.model import Mode
from backend.storage.database import Connection
from backend.storage.operations import standing
from backend.storage.portals.portals import Portal

STANDS_AFTER: Final = timedelta(minutes=10)
_KEY: Final = "standstill"
_WITHOUT_PROGRESS: Final = QUESTIONS | {"train", "drift", "reconcile", "setup"}
_WHEN_LIVE: Final = frozenset({"writes", "lists", "tasks"})  # nothing else writes to HubSpot


def due_work(conn: Connection, portals: list[Portal], now: datetime) -> dict[str, str]:
    """What is due in portals that work, as "7 tasks", with what changes when it advances. What
    waits for a reconnect, or for a portal that is paused or writes nothing, is not due."""
    working = {p.portal_id: p.settings.mode for p in portals if p.state == "connected"}
    found = standing.overdue(conn, now, _WITHOUT_PROGRESS)
    return {
        f"{portal_id} {what}": mark
        for (portal_id, what), mark in found.items()
        if working.get(portal_id, Mode.PAUSED) is not Mode.PAUSED
        and (what not in _WHEN_LIVE or working[portal_id] is Mode.LIVE)
    }


def standing_still(redis: Redis, work: Mapping[str, str], now: datetime) -> list[dict[str, Any]]:
    """Those that have not advanced for `STANDS_AFTER`, by what earlier reports saw."""
    stored: dict[Any, Any] = redis.hgetall(_KEY)
    seen = {
        name.decode() if isinstance(name, bytes) else name: json.loads(text)
        for name, text in stored.items()
    }
    gone = [name for name in seen if name not in work]
    if gone:
        redis.hdel(_KEY, *gone)
    found = []
    for name, mark in sorted(work.items()):
        known, since = seen.get(name, ("", ""))
        if known != mark:
            redis.hset(_KEY, name, json.dumps([mark, now.isoformat()]))
        elif now - datetime.fromisoformat(since) >= STANDS_AFTER:
            portal_id, _, what = name.partition(" ")
            found.append({"portal_id": int(portal_id), "work": what, "since": since})
    return found
