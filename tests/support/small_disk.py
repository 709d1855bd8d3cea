"""A disk that a test can fill: a small tmpfs, with a database of either kind on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tests.conftest import run_on_server

SIZE_MB = 96
TABLESPACE = "small"


class SmallDisk:
    """Mounted at `folder`; `fill` takes all that is left, `free` gives it back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filling = folder / "filling"

    def fill(self) -> None:
        with suppress(OSError), self._filling.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)

    def free(self) -> None:
        self._filling.unlink(missing_ok=True)


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    """Skips the test where mounting is not allowed."""
    folder = Path(tempfile.mkdtemp(prefix="leadlight-disk-"))  # Postgres' user may enter it
    options = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)]
    if subprocess.run(options, capture_output=True, check=False).returncode:
        folder.rmdir()
        pytest.skip("a disk to fill: mounting one needs root")
    folder.chmod(0o755)
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


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
