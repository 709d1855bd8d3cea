"""What every level shares: closed sockets, a clock to turn, real servers on loopback."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy.pool import QueuePool
from werkzeug.routing import Rule

from backend.embedded.valkey import command as valkey_command
from backend.storage.database import Database
from backend.storage.migrate import upgrade
from bench.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
settings.load_profile("ci")  # the same examples each time; others: --hypothesis-profile=default
DATA = ROOT.parent / "shared" / "data"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_real_connect = socket.socket.connect


def _guarded_connect(self: socket.socket, address: object) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = address[0] if isinstance(address, tuple) else address
        if host not in _LOOPBACK:
            raise AssertionError(f"a test tried to reach {host}")
    _real_connect(self, address)  # type: ignore[arg-type]


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """No test may speak to anything but this machine."""
    socket.socket.connect = _guarded_connect  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = _real_connect  # type: ignore[method-assign]


@pytest.fixture(autouse=True, scope="session")
def _quiet_servers() -> None:
    """Request lines of test servers are noise."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)


@pytest.fixture(autouse=True, scope="session")
def _links_compiled_when_built() -> Iterator[None]:
    """Werkzeug compiles two functions per route, to build links: tests make hundreds of servers of
    300 routes each and build hardly any."""
    compiled = Rule._compile_builder

    def lazily(rule: Rule, append_unknown: bool = True) -> Callable[..., object]:
        return lambda self, **values: compiled(rule, append_unknown)(self, **values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", lazily)
        yield


class FakeClock:
    """Time that moves only when a test moves it; `sleep` moves it."""

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at or datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.forward(seconds)

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that follows by itself; it fails late, so that a busy machine passes."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def close_when_idle(database: Database) -> None:
    """Drop its connections when none is in use: one that a request of a web server still had would
    never be closed, and be complained of in whichever test runs when it is collected."""
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    until(lambda: pool.checkedout() == 0)
    database.engine.dispose()


def wait_for_port(port: int, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey, one per test process."""
    port = free_port()
    line = valkey_command(port, tmp_path_factory.mktemp("valkey"))
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for_port(port)
        yield f"redis://127.0.0.1:{port}/0"
        stop(process)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Postgres that starts as any user, one per test process."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pgserver

    folder = tempfile.mkdtemp(prefix="leadlight-postgres-")  # not swept by other test runs
    server = pgserver.get_server(folder, cleanup_mode="delete")
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        run_on_server(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")  # it is thrown away
    run_on_server(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating takes ten times as long."""
    path = tmp_path_factory.mktemp("template") / "leadlight.db"
    upgrade(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """The name of a migrated Postgres database to clone."""
    name = f"template_{os.getpid()}"
    run_on_server(postgres_url, f'CREATE DATABASE "{name}"')
    upgrade(database_on(postgres_url, name))
    return name


def run_on_server(server_url: str, statement: str) -> None:
    """One statement outside a transaction, as CREATE DATABASE wants it."""
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(statement)  # type: ignore[arg-type]


def database_on(server_url: str, name: str) -> str:
    """The address of another database on the same server."""
    if "?" in server_url:
        return server_url.replace("/postgres?", f"/{name}?")
    return f"{server_url}/{name}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database of each kind."""
    if request.param == "sqlite":
        yield sqlite_copy(request.getfixturevalue("sqlite_template"), tmp_path)
        return
    server = request.getfixturevalue("postgres_url")
    template = request.getfixturevalue("postgres_template")
    url = database_on(server, f"t{os.getpid()}_{time.monotonic_ns()}")
    clone_postgres(server, template, url)
    yield url
    run_on_server(server, f'DROP DATABASE "{name_in(url)}" WITH (FORCE)')


def name_in(url: str) -> str:
    """The database's name in an address."""
    return urlsplit(url).path.removeprefix("/")


def clone_postgres(server_url: str, template: str, url: str) -> None:
    """Make the database of `url` a copy of `template`, with which nobody is connected."""
    run_on_server(
        server_url,
        f'CREATE DATABASE "{name_in(url)}" TEMPLATE "{template}" STRATEGY FILE_COPY',
    )


def keep_as_template(url: str, folder: Path) -> str:
    """Keep the content of a database for `fill_from_template`; nobody is connected with it."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(path)) as conn:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return str(shutil.copyfile(path, folder / path.name))
    template = f"kept_{os.getpid()}_{time.monotonic_ns()}"
    server = url.replace(f"/{name_in(url)}", "/postgres", 1)
    run_on_server(server, f'CREATE DATABASE "{template}" TEMPLATE "{name_in(url)}"')
    return template


def fill_from_template(url: str, template: str) -> None:
    """Give a fresh database the content that was kept."""
    if url.startswith("sqlite"):
        shutil.copyfile(template, url.removeprefix("sqlite:///"))
        return
    server = url.replace(f"/{name_in(url)}", "/postgres", 1)
    run_on_server(server, f'DROP DATABASE "{name_in(url)}" WITH (FORCE)')
    clone_postgres(server, template, url)


def sqlite_copy(template: Path, folder: Path) -> str:
    """The address of a copy of `template` in `folder`."""
    path = folder / "leadlight.db"
    shutil.copyfile(template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.engine.dispose()


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    found = Database(sqlite_copy(sqlite_template, tmp_path))
    yield found
    found.engine.dispose()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped and why, in one place."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = sorted({str(report.longrepr[2]) for report in skipped if report.longrepr})
    for reason in reasons:
        terminalreporter.write_line(f"not tested: {reason}")
    if skipped and os.environ.get("CI") == "true":
        terminalreporter.write_line("CI: a skipped test is a missing tool", red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Under CI a skip is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = max(int(exitstatus), 1)


PYTHON = sys.executable
