"""The product as a Postgres role that does not own its tables (docs/operations.md)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from backend.errors import BadInput
from backend.jobs.forget_portal import KEPT
from backend.jobs.upkeep.maintain import kinds_of
from backend.security.audit import chain_key, verify
from backend.services.privacy.erase import erase
from backend.storage.access import audit
from backend.storage.database import Database
from backend.storage.migrate import upgrade
from backend.storage.operations import backup
from backend.storage.operations.grants import grant
from backend.storage.operations.maintenance import INSTALLATION
from backend.storage.privacy.retention import days_by_table
from backend.storage.tables.base import metadata
from tests.conftest import database_on, run_on_server
from tests.integration.conftest import ENVIRON, PORTAL, running, score_all
from tests.support.maintaining import maintained

OWNER, APP = "leadlight_owner", "leadlight_app"


@dataclass(frozen=True)
class Roles:
    """One database, as its owner and as the product."""

    owner: str
    app: str


@pytest.fixture
def roles(postgres_url: str) -> Iterator[Roles]:
    name = f"owned_{os.getpid()}"
    for statement in (
        f"CREATE ROLE {OWNER} LOGIN",
        f"CREATE ROLE {APP} LOGIN",
        f'CREATE DATABASE "{name}" OWNER {OWNER}',
    ):
        run_on_server(postgres_url, statement)
    url = database_on(postgres_url, name)
    found = Roles(*(url.replace("//postgres:", f"//{role}:") for role in (OWNER, APP)))
    upgrade(found.owner)
    granted(found.owner, APP)
    granted(found.owner, APP)  # as after each upgrade
    yield found
    run_on_server(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')
    for role in (OWNER, APP):
        run_on_server(postgres_url, f"DROP ROLE {role}")


def granted(url: str, role: str) -> None:
    database = Database(url)
    try:
        with database.write() as conn:
            grant(conn, role)
    finally:
        database.engine.dispose()


def test_the_product_runs_as_a_role_that_owns_nothing(
    roles: Roles, valkey_url: str, tmp_path: Path
) -> None:
    with running(roles.app, valkey_url, 60) as found:
        score_all(found)
        found.go_live()
        assert len(found.scores()) > 30
        contact_id = next(iter(found.scores()))
        assert found.properties(contact_id)
        for portal_id in (PORTAL, INSTALLATION):
            for kind in kinds_of(portal_id):
                report = maintained(found.product, portal_id, kind)
                assert [name for name, said in report.body.items() if not said["ok"]] == []
        erase(found.product, PORTAL, [contact_id])
        assert contact_id not in found.scores()
        assert (
            backup.backup(roles.app, tmp_path, found.product.stores.clock.now()).stat().st_size
            > 1_000
        )
        with found.product.stores.database.read() as conn:
            assert verify(audit.chain(conn), chain_key(ENVIRON["SESSION_SECRET"])) == []


def test_that_role_changes_no_table_and_no_row_of_the_audit_trail(roles: Roles) -> None:
    refused = [
        f'{what} "{table}"{rest}'
        for table in (*metadata.tables, "alembic_version")
        for what, rest in (
            ("DROP TABLE", ""),
            ("TRUNCATE", ""),
            ("ALTER TABLE", " ADD COLUMN more int"),
            ("ALTER TABLE", " DISABLE ROW LEVEL SECURITY"),
        )
    ]
    refused += [
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit",
        "UPDATE alembic_version SET version_num = 'x'",
        "CREATE POLICY more ON audit USING (true)",
        "CREATE TABLE more (id int)",
        f"SET ROLE {OWNER}",
    ]
    with psycopg.connect(roles.app, autocommit=True) as conn:
        for statement in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement.encode())


def test_neither_retention_nor_a_forgotten_portal_removes_rows_of_the_audit_trail() -> None:
    assert "audit" not in days_by_table()
    assert "audit" in KEPT


def test_grants_refuse_a_role_that_is_missing_or_owns_the_tables(roles: Roles) -> None:
    with pytest.raises(BadInput, match="no role"):
        granted(roles.owner, "nobody_here")
    for role in (OWNER, "postgres"):
        with pytest.raises(BadInput, match="another role"):
            granted(roles.owner, role)


def test_grants_are_refused_on_sqlite(sqlite_database: Database) -> None:
    with sqlite_database.write() as conn, pytest.raises(BadInput, match="SQLite"):
        grant(conn, APP)
