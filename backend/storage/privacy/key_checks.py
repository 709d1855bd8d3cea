"""Which encryption keys this database knows: a wrong one is noticed at start, not at first use."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from backend.errors import BadSettings
from backend.security.cipher import Cipher
from backend.storage.database import Database, upsert
from backend.storage.tables.operations import key_checks


def check(database: Database, cipher: Cipher) -> None:
    """Raises BadSettings for a key that differs from the one that wrote this database, and for
    a database without the current schema. New keys are remembered.
    """
    try:
        with database.read() as conn:
            stored = _stored(conn)
        cipher.compare(stored)
        rows = [
            {"key_id": key_id, "check_value": value}
            for key_id, value in cipher.check_values().items()
            if key_id not in stored
        ]
        if rows:  # a database that takes no writes now lets us start all the same
            with database.write() as conn:
                upsert(conn, key_checks, rows, update=())
    except DBAPIError as error:
        raise BadSettings(
            "the database has no current schema: run `flask --app backend db upgrade`"
        ) from error


def _stored(conn: Connection) -> Mapping[str, str]:
    return {row.key_id: row.check_value for row in conn.execute(sa.select(key_checks))}
