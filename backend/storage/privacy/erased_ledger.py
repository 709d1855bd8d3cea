"""What has been erased, kept beside the backups: a restored database must not bring it back.

A line a contact: portal, and the keyed hash of its id, which nobody without SESSION_SECRET can
compute. It holds what is obeyed for ever; the rest HubSpot tells again after a restore. A later
line with TAKEN_BACK ends one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from backend import private_files

NAME: Final = "erased.jsonl"
TAKEN_BACK: Final = "taken_back"


def append(folder: str, portal_id: int, macs: Iterable[str], *, taken_back: bool = False) -> None:
    """Add lines; nothing without a folder. Raises OSError."""
    if not folder:
        return
    more = [TAKEN_BACK] if taken_back else []
    with private_files.open_to_append(Path(folder) / NAME) as file:
        file.writelines(json.dumps([portal_id, mac, *more]) + "\n" for mac in macs)


def read(folder: Path) -> dict[int, set[str]]:
    """Hashes by portal; a line that was cut off is left out."""
    found: dict[int, set[str]] = {}
    path = folder / NAME
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            portal_id, mac, *more = json.loads(line)
        except ValueError:
            continue
        macs = found.setdefault(int(portal_id), set())
        if TAKEN_BACK in more:
            macs.discard(str(mac))
        else:
            macs.add(str(mac))
    return found
