"""Which processes are running, and which encryption keys they know: told by the names of their
connections to Redis, which end when the process does."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redis import Redis
from redis.exceptions import NoPermissionError

PREFIX: Final = "leadlight"
_ODD: Final = re.compile(r"[^A-Za-z0-9._-]")  # what stands in no name of a connection


@dataclass(frozen=True, slots=True)
class Process:
    """One web server, worker or cron."""

    kind: str
    host: str
    pid: str
    key_ids: frozenset[str]

    def __str__(self) -> str:
        return f"{self.kind} (process {self.pid} on {self.host})"


def connection_name(kind: str, key_ids: Sequence[str]) -> str:
    """What a process calls its connections."""
    parts = (PREFIX, kind, socket.gethostname(), str(os.getpid()), "+".join(map(plain, key_ids)))
    return "/".join(_ODD.sub("_", part) if part is not parts[-1] else part for part in parts)


def plain(key_id: str) -> str:
    """The id of a key as it stands in the name."""
    return _ODD.sub("_", key_id)


def running(redis: Redis) -> set[Process]:
    """All that are connected now. Nobody where this Redis does not tell. Raises RedisError."""
    try:
        clients = redis.client_list()
    except NoPermissionError:
        return set()
    named = (str(client.get("name", "")).split("/") for client in clients)
    return {
        Process(kind, host, pid, frozenset(keys.split("+")))
        for prefix, kind, host, pid, keys in (parts for parts in named if len(parts) == 5)
        if prefix == PREFIX
    }
