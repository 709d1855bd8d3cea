"""Which encryption keys this database knows: a wrong one is noticed at start, not at first use."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from backend.errors import BadSettings
from backend.security.cipher import Cipher, key_id_of
from backend.storage.database import Database, upsert
from backend.storage.tables.operations import key_checks
from backend.storage.tables.portals import portals


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


def unknown(conn: Connection, cipher: Cipher) -> list[str]:
    """Ids of keys that tokens of portals are sealed with and that ENCRYPTION_KEYS does not have."""
    sealed = conn.execute(sa.select(portals.c.access_token_sealed, portals.c.refresh_token_sealed))
    ids = {key_id_of(text) for row in sealed for text in row if text}
    return sorted(ids - cipher.check_values().keys())


def _stored(conn: Connection) -> Mapping[str, str]:
    return {row.key_id: row.check_value for row in conn.execute(sa.select(key_checks))}
