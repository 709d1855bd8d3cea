"""Postgres by COPY: one snapshot of every table in one archive, of any server version."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from alembic.util import CommandError
from psycopg import sql
from psycopg.conninfo import make_conninfo

from backend.errors import BadInput
from backend.storage.migrate import upgrade
from backend.storage.tables.base import metadata
from backend.transit import postgres_parameters

MANIFEST: Final = "manifest.json"
_CHUNK: Final = 1 << 20
VERSION_TABLE: Final = "alembic_version"


def dump(url: str, file: Path, now: datetime) -> None:
    """Write every table as of one moment; nobody is kept waiting."""
    with _connected(url) as conn, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        conn.execute("SET LOCAL statement_timeout = 0")
        (revision,) = _one(conn, f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608
        columns = {table: _columns(conn, table) for table in sorted(metadata.tables)}
        about = {"revision": revision, "made_at": now.isoformat(), "columns": columns}
        archive.writestr(MANIFEST, json.dumps(about))
        for table, names in columns.items():
            copy = _copy("COPY {} ({}) TO STDOUT", table, names)
            with (
                archive.open(table, "w", force_zip64=True) as entry,
                conn.cursor().copy(copy) as rows,
            ):
                for part in rows:
                    entry.write(part)


def load(url: str, file: Path) -> None:
    """Drop our tables, make those of the backup's own schema, and fill them. Raises BadInput."""
    about = _manifest(file)
    with _connected(url) as conn:
        for table in (*metadata.tables, VERSION_TABLE):
            conn.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(table)))
    try:
        upgrade(url, about["revision"])
    except CommandError as error:
        raise BadInput(f"{file.name} is from a newer version of the product") from error
    with _connected(url) as conn, zipfile.ZipFile(file) as archive:
        conn.execute("SET LOCAL statement_timeout = 0")
        for table, names in about["columns"].items():
            with (
                archive.open(table) as entry,
                conn.cursor().copy(_copy("COPY {} ({}) FROM STDIN", table, names)) as rows,
            ):
                while part := entry.read(_CHUNK):
                    rows.write(part)
            if "id" in names:
                _go_on_counting(conn, table)


def _manifest(file: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(file) as archive:
            damaged = archive.testzip()
            about: dict[str, Any] = json.loads(archive.read(MANIFEST))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise BadInput(f"{file.name} is damaged: {error}") from error
    if damaged is not None:
        raise BadInput(f"{file.name} is damaged at {damaged}")
    return about


def _connected(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(make_conninfo(**postgres_parameters(url)), prepare_threshold=None)


def _one(conn: psycopg.Connection[Any], query: str) -> Any:
    return conn.execute(query.encode()).fetchone()


def _columns(conn: psycopg.Connection[Any], table: str) -> list[str]:
    rows = conn.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
        "AND NOT attisdropped ORDER BY attnum",
        [table],
    )
    return [name for (name,) in rows]


def _copy(statement: str, table: str, names: list[str]) -> sql.Composed:
    listed = sql.SQL(", ").join(sql.Identifier(name) for name in names)
    return sql.SQL(statement).format(sql.Identifier(table), listed)


def _go_on_counting(conn: psycopg.Connection[Any], table: str) -> None:
    conn.execute(
        sql.SQL(
            "SELECT setval(pg_get_serial_sequence({}, 'id'), COALESCE(max(id), 0) + 1, false) "
            "FROM {}"
        ).format(sql.Literal(table), sql.Identifier(table))
    )
