"""Table sizes, and giving space back."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

from backend.errors import BadInput
from backend.storage.database import Database
from backend.storage.tables.base import metadata

INCREMENTAL: Final = 2  # of PRAGMA auto_vacuum: free pages are kept until they are asked for
PAGES_AT_ONCE: Final = 500  # of 4 kB, in one transaction: some 10 ms


def rows(conn: Connection) -> dict[str, int]:
    """Rows by table, empty ones left out."""
    found = {
        table.name: int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
        for table in metadata.sorted_tables
    }
    return {name: number for name, number in found.items() if number}


@dataclass(frozen=True, slots=True)
class TableSize:
    """Bytes on disk: of the rows, long values included, and of the indexes."""

    table: str
    rows: int
    row_bytes: int
    index_bytes: int


def sizes(conn: Connection) -> list[TableSize]:
    """Every table with rows, the largest first. Reads the whole database on SQLite, and raises
    BadInput for one that was built without `dbstat`."""
    numbers = rows(conn)
    query = _POSTGRES_SIZES
    if conn.dialect.name == "sqlite":
        query = _SQLITE_SIZES
        if _DBSTAT not in conn.exec_driver_sql("PRAGMA compile_options").scalars():
            raise BadInput("this machine's SQLite was built without dbstat and counts no bytes")
    found = [
        TableSize(name, numbers[name], row_bytes, index_bytes)
        for name, row_bytes, index_bytes in conn.execute(sa.text(query))
        if name in numbers
    ]
    return sorted(found, key=lambda size: -(size.row_bytes + size.index_bytes))


_DBSTAT: Final = "ENABLE_DBSTAT_VTAB"
_SQLITE_SIZES: Final = (
    "SELECT m.tbl_name, sum(CASE m.type WHEN 'table' THEN s.pgsize ELSE 0 END),"
    " sum(CASE m.type WHEN 'index' THEN s.pgsize ELSE 0 END)"
    " FROM dbstat s JOIN sqlite_master m ON m.name = s.name"
    " GROUP BY m.tbl_name"
)
_POSTGRES_SIZES: Final = (
    "SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
)


def vacuum(database: Database) -> None:
    """Outside any transaction, keeping nobody waiting. SQLite gives free pages back a few at a
    time; a file from before it could does so once by being copied, writers waiting a second per
    200 MB or so."""
    if database.on_sqlite:
        with closing(database.engine.raw_connection()) as raw:  # SQLAlchemy would begin one
            _vacuum_sqlite(raw.cursor())
        return
    with database.engine.connect() as found:
        conn = found.execution_options(isolation_level="AUTOCOMMIT")
        conn.exec_driver_sql("SET statement_timeout = 0")
        for table in metadata.sorted_tables:
            conn.exec_driver_sql(f'VACUUM (ANALYZE) "{table.name}"')


def _vacuum_sqlite(cursor: DBAPICursor) -> None:
    def ask(statement: str) -> Any:
        cursor.execute(statement)
        return cursor.fetchall()

    if ask("PRAGMA auto_vacuum") != [(INCREMENTAL,)]:
        ask(f"PRAGMA auto_vacuum = {INCREMENTAL}")
        ask("VACUUM")
    while ask("PRAGMA freelist_count")[0][0]:
        ask(f"PRAGMA incremental_vacuum({PAGES_AT_ONCE})")
    ask("PRAGMA wal_checkpoint(TRUNCATE)")
    ask("PRAGMA optimize")
