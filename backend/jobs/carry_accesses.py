"""Bring accesses from Redis into the database, without ids of contacts erased meanwhile."""

from __future__ import annotations

from collections import defaultdict

import structlog

from backend.clients.redis import access_buffer
from backend.errors import BadInput
from backend.storage.access import access_log
from backend.storage.access.access_log import LoggedAccess
from backend.storage.privacy import personal_data, tombstones
from backend.wiring import Stores

log = structlog.get_logger()


def carry_accesses(stores: Stores) -> None:
    """Everything that waits, a thousand at a time.

    An entry is removed from Redis after it is stored, and stored under its id: a crash between the
    two stores it once all the same. What cannot be an entry is dropped alone and counted.
    """
    while raw := access_buffer.waiting(stores.redis):
        by_portal: defaultdict[int, dict[str, LoggedAccess]] = defaultdict(dict)
        unreadable = 0
        for one in raw:
            try:
                entry_id, entry = access_buffer.read(one)
                by_portal[entry[0]][entry_id] = LoggedAccess(*entry)
            except BadInput:
                unreadable += 1
        for portal_id, accesses in by_portal.items():
            _store(stores, portal_id, accesses)
        if unreadable:
            log.error("accesses_unreadable", entries=unreadable)
            stores.meter.count("accesses_dropped", unreadable)
        if not access_buffer.remove(stores.redis, raw):
            return


def _store(stores: Stores, portal_id: int, accesses: dict[str, LoggedAccess]) -> None:
    macs = {a.subject: stores.tombstone_mac(portal_id, a.subject) for a in accesses.values()}
    with stores.database.write() as conn:
        erased = tombstones.present(conn, portal_id, list(macs.values()))
        kept = {i: _without(a, macs[a.subject] in erased) for i, a in accesses.items()}
        access_log.add_once(conn, kept)


def _without(access: LoggedAccess, erased: bool) -> LoggedAccess:
    if not erased:
        return access
    return LoggedAccess(
        access.portal_id,
        access.at,
        access.actor,
        access.action,
        personal_data.ERASED,
        access.status,
    )
