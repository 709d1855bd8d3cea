"""The one job that erases contacts: those a person asked for, those HubSpot said are gone, and
those that have been missing twice. Everybody else marks them and enqueues it."""

from __future__ import annotations

from contextlib import suppress

from backend.errors import NeedsReconnect
from backend.services.mirror.missing import check_missing
from backend.services.privacy.erase import erase
from backend.storage.privacy import erasures, missing_contacts
from backend.wiring import Product


def erase_requested(product: Product, portal_id: int) -> None:
    """Erase every contact that waits for it, then check the suspected ones and erase those that
    are gone. Raises Transient while the vector index or HubSpot is away; all goes on waiting, and
    the sweep enqueues it again."""
    with product.stores.database.read() as conn:
        waiting = erasures.waiting(conn, portal_id)
    erase(product, portal_id, [r.contact_id for r in waiting if r.contact_id])
    erase_marked(product, portal_id)
    with suppress(NeedsReconnect):
        check_missing(product, portal_id)
    erase_marked(product, portal_id)


def erase_marked(product: Product, portal_id: int) -> None:
    """Erase what is marked as gone, unless it was seen alive or restored meanwhile. Raises like
    `erase`."""
    with product.stores.database.read() as conn:
        told = missing_contacts.told(conn, portal_id)
    for cause in sorted({one.cause for one in told}):
        ids = [one.contact_id for one in told if one.cause == cause]
        erase(product, portal_id, ids, cause, marked=cause)
