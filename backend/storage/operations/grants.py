"""What the product's own role may do in Postgres, when another role owns the tables.

It reads and writes rows. It makes, changes and drops nothing, and of the audit trail it can only
read and add rows.
"""

from __future__ import annotations

from typing import Final

from psycopg import sql
from sqlalchemy.engine import Connection

from backend.errors import BadInput
from backend.storage.operations.backup_postgres import VERSION_TABLE
from backend.storage.tables.access import audit
from backend.storage.tables.base import metadata

_ROWS: Final = "SELECT, INSERT, UPDATE, DELETE"
_APPEND: Final = "SELECT, INSERT"


def grant(conn: Connection, role: str) -> None:
    """Give `role` what the product needs, and take everything else on our tables away from it.

    For the tables' owner; safe to repeat, and needed again after each upgrade. Raises BadInput on
    SQLite, for a role that does not exist, and for one that owns the tables or everything.
    """
    if conn.dialect.name != "postgresql":
        raise BadInput("SQLite has no roles: the file's owner is its only user")
    found = conn.exec_driver_sql(
        "SELECT rolsuper OR pg_has_role(oid, current_user, 'MEMBER') FROM pg_roles "
        "WHERE rolname = %s",
        (role,),
    ).first()
    if found is None:
        raise BadInput(f"there is no role {role!r}: CREATE ROLE {role} LOGIN PASSWORD '…' first")
    if found[0]:
        raise BadInput(f"{role!r} owns the tables, or may act as their owner: use another role")
    for table in (*metadata.tables, VERSION_TABLE):
        for statement in _statements(table, role):
            conn.exec_driver_sql(statement)


def _statements(table: str, role: str) -> list[str]:
    rights = {VERSION_TABLE: "SELECT", audit.name: _APPEND}.get(table, _ROWS)
    names = {
        "table": sql.Identifier(table),
        "role": sql.Identifier(role),
        "policy": sql.Identifier(f"leadlight_{role}"),
        "text": sql.Literal(table),
    }
    lines = [
        "REVOKE ALL ON {table} FROM {role}",
        f"GRANT {rights} ON {{table}} TO {{role}}",
        "DROP POLICY IF EXISTS {policy} ON {table}",
        "CREATE POLICY {policy} ON {table} TO {role} USING (true) WITH CHECK (true)",
    ]
    if table in metadata.tables and "id" in metadata.tables[table].columns:
        lines.append("GRANT USAGE ON SEQUENCE {numbers} TO {role}")
        names["numbers"] = sql.Identifier(f"{table}_id_seq")
    return [sql.SQL(line).format(**names).as_string() for line in lines]
