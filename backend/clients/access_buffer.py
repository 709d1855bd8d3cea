"""Accesses on their way to the database: web requests only push, `cron` carries them over.

A read of the card must not wait for a write to the database; every access is a line of the log as
well, so that a lost Redis loses no trace, only its place in the table.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final, cast

from redis import Redis
from redis.exceptions import RedisError

KEY: Final = "accesses"
MOST: Final = 50_000  # entries that wait while nobody carries them over

Entry = tuple[int, datetime, str, str, str, int]  # portal, time, actor, action, subject, status


def push(redis: Redis, entry: Entry) -> None:
    """Append one; nothing while Redis is away."""
    portal_id, at, *rest = entry
    try:
        with redis.pipeline(transaction=False) as pipe:
            pipe.rpush(KEY, json.dumps([portal_id, at.isoformat(), *rest]))
            pipe.ltrim(KEY, -MOST, -1)
            pipe.execute()
    except RedisError:
        return


def take(redis: Redis, most: int = 1_000) -> list[Entry]:
    """Remove and return the oldest; [] while Redis is away."""
    try:
        found = cast("list[bytes] | None", redis.lpop(KEY, most))
    except RedisError:
        return []
    entries = [json.loads(each) for each in found or ()]
    return [(e[0], datetime.fromisoformat(e[1]), e[2], e[3], e[4], e[5]) for e in entries]
