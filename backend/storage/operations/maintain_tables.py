"""Table sizes, and giving space back."""

from __future__ import annotations

from contextlib import closing

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import Database
from backend.storage.tables.base import metadata


def rows(conn: Connection) -> dict[str, int]:
    """Rows by table, empty ones left out."""
    found = {
        table.name: int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
        for table in metadata.sorted_tables
    }
    return {name: number for name, number in found.items() if number}


def vacuum(database: Database) -> None:
    """Outside any transaction. Postgres keeps everybody working; SQLite keeps writers waiting for
    as long as it takes to copy the file, a second per 200 MB or so."""
    if database.on_sqlite:
        with closing(database.engine.raw_connection()) as raw:  # SQLAlchemy would begin one
            for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA optimize"):
                raw.cursor().execute(statement)
        return
    with database.engine.connect() as found:
        conn = found.execution_options(isolation_level="AUTOCOMMIT")
        conn.exec_driver_sql("SET statement_timeout = 0")
        for table in metadata.sorted_tables:
            conn.exec_driver_sql(f'VACUUM (ANALYZE) "{table.name}"')
