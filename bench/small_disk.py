"""A small disk to fill: a tmpfs, where this user may mount one."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class SmallDisk:
    """Mounted at `folder`; `fill` takes all that is left, `free` gives it back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filling = folder / "filling"

    def fill(self) -> None:
        """Until nothing more can be written."""
        with suppress(OSError), self._filling.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)

    def free(self) -> None:
        """As before."""
        self._filling.unlink(missing_ok=True)


@contextmanager
def mounted(size_mb: int) -> Iterator[SmallDisk | None]:
    """None where mounting is not allowed."""
    folder = Path(tempfile.mkdtemp(prefix="leadlight-disk-"))  # Postgres' user may enter it
    options = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(folder)]
    try:
        if subprocess.run(options, capture_output=True, check=False).returncode:
            yield None
            return
        folder.chmod(0o755)
        try:
            yield SmallDisk(folder)
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
    finally:
        folder.rmdir()
