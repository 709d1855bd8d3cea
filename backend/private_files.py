"""Files and folders that only the user of this process can read, whatever the umask."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO, Final

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700


def make_folder(path: Path) -> None:
    """Make it and its missing parents; folders that exist stay as they are. Raises OSError."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    path.chmod(FOLDER_MODE)


def make_file(path: Path) -> None:
    """Make it, and its folder, or take everybody else's access to one that exists. Raises
    OSError."""
    make_folder(path.parent)
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, FILE_MODE))
    if stat.S_IMODE(path.stat().st_mode) != FILE_MODE:
        path.chmod(FILE_MODE)


def open_to_append(path: Path) -> IO[str]:
    """A text file, made where it is missing. Raises OSError."""
    make_file(path)
    return path.open("a", encoding="utf-8")


def open_to_write(path: Path, newline: str | None = None) -> IO[str]:
    """An empty text file in place of what was there. Raises OSError."""
    make_file(path)
    return path.open("w", newline=newline, encoding="utf-8")
