"""Erasures that a person asked for: done by a worker, with a receipt of what was erased where."""

from __future__ import annotations

from backend.jobs.erase import erase
from backend.storage import erasures
from backend.wiring import Product


def erase_requested(product: Product, portal_id: int) -> None:
    """Erase every contact that waits for it. Raises Transient while the vector index is away; the
    request then goes on waiting, and the sweep rings again."""
    with product.database.read() as conn:
        waiting = erasures.waiting(conn, portal_id)
    erase(product, portal_id, [r.contact_id for r in waiting if r.contact_id])
