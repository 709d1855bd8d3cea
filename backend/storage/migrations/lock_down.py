"""Postgres as on Supabase: tables in an exposed schema are open to anyone unless locked down.

Tables made by SQL have no row-level security by themselves, and `anon` and `authenticated` start
with grants on them and on their sequences: all are fixed in the same migration that makes a table.
"""

from __future__ import annotations

from collections.abc import Iterable

from alembic import op

_CLIENT_ROLES = ("anon", "authenticated")


def lock_down(tables: Iterable[str]) -> None:
    """Row-level security on, no grants to the client roles where they exist. SQLite: nothing."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        for role in _CLIENT_ROLES:
            op.execute(_revoke(table, role))


def _revoke(table: str, role: str) -> str:
    """All grants on the table and on the sequence of its `id`, where there is one."""
    return f"""
    DO $$ DECLARE numbers text;
    BEGIN
      IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
        REVOKE ALL ON "{table}" FROM {role};
        SELECT pg_get_serial_sequence('"{table}"', attname) INTO numbers FROM pg_attribute
          WHERE attrelid = '"{table}"'::regclass AND attname = 'id' AND NOT attisdropped;
        IF numbers IS NOT NULL THEN EXECUTE 'REVOKE ALL ON SEQUENCE ' || numbers || ' FROM {role}';
        END IF;
      END IF;
    END $$"""  # noqa: S608
