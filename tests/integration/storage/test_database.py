"""What the two kinds of transaction promise whatever goes wrong inside them."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from backend.storage.database import Database, upsert
from backend.storage.tables.operations import leases


def test_an_error_over_a_half_read_query_leaves_a_connection_that_can_write(
    database: Database,
) -> None:
    """The error is kept, as by whoever tells of it later, and the query's cursor with it."""
    now = datetime(2026, 11, 29, tzinfo=UTC)

    def add(name: str) -> None:
        with database.write() as conn:
            upsert(conn, leases, [{"name": name, "token": "", "expires_at": now}])

    def stumble() -> None:
        with database.read() as conn:
            rows = conn.execute(sa.select(leases))
            for row in rows:
                raise KeyError(row.name)

    add("a")
    add("b")
    kept: list[KeyError] = []
    for name in "cde":
        try:
            stumble()
        except KeyError as error:
            kept.append(error)
        other = Database(str(database.engine.url.render_as_string(hide_password=False)))
        with other.write() as conn:
            upsert(conn, leases, [{"name": "elsewhere", "token": name, "expires_at": now}])
        other.engine.dispose()
        add(name)
    with database.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(leases)).scalar() == 6
    assert len(kept) == 3
