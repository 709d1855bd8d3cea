"""A database in one file and back, on SQLite and Postgres, without any tool beside Python.

What is sealed stays sealed: a backup without ENCRYPTION_KEYS opens no token and no name.
"""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from backend import private_files
from backend.errors import BadInput
from backend.storage.database import normal_url
from backend.storage.migrate import upgrade
from backend.storage.operations.backup_postgres import dump, load

KEPT: Final = 14  # backups in one folder; the oldest goes when a new one comes
PATTERN: Final = "leadlight-*Z.*"
_SQLITE: Final = ".db.gz"
_POSTGRES: Final = ".copy.zip"


def backup(database_url: str, folder: Path, now: datetime) -> Path:
    """A consistent copy while everything runs; readable by its owner alone. Raises BadInput when
    the folder cannot be written."""
    url = normal_url(database_url)
    ending = _SQLITE if url.startswith("sqlite") else _POSTGRES
    final = folder / f"leadlight-{now:%Y%m%dT%H%M%SZ}{ending}"
    unfinished = final.with_name(f".{final.name}")
    try:
        private_files.make_file(unfinished)
        if ending == _SQLITE:
            _dump_sqlite(url, unfinished)
        else:
            dump(url, unfinished, now)
        unfinished.replace(final)
        _drop_old(folder)
    except OSError as error:
        raise BadInput(f"cannot write {folder}: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return final


def restore(database_url: str, file: Path) -> None:
    """Replace everything by what the file holds, then apply newer migrations. Raises BadInput for a
    file that is damaged or of the other kind; the database is then as it was."""
    url = normal_url(database_url)
    on_sqlite = url.startswith("sqlite")
    if not file.name.endswith(_SQLITE if on_sqlite else _POSTGRES):
        kind = "SQLite" if on_sqlite else "Postgres"
        raise BadInput(f"{file.name} is no backup of a {kind} database, which DATABASE_URL names")
    if on_sqlite:
        _load_sqlite(url, file)
    else:
        load(url, file)
    upgrade(database_url)


def newest(folder: Path) -> Path | None:
    """The last backup made there."""
    return max(folder.glob(PATTERN), default=None, key=lambda file: file.name)


def _dump_sqlite(url: str, file: Path) -> None:
    copy = file.with_suffix(".part")
    private_files.make_file(copy)
    try:
        with closing(sqlite3.connect(_path(url))) as source, closing(sqlite3.connect(copy)) as to:
            source.backup(to)
        with copy.open("rb") as plain, gzip.open(file, "wb", compresslevel=3) as packed:
            shutil.copyfileobj(plain, packed, 1 << 20)
    finally:
        copy.unlink(missing_ok=True)


def _load_sqlite(url: str, file: Path) -> None:
    path = Path(_path(url))
    unpacked = path.with_name(f"{path.name}.restored")
    private_files.make_file(unpacked)
    try:
        with gzip.open(file, "rb") as packed, unpacked.open("wb") as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
        with closing(sqlite3.connect(unpacked)) as check:
            if check.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise BadInput(f"{file.name} is damaged")
        for other in ("-wal", "-shm"):  # they belong to what is being replaced
            path.with_name(path.name + other).unlink(missing_ok=True)
        unpacked.replace(path)
    except (EOFError, gzip.BadGzipFile, sqlite3.DatabaseError) as error:
        raise BadInput(f"{file.name} is damaged: {error}") from error
    finally:
        unpacked.unlink(missing_ok=True)


def _path(url: str) -> str:
    return sa.make_url(url).database or ""


def _drop_old(folder: Path) -> None:
    for file in sorted(folder.glob(PATTERN), key=lambda f: f.name)[:-KEPT]:
        file.unlink()
