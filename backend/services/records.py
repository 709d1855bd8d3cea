"""Scores on companies, deals and lead records: which a portal gets, and when they are looked at.

A record's values follow from the scores of its contacts. Whatever may change them marks the record;
`services/scoring/record_values.py` computes them when its write is due, so that nothing can be out
of step with the leads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from backend.clients.hubspot.oauth import RECORD_SCOPES
from backend.model import Mode
from backend.scoring.write_back import names_in_portal
from backend.storage.database import Connection
from backend.storage.leads import mirror
from backend.storage.outbox import writes
from backend.storage.outbox.writes import Queue
from backend.storage.portals.portals import Portal

READY: Final = "record_properties"  # in the installation: names of our properties by object type


def granted(portal: Portal, object_type: str) -> bool:
    """Whether the portal lets us write scores on this type of object."""
    return set(RECORD_SCOPES[object_type]) <= set(portal.scopes)


def queues_of(portal: Portal) -> list[Queue]:
    """The types of object that a portal gets scores on besides contacts: it granted the scopes,
    and the set-up has made the properties."""
    made: Mapping[str, Sequence[str]] = portal.installation.get(READY, {})
    return [
        queue
        for queue in writes.RECORDS
        if granted(portal, queue.object_type)
        and set(names_in_portal(portal.settings, queue.object_type))
        <= set(made.get(queue.object_type, ()))
    ]


def mark(conn: Connection, portal: Portal, contact_ids: Collection[str], due_at: datetime) -> None:
    """The records of these contacts are looked at again; nothing happens unless the portal is
    live."""
    _mark(conn, portal, _records_of(conn, portal, contact_ids), due_at)


@contextmanager
def left_marked(
    conn: Connection, portal: Portal, contact_ids: Collection[str], now: datetime
) -> Iterator[None]:
    """Whatever record one of these contacts leaves meanwhile is looked at again."""
    before = _records_of(conn, portal, contact_ids)
    yield
    after = _records_of(conn, portal, contact_ids) if before else {}
    _mark(conn, portal, {kind: before[kind] - after.get(kind, set()) for kind in before}, now)


def mark_leads(conn: Connection, portal: Portal, lead_ids: Sequence[str], due_at: datetime) -> None:
    """As `mark`, of lead records that were read: their contact or their stage may be another."""
    if portal.settings.mode is Mode.LIVE and writes.LEADS in queues_of(portal):
        writes.mark(conn, writes.LEADS, portal.portal_id, lead_ids, due_at)


def _records_of(
    conn: Connection, portal: Portal, contact_ids: Collection[str]
) -> dict[str, set[str]]:
    if portal.settings.mode is not Mode.LIVE:
        return {}
    types = [queue.object_type for queue in queues_of(portal)]
    return mirror.objects_of(conn, portal.portal_id, sorted(contact_ids), types)


def _mark(
    conn: Connection, portal: Portal, found: Mapping[str, set[str]], due_at: datetime
) -> None:
    for queue in writes.RECORDS:
        object_ids = sorted(found.get(queue.object_type, ()))
        writes.mark(conn, queue, portal.portal_id, object_ids, due_at)
