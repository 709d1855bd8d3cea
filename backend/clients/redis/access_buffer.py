"""Accesses on their way to the database: web requests only push, `cron` carries them over.

A read of the card must not wait for a write to the database; every access is a line of the log as
well, so that a lost Redis loses no trace, only its place in the table.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, cast

from pydantic import AwareDatetime, Field, RootModel
from redis import Redis
from redis.exceptions import RedisError

from backend.errors import BadInput

KEY: Final = "accesses"
MOST: Final = 50_000  # entries that wait while nobody carries them over

Entry = tuple[int, datetime, str, str, str, int]  # portal, time, actor, action, subject, status


def push(redis: Redis, entry: Entry) -> None:
    """Append one, under an id of its own; nothing while Redis is away."""
    portal_id, at, *rest = entry
    try:
        with redis.pipeline(transaction=False) as pipe:
            pipe.rpush(KEY, json.dumps([secrets.token_hex(16), portal_id, at.isoformat(), *rest]))
            pipe.ltrim(KEY, -MOST, -1)
            pipe.execute()
    except RedisError:
        return


CARRIED_AT_ONCE: Final = 1_000  # entries


def waiting(redis: Redis) -> list[bytes]:
    """The oldest entries as they stand, left where they are; [] while Redis is away."""
    try:
        return cast("list[bytes]", redis.lrange(KEY, 0, CARRIED_AT_ONCE - 1))
    except RedisError:
        return []


def remove(redis: Redis, entries: Sequence[bytes]) -> bool:
    """Take these off the list: they are stored, or can never be. Each is removed by its value, as
    others may have been trimmed away before it meanwhile. False while Redis is away."""
    try:
        with redis.pipeline(transaction=False) as pipe:
            for entry in entries:
                pipe.lrem(KEY, 1, entry)  # type: ignore[arg-type]
            pipe.execute()
    except RedisError:
        return False
    return True


def read(raw: bytes) -> tuple[str, Entry]:
    """(its id, the entry). Raises BadInput for what cannot be stored, whoever put it there."""
    try:
        found = _Stored.model_validate(json.loads(raw))
    except (ValueError, RecursionError):
        raise BadInput("an entry of the access log cannot be read") from None
    entry_id, portal_id, at, actor, action, subject, status = found.root
    return entry_id, (portal_id, at, actor, action, subject, status)


_FROM, _UNTIL = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_Text = Annotated[str, Field(max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")]


class _Stored(
    RootModel[
        tuple[
            Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")],
            Annotated[int, Field(ge=0, lt=2**63)],
            Annotated[AwareDatetime, Field(ge=_FROM, lt=_UNTIL)],
            _Text,
            _Text,
            _Text,
            Annotated[int, Field(ge=0, lt=2**15)],
        ]
    ]
):
    """What the table takes."""
