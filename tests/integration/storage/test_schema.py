"""The migrations make exactly the tables that the code speaks of, and lock every one of them."""

from __future__ import annotations

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql

from backend.storage.database import Database
from backend.storage.migrate import SCRIPTS, config, upgrade
from backend.storage.privacy import tombstones
from backend.storage.tables.base import metadata

CLIENT_ROLES = ("anon", "authenticated")
STATEMENTS = ("SELECT * FROM {}", "DELETE FROM {}", "INSERT INTO {} DEFAULT VALUES")


def test_the_migrations_have_one_head() -> None:
    assert len(ScriptDirectory(str(SCRIPTS)).get_heads()) == 1


def test_migrated_tables_are_those_of_the_code(database: Database) -> None:
    with database.read() as conn:
        differences = compare_metadata(MigrationContext.configure(conn), metadata)
    assert differences == []


@pytest.fixture
def exposed_url(postgres_url: str) -> str:
    """A database as Supabase makes it: client roles that start with every grant."""
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        for role in CLIENT_ROLES:
            name = sql.Identifier(role)
            if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
        admin.execute("DROP DATABASE IF EXISTS exposed WITH (FORCE)")
        admin.execute("CREATE DATABASE exposed")
    url = postgres_url.replace("/postgres?", "/exposed?")
    with psycopg.connect(url, autocommit=True) as admin:
        for role in CLIENT_ROLES:
            name = sql.Identifier(role)
            admin.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
            for what in ("TABLES", "SEQUENCES"):
                admin.execute(
                    sql.SQL(
                        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON {} TO {}"
                    ).format(sql.SQL(what), name)
                )
    return url


@pytest.mark.parametrize("role", CLIENT_ROLES)
def test_client_roles_can_neither_read_nor_write_any_table(exposed_url: str, role: str) -> None:
    """Fault tests 105 and 106: with the publishable key every table answers 42501."""

    upgrade(exposed_url)
    with psycopg.connect(exposed_url, autocommit=True) as conn:
        found = conn.execute(
            "SELECT relname, relrowsecurity FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm') "
            "AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    tables = [name for name, _ in found]
    assert [name for name, locked in found if not locked] == []
    assert {*metadata.tables, "alembic_version"} == set(tables)
    with psycopg.connect(exposed_url, user=role, autocommit=True) as client:
        for table in tables:
            name = sql.Identifier(table)
            for statement in STATEMENTS:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    client.execute(sql.SQL(statement).format(name))
        for sequence in ("inbox_events_id_seq", "score_history_id_seq", "access_log_id_seq"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                client.execute("SELECT nextval(%s::regclass)", [sequence])


def test_old_tombstones_know_a_persons_request_by_its_receipt(database: Database) -> None:
    """The rest of them stays unknown, and is obeyed."""
    url = database.engine.url.render_as_string(hide_password=False)
    command.downgrade(config(url), "0009")
    with database.write() as conn:
        for mac in ("asked", "deleted", "other"):
            conn.exec_driver_sql(
                "INSERT INTO tombstones (portal_id, contact_mac, created_at)"  # noqa: S608
                f" VALUES (7, '{mac}', CURRENT_TIMESTAMP)"
            )
        for portal, mac, reason in (
            (7, "asked", "request"),
            (7, "deleted", "deletion"),
            (8, "other", "request"),
        ):
            conn.exec_driver_sql(
                "INSERT INTO erasures (portal_id, receipt_id, contact_mac, requested_by, reason,"  # noqa: S608
                f" detail, requested_at) VALUES ({portal}, '{mac}', '{mac}', 'x', '{reason}',"
                " '{}', CURRENT_TIMESTAMP)"
            )
    upgrade(url)
    with database.read() as conn:
        assert tombstones.by_cause(conn, 7) == {
            "person": ["asked"],
            "unknown": ["deleted", "other"],
        }
