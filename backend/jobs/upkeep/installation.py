"""What is looked after for the whole installation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.errors import Conflict
from backend.ports import Clock
from backend.services import audit_anchor
from backend.services.privacy.rotation import rotate
from backend.storage.access import audit
from backend.storage.database import Database
from backend.storage.operations import backup, maintain_tables
from backend.storage.privacy.retention import DELETED_AT_ONCE, RULES, remove_old
from backend.wiring import Product

Still = Callable[[], Any]


def audit_chain(product: Product, _: Still) -> dict[str, Any]:
    """Does the whole chain hold, up to the row remembered outside the database?"""
    breaks = audit_anchor.check(product.stores)
    with product.stores.database.read() as conn:
        last = audit.last(conn)
    return {
        "ok": not breaks,
        "rows": 0 if last is None else last[0],
        "anchor": None if last is None else list(last),
        "breaks": [f"row {found.seq}: {found.problem}" for found in breaks[:5]],
    }


def keys(product: Product, still: Still) -> dict[str, Any]:
    """Seal with the current key what an older one sealed; `keys rotate` does the same at once."""
    try:
        found = rotate(product.stores, still)
    except Conflict as error:
        return {"ok": False, "problem": str(error)}
    return {"ok": not found.unreadable, "resealed": found.resealed, "unreadable": found.unreadable}


def _remove_old(database: Database, clock: Clock, still: Still) -> dict[str, int]:
    """Rows removed by table."""
    removed: dict[str, int] = {}
    for rule in RULES:
        number = DELETED_AT_ONCE
        while number >= DELETED_AT_ONCE:
            still()
            with database.write() as conn:
                number = remove_old(conn, rule, clock.now())
            name = rule.table.name
            removed[name] = removed.get(name, 0) + number
    return {name: number for name, number in removed.items() if number}


def retention(product: Product, still: Still) -> dict[str, Any]:
    """Remove what is past its age."""
    return {
        "ok": True,
        "removed": _remove_old(product.stores.database, product.stores.clock, still),
    }


def make_backup(product: Product, _: Still) -> dict[str, Any]:
    """One more backup in BACKUP_FOLDER."""
    settings = product.stores.settings
    if not settings.backup_folder:
        return {"ok": True, "note": "BACKUP_FOLDER is not set"}
    made = backup.backup(
        settings.database_url, Path(settings.backup_folder), product.stores.clock.now()
    )
    return {"ok": True, "file": made.name, "bytes": made.stat().st_size}


def sizes(product: Product, _: Still) -> dict[str, Any]:
    """Rows by table."""
    with product.stores.database.read() as conn:
        return {"ok": True, "rows": maintain_tables.rows(conn)}


def vacuum(product: Product, _: Still) -> dict[str, Any]:
    """Give space back and count values anew for the query planner."""
    maintain_tables.vacuum(product.stores.database)
    return {"ok": True}
