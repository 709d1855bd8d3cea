"""What an error says about the machine, whoever raised it and however deep it is wrapped."""

from __future__ import annotations

import errno
import json
import socket
import sqlite3
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import requests
from redis import exceptions as redis_errors
from sqlalchemy.exc import OperationalError

from backend.clients.http import Http
from backend.errors import BadSettings, Outage, OutcomeUnknown, Transient
from backend.outages import OUTAGES, of_kind, outage_of
from backend.retries import next_try
from backend.services.starting import check_start
from tests.conftest import ROOT, FakeClock

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    return error


def wrapped(inner: BaseException) -> BaseException:
    """As SQLAlchemy, requests and our own `from` nest what a driver raised."""
    try:
        try:
            raise inner
        except type(inner) as error:
            raise OperationalError("SELECT 1", {}, error) from error
    except OperationalError as error:
        return requests.ConnectionError(error)


KINDS: list[tuple[BaseException, str]] = [
    (sqlite_error(sqlite3.SQLITE_FULL), "database_full"),
    (sqlite_error(sqlite3.SQLITE_READONLY_DBMOVED), "read_only"),
    (sqlite_error(sqlite3.SQLITE_BUSY), "database_busy"),
    (sqlite_error(sqlite3.SQLITE_CANTOPEN), "database_away"),
    (psycopg.errors.DiskFull("x"), "database_full"),
    (psycopg.errors.ReadOnlySqlTransaction("x"), "read_only"),
    (psycopg.errors.TooManyConnections("x"), "no_connection"),
    (psycopg.OperationalError("FATAL:  sorry, too many clients already"), "no_connection"),
    (psycopg.OperationalError('FATAL: too many connections for role "x"'), "no_connection"),
    (psycopg.OperationalError("[Errno -2] failed to resolve host 'x'"), "dns"),
    (psycopg.OperationalError("SSL error: certificate verify failed"), "certificate"),
    (psycopg.OperationalError("FATAL: password authentication failed"), "database_refuses"),
    (redis_errors.OutOfMemoryError("x"), "redis_full"),
    (redis_errors.ResponseError("ERR script: OOM command not allowed when used"), "redis_full"),
    (redis_errors.ResponseError("MISCONF Errors writing to the AOF file"), "redis_full"),
    (redis_errors.AuthenticationError("x"), "redis_refuses"),
    (redis_errors.ReadOnlyError("x"), "redis_refuses"),
    (redis_errors.BusyLoadingError("x"), "redis_away"),
    (redis_errors.TimeoutError("x"), "redis_away"),
    (OSError(errno.ENOSPC, "x"), "disk_full"),
    (OSError(errno.EDQUOT, "x"), "disk_full"),
    (OSError(errno.EMFILE, "x"), "files"),
    (OSError(errno.ENFILE, "x"), "files"),
    (OSError(errno.EROFS, "x"), "read_only"),
    (MemoryError(), "memory"),
    (socket.gaierror(-2, "x"), "dns"),
    (ssl.SSLCertVerificationError("x"), "certificate"),
]


@pytest.mark.parametrize(("error", "kind"), KINDS, ids=lambda v: v if isinstance(v, str) else "")
def test_every_kind_is_known_bare_and_wrapped(error: BaseException, kind: str) -> None:
    for one in (error, wrapped(error)):
        found = outage_of(one)
        assert found is not None
        assert (found.outage, found.cure) == (kind, OUTAGES[kind].cure)
        assert (found.retry_after_s or 0) > 0


@pytest.mark.parametrize(
    "error",
    [
        ValueError("too many clients"),
        KeyError("no space left on device"),
        OSError(errno.ENOENT, "x"),
        psycopg.errors.UniqueViolation("x"),
        redis_errors.ResponseError("WRONGTYPE"),
        sqlite3.IntegrityError("x"),
        Transient("HubSpot answers 500"),
    ],
)
def test_a_defect_is_no_outage(error: BaseException) -> None:
    assert outage_of(error) is None
    assert outage_of(wrapped(error)) is None


def test_what_the_machine_lacks_is_waited_for_however_often_it_was_tried() -> None:
    error = of_kind("dns")
    assert next_try(99, error, NOW) == NOW + timedelta(seconds=OUTAGES["dns"].wait_s)
    assert next_try(99, Transient("500"), NOW) is None


def test_a_name_that_does_not_resolve_says_so_and_nothing_was_sent() -> None:
    with pytest.raises(Outage) as raised:
        Http().send("GET", "http://nowhere.invalid/")
    assert raised.value.outage == "dns"
    assert "nowhere.invalid" in str(raised.value)


def test_a_refused_connection_is_as_before() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(OutcomeUnknown):
        Http().send("GET", f"http://127.0.0.1:{port}/")


PROGRAM = """
import errno, logging, os, sys
import structlog
from backend.logs import set_up_logs
from backend.outages import of_kind
set_up_logs("INFO")
log = structlog.get_logger()
for _ in range(3):
    if os.fork() == 0:
        log.warning("job_failed", error=of_kind("database_full"))
        log.warning("unavailable", error=of_kind("database_full"))
        try:
            raise OSError(errno.EMFILE, "x")
        except OSError as error:
            log.error("unexpected", exc_info=error)
            logging.getLogger("rq.worker").error("quitting", exc_info=True)
        os._exit(0)
    os.wait()
try:
    raise ValueError("a defect")
except ValueError as error:
    log.error("unexpected", exc_info=error)
    log.error("unexpected", exc_info=error)
"""


def test_an_outage_is_one_line_of_all_processes_and_a_defect_keeps_its_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, timeout=60, check=True
    )
    events = [json.loads(line) for line in done.stderr.decode().splitlines()]
    told = [event["outage"] for event in events if "outage" in event]
    assert sorted(told) == ["database_full", "files"]
    assert all("cure" in event for event in events if "outage" in event)
    assert [("Traceback" in event.get("exception", "")) for event in events[-2:]] == [True, True]
    assert len(events) == 4


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    program = 'import structlog\nfrom backend.logs import set_up_logs\nset_up_logs("INFO")\n'
    program += 'structlog.get_logger().info("one")\nprint("went on", flush=True)\n'
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=full,
            timeout=60,
            check=False,
        )
    assert done.stdout == b"went on\n"


def test_a_wrong_password_ends_the_start_and_a_database_that_is_away_does_not() -> None:

    class Stores:
        def __init__(self, *errors: Outage) -> None:
            self.clock = FakeClock()
            self.errors = list(errors)

        def check_start(self) -> None:
            if self.errors:
                raise self.errors.pop(0)

    away = Stores(*[of_kind("database_away")] * 7)
    check_start(away)  # type: ignore[arg-type]
    assert away.clock.slept == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]
    with pytest.raises(BadSettings, match="DATABASE_URL"):
        check_start(Stores(of_kind("database_refuses")))  # type: ignore[arg-type]
