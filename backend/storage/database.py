"""One engine per process, two kinds of transaction, the same code on SQLite and Postgres."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection as Connection  # for everybody: only storage knows SQL
from sqlalchemy.engine import Engine
from sqlalchemy.engine import RowMapping as RowMapping
from sqlalchemy.exc import DBAPIError as DBAPIError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool

from backend import private_files
from backend.errors import Outage
from backend.outages import LASTING, of_kind, outage_of

SQLITE_BUSY_MS = 30_000  # workers wait for each other; web requests pass their own, shorter wait
POOL_WAIT_S = 5.0  # a full pool is a Transient after this
TRANSACTION_POOLER_PORT = 6543  # Supabase's transaction pooler: no prepared statements, no pool
STATEMENT_TIMEOUT_MS = 30_000
REFUSAL_KEPT_S = 30.0  # a write that was refused counts for so long
KEY_OPTION = "leadlight_audit_key"  # of connections: what `storage.audit.append` hashes with


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC in and out; SQLite keeps no zone of its own."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive times: they are a bug somewhere else."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PackedJson(sa.types.TypeDecorator[Any]):
    """JSON that nobody queries into, deflated: snapshots, factors, profiles."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> bytes | None:
        """Compact and deflate."""
        if value is None:
            return None
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
        return zlib.compress(text.encode(), 1)

    def process_result_value(self, value: bytes | None, dialect: sa.Dialect) -> Any:
        """Inflate and parse."""
        return None if value is None else json.loads(zlib.decompress(value))


class Database:
    """Hands out short transactions. Nothing inside one may touch the network."""

    def __init__(self, url: str, *, wait_s: float | None = None, audit_key: bytes = b"") -> None:
        """`wait_s` bounds how long to wait for a connection or a lock (None: a worker's wait).
        `audit_key` is what rows of the audit trail are hashed with."""
        self.engine = _engine(url, wait_s)
        self._refused: tuple[float, Outage] | None = None
        if audit_key:
            self.engine.update_execution_options(**{KEY_OPTION: audit_key})

    @property
    def on_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent read; raises Outage when the database does not answer."""
        with _as_transient(), self.engine.connect() as conn, self._closed_by_errors(conn):
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """All or nothing; on SQLite takes the write lock at once (BEGIN IMMEDIATE)."""
        try:
            with _as_transient(), self.engine.connect() as raw:
                conn = raw.execution_options(leadlight_writes=True)
                with conn.begin(), self._closed_by_errors(conn):
                    yield conn
        except Outage as error:
            if error.outage in LASTING:
                self._refused = (monotonic(), error)
            raise

    @contextmanager
    def _closed_by_errors(self, conn: Connection) -> Iterator[None]:
        """An error that leaves a query half read keeps its cursor alive for as long as somebody
        keeps the error, and with it SQLite's view of the database: that connection could not write
        any more. So it is not used again."""
        try:
            yield
        except BaseException:
            if self.on_sqlite:
                conn.invalidate()
            raise

    def refusal(self) -> Outage | None:
        """Why a write of this process failed lately, where the reason lasts: small writes may find
        room on a disk that is full for others."""
        at, error = self._refused or (float("-inf"), None)
        return error if monotonic() - at < REFUSAL_KEPT_S else None

    def dispose(self) -> None:
        """Forget inherited connections; to be called in a process that has just been forked."""
        self.engine.dispose(close=False)


def upsert(
    conn: Connection,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    update: Sequence[str] | None = None,
) -> None:
    """Insert `rows`, replacing the `update` columns (default: all others) where the key exists.

    An empty `update` keeps the stored row. All rows have the same columns.
    """
    if not rows:
        return
    keys = [column.name for column in table.primary_key.columns]
    names = list(rows[0]) if update is None else list(update)
    insert = sqlite.insert(table) if conn.dialect.name == "sqlite" else postgresql.insert(table)
    changes = {name: insert.excluded[name] for name in names if name not in keys}
    statement = (
        insert.on_conflict_do_update(index_elements=keys, set_=changes)
        if changes
        else insert.on_conflict_do_nothing(index_elements=keys)
    )
    conn.execute(statement, [dict(row) for row in rows])


def insert_new(conn: Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that leaves existing rows alone; ask for `returning` to learn which were new."""
    if conn.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def insert_once(conn: Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Insert one row; False when its key exists already."""
    key = next(iter(table.primary_key.columns))
    return conn.execute(insert_new(conn, table).values(**row).returning(key)).first() is not None


@contextmanager
def _as_transient() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise of_kind("no_connection", "our pool") from error
    except (DBAPIError, sqlite3.Error) as error:  # the second where a connection is made
        if "no such table" in str(error):
            raise
        away = isinstance(error, OperationalError | InterfaceError | sqlite3.OperationalError)
        found = outage_of(error)
        if found is None and (away or getattr(error, "connection_invalidated", False)):
            found = of_kind("database_away", type(getattr(error, "orig", None) or error).__name__)
        if found is None:
            raise
        raise found from error


def normal_url(url: str) -> str:
    """Any common spelling of a Postgres address with the driver we ship."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _engine(url: str, wait_s: float | None) -> Engine:
    url = normal_url(url)
    if url.startswith("sqlite"):
        return _sqlite(url, wait_s)
    wait = POOL_WAIT_S if wait_s is None else wait_s
    connect: dict[str, Any] = {"connect_timeout": max(2, int(wait))}
    if urlsplit(url).port == TRANSACTION_POOLER_PORT:
        connect["prepare_threshold"] = None
        return sa.create_engine(url, poolclass=NullPool, connect_args=connect, hide_parameters=True)
    timeout_ms = STATEMENT_TIMEOUT_MS if wait_s is None else int(wait_s * 1000)
    connect["options"] = (
        f"-c statement_timeout={timeout_ms} -c lock_timeout={timeout_ms}"
        " -c idle_in_transaction_session_timeout=30000"
    )
    return sa.create_engine(
        url,
        pool_size=5,
        max_overflow=10,
        pool_timeout=wait,
        pool_pre_ping=True,
        connect_args=connect,
        hide_parameters=True,  # lead text must not reach a log through an error's message
    )


def _sqlite(url: str, wait_s: float | None) -> Engine:
    path = sa.make_url(url).database
    if path and path != ":memory:":
        for file in (path, f"{path}-wal", f"{path}-shm"):
            if file == path or Path(file).exists():
                private_files.make_file(Path(file))
    busy_ms = SQLITE_BUSY_MS if wait_s is None else int(wait_s * 1000)
    engine = sa.create_engine(
        url,
        connect_args={"timeout": busy_ms / 1000},
        pool_timeout=busy_ms / 1000,
        pool_size=16,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def _settle(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin by itself
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={busy_ms}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        writes = conn.get_execution_options().get("leadlight_writes")
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
