"""What an error says about the machine: what is away or used up, what cures it, how long to wait.

The one place that knows this; web, workers, cron, commands and logs ask it. Drivers and Redis are
told apart by their codes, and by their words where a connection that was refused has no code.
"""

from __future__ import annotations

import errno
import socket
import sqlite3
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from redis import exceptions as redis_errors

from backend.errors import Outage


@dataclass(frozen=True, slots=True)
class Kind:
    """`means` and `cure` are for an operator; `wait_s` before it is worth trying again."""

    means: str
    cure: str
    wait_s: float


OUTAGES: Final[Mapping[str, Kind]] = {
    "database_away": Kind("the database does not answer", "start it, or check DATABASE_URL", 5),
    "database_refuses": Kind(
        "the database refuses our name, password or database", "correct DATABASE_URL", 30
    ),
    "database_busy": Kind(
        "the database did not answer in time",
        "look for long transactions, or give it more power",
        2,
    ),
    "no_connection": Kind(
        "the database has no free connection",
        "raise its limit, use a pooler, or run fewer processes",
        5,
    ),
    "database_full": Kind("the database's disk is full", "free or add disk space", 15),
    "read_only": Kind(
        "the database or its disk takes no writes (read-only)", "make it writable again", 15
    ),
    "redis_away": Kind("Redis does not answer", "start it, or check REDIS_URL", 5),
    "redis_full": Kind("Redis has no memory or disk left", "raise its maxmemory, free disk", 15),
    "redis_refuses": Kind("Redis refuses our writes or password", "check REDIS_URL", 15),
    "disk_full": Kind("a disk or the temporary folder is full", "free or add disk space", 15),
    "files": Kind("no more files can be opened", "raise the limit of open files (ulimit -n)", 5),
    "memory": Kind("the machine has no memory left", "add memory, or run fewer processes", 15),
    "mail_server": Kind("the mail server cannot be reached", "start it, or check SMTP_URL", 300),
    "dns": Kind("a host's name cannot be resolved", "check the machine's DNS", 15),
    "certificate": Kind(
        "a server's certificate is refused", "check the certificate, the address and our clock", 60
    ),
}
LASTING: Final = frozenset({"database_full", "read_only"})  # a lucky write does not end them

_ERRNO: Final = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "read_only",
    errno.EMFILE: "files",
    errno.ENFILE: "files",
    errno.ENOMEM: "memory",
}
_SQLITE: Final = {
    sqlite3.SQLITE_FULL: "database_full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_BUSY: "database_busy",
    sqlite3.SQLITE_LOCKED: "database_busy",
    sqlite3.SQLITE_NOMEM: "memory",
    sqlite3.SQLITE_CANTOPEN: "database_away",
    sqlite3.SQLITE_IOERR: "database_away",
}
_SQLSTATE: Final = {  # https://www.postgresql.org/docs/current/errcodes-appendix.html
    "25006": "read_only",
    "53100": "database_full",
    "53200": "memory",
    "53300": "no_connection",
    "55P03": "database_busy",
    "57014": "database_busy",
    "40001": "database_busy",
    "40P01": "database_busy",
    "28000": "database_refuses",
    "28P01": "database_refuses",
    "3D000": "database_refuses",
}
_WORDS: Final = (  # libpq gives no code where a connection is refused, scripts of Redis none at all
    ("misconf ", "redis_full"),  # it cannot save to its disk
    ("too many clients", "no_connection"),
    ("too many connections", "no_connection"),
    ("remaining connection slots", "no_connection"),
    ("password authentication failed", "database_refuses"),
    ("certificate verify failed", "certificate"),
    ("resolve host", "dns"),
    ("could not translate host name", "dns"),
    ("too many open files", "files"),
    ("no space left on device", "disk_full"),
    ("oom command not allowed", "redis_full"),
)
_REDIS: Final = (  # the narrower first
    (redis_errors.OutOfMemoryError, "redis_full"),
    (redis_errors.AuthenticationError, "redis_refuses"),
    (redis_errors.ReadOnlyError, "redis_refuses"),
    (redis_errors.NoPermissionError, "redis_refuses"),
    (redis_errors.ConnectionError, "redis_away"),
    (redis_errors.TimeoutError, "redis_away"),
)


def outage_of(error: BaseException) -> Outage | None:
    """What this error, or one that it came from, says about the machine; None for any other."""
    chain = list(_chain(error))
    for one in reversed(chain):  # the first cause says most
        if isinstance(one, Outage):
            return one
        if kind := _kind(one):
            return of_kind(kind, type(one).__name__)
    return None


def of_kind(kind: str, seen: str = "") -> Outage:
    """The error to raise for a word of OUTAGES; `seen`: the driver's name for it."""
    found = OUTAGES[kind]
    message = f"{found.means} ({seen})" if seen else found.means
    return Outage(message, outage=kind, cure=found.cure, wait_s=found.wait_s)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, the driver's own inside a wrapper's included."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [getattr(one, "orig", None), getattr(one, "reason", None)]
        waiting += [one.__cause__, one.__context__, *one.args]


def _kind(error: BaseException) -> str | None:
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, socket.gaierror):
        return "dns"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, OSError) and error.errno in _ERRNO:
        return _ERRNO[error.errno]
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return None if code is None else _SQLITE.get(code & 0xFF)
    for kind, outage in _REDIS:
        if isinstance(error, kind):
            return outage
    state = getattr(error, "sqlstate", None)
    return _SQLSTATE.get(state) if isinstance(state, str) else _by_words(error)


def _by_words(error: BaseException) -> str | None:
    if type(error).__module__.partition(".")[0] not in ("psycopg", "redis"):
        return None
    text = str(error).lower()
    return next((outage for words, outage in _WORDS if words in text), None)
