"""Bring accesses from Redis into the database, without ids of contacts erased meanwhile."""

from __future__ import annotations

from collections import defaultdict

from backend.clients import access_buffer
from backend.storage import access_log, held, tombstones
from backend.storage.access_log import Access
from backend.wiring import Product


def carry_accesses(product: Product) -> None:
    """Everything that waits, a thousand at a time."""
    while entries := access_buffer.take(product.redis):
        by_portal: defaultdict[int, list[Access]] = defaultdict(list)
        for entry in entries:
            by_portal[entry[0]].append(Access(*entry))
        for portal_id, accesses in by_portal.items():
            macs = {a.subject: product.tombstone_mac(portal_id, a.subject) for a in accesses}
            with product.database.write() as conn:
                erased = tombstones.present(conn, portal_id, list(macs.values()))
                access_log.add(conn, [_without(a, macs[a.subject] in erased) for a in accesses])


def _without(access: Access, erased: bool) -> Access:
    if not erased:
        return access
    return Access(access.portal_id, access.at, access.actor, access.action, held.ERASED,
                  access.status)  # fmt: skip
