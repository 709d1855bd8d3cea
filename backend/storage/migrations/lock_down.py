"""Postgres as on Supabase: tables in an exposed schema are open to anyone unless locked down.

Tables made by SQL have no row-level security by themselves, and `anon` and `authenticated` start
with grants: both are mended in the same migration that makes a table.
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
            op.execute(
                f"DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') "  # noqa: S608
                f'THEN REVOKE ALL ON "{table}" FROM {role}; END IF; END $$'
            )
