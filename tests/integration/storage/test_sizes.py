"""How large the tables are, and giving back what was deleted. SQLite and Postgres."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from backend.storage.database import Database
from backend.storage.operations.maintain_tables import sizes, vacuum
from backend.storage.tables.leads import leads
from backend.storage.tables.portals import portals

ROWS = 20_000


def fill(database: Database) -> None:
    rows = [{"portal_id": 1, "contact_id": f"contact{number}"} for number in range(ROWS)]
    with database.write() as conn:
        conn.execute(sa.insert(leads), rows)


def pages(database: Database) -> int:
    with database.read() as conn:
        return int(conn.exec_driver_sql("PRAGMA page_count").scalar_one())


def test_the_largest_table_is_named_first_with_its_rows_and_bytes(database: Database) -> None:
    fill(database)
    with database.read() as conn:
        found = sizes(conn)
    assert (found[0].table, found[0].rows) == ("leads", ROWS)
    assert found[0].row_bytes > ROWS * 10
    assert found[0].index_bytes > ROWS * 10
    assert portals.name not in [size.table for size in found]  # nothing is in it


def test_what_was_deleted_is_given_back_and_the_file_is_copied_once_at_most(
    sqlite_database: Database,
) -> None:
    database, said = sqlite_database, []

    @sa.event.listens_for(database.engine, "checkout")
    def hear(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(said.append)

    for _ in range(2):
        before = pages(database)
        fill(database)
        with database.write() as conn:
            conn.execute(sa.delete(leads))
        assert pages(database) > 2 * before
        vacuum(database)
        assert pages(database) <= before * 1.05
    assert said.count("VACUUM") == 1
