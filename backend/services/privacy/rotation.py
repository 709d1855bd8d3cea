"""Seal everything with the first key of ENCRYPTION_KEYS, once every process can read that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redis.exceptions import RedisError

from backend.clients.redis import processes
from backend.errors import Conflict, Transient
from backend.storage.privacy.resealing import Resealed, reseal_all
from backend.wiring import Stores


def rotate(stores: Stores, still: Callable[[], Any]) -> Resealed:
    """`still` is called between slices. Raises Conflict naming the processes that could not read
    what is sealed anew, and Transient where nobody knows which are running."""
    newest = stores.settings.encryption_keys[0].key_id
    try:
        found = processes.running(stores.redis)
    except RedisError:
        raise Transient(
            "Redis does not answer, so nobody knows which processes know the new key: try again"
        ) from None
    behind = sorted(str(one) for one in found if processes.plain(newest) not in one.key_ids)
    if behind:
        raise Conflict(
            f"nothing was changed: {', '.join(behind)} runs without the key {newest!r}. Give every "
            "process the same ENCRYPTION_KEYS, restart it, and try again"
        )
    return reseal_all(stores.database, stores.cipher, still)
