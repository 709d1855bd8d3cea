"""What has been erased, kept beside the backups: a restored database must not bring it back.

A line a contact: portal, and the keyed hash of its id, which nobody without SESSION_SECRET can
compute.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

NAME: Final = "erased.jsonl"


def append(folder: str, portal_id: int, macs: Iterable[str]) -> None:
    """Add lines; nothing without a folder. Raises OSError."""
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    handle = os.open(Path(folder) / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w") as file:
        file.writelines(json.dumps([portal_id, mac]) + "\n" for mac in macs)


def read(folder: Path) -> dict[int, set[str]]:
    """Hashes by portal; a line that was cut off is left out."""
    found: dict[int, set[str]] = {}
    path = folder / NAME
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            portal_id, mac = json.loads(line)
        except ValueError:
            continue
        found.setdefault(int(portal_id), set()).add(str(mac))
    return found
