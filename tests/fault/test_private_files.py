"""What the processes leave on the disk is for their user alone, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.storage.operations import backup
from backend.storage.privacy import erased_ledger
from bench.stage import running
from tests.conftest import until


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """Every file and folder below (and itself) with any right for group or others."""
    return [
        f"{path.relative_to(folder)} {stat.S_IMODE(path.lstat().st_mode):o}"
        for path in (folder, *folder.rglob("*"))
        if not path.is_symlink() and stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]


@pytest.mark.usefixtures("no_umask")
def test_a_demo_with_umask_000_leaves_nothing_that_others_can_read() -> None:
    with running(contacts=20, parts=("valkey", "sandbox", "web", "cron", "worker")) as found:
        folder = found.stage.folder
        url = found.env["DATABASE_URL"]
        backup.backup(url, folder / "backups" / "daily", datetime(2026, 11, 28, tzinfo=UTC))
        erased_ledger.append(str(folder / "backups" / "daily"), 1, ["ab" * 32])
        until(lambda: any((folder / "valkey").rglob("*.aof")))
        made = {path.name for path in folder.rglob("*")}
        assert {"leadlight.db", "leadlight.db-wal", "leadlight.db-shm", "keys.env"} <= made
        assert {"web.log", "erased.jsonl", "appendonlydir"} <= made
        assert open_to_others(folder) == []
