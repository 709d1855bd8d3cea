"""A disk that a test can fill: a small tmpfs, with a database of either kind on it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from bench.small_disk import SmallDisk, mounted
from tests.conftest import run_on_server

SIZE_MB = 96
TABLESPACE = "small"


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    """Skips the test where mounting is not allowed."""
    with mounted(SIZE_MB) as disk:
        if disk is None:
            pytest.skip("a disk to fill: mounting one needs root")
        yield disk


@contextmanager
def tablespace(disk: SmallDisk, server_url: str) -> Iterator[str]:
    """Postgres' databases can be made on the small disk by this name."""
    place = disk.folder / "postgres"
    place.mkdir()
    with psycopg.connect(server_url) as admin:
        data = admin.execute("SHOW data_directory").fetchall()[0][0]
    owner = os.stat(data)
    os.chown(place, owner.st_uid, owner.st_gid)
    run_on_server(server_url, f"CREATE TABLESPACE {TABLESPACE} LOCATION '{place}'")
    try:
        yield TABLESPACE
    finally:
        disk.free()
        with psycopg.connect(server_url, autocommit=True) as admin:
            names = admin.execute(
                "SELECT datname FROM pg_database d JOIN pg_tablespace t ON t.oid = dattablespace"
                " WHERE spcname = %s",
                (TABLESPACE,),
            ).fetchall()
            for (name,) in names:
                admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            admin.execute(f"DROP TABLESPACE {TABLESPACE}")


def sqlite_on(disk: SmallDisk, template: Path, name: str) -> str:
    """The address of a copy of `template` on the disk."""
    folder = disk.folder / name
    folder.mkdir()
    shutil.copyfile(template, folder / "leadlight.db")
    return f"sqlite:///{folder / 'leadlight.db'}"
