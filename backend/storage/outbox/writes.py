"""Pending writes: what HubSpot does not know yet. One row per record, replaced by newer.

A contact's row holds its values. Those of companies, deals and lead records follow from several
scores, so their rows only say that they are to be computed when their turn comes.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import BATCH_LEADS
from backend.slices import slices
from backend.storage.database import upsert
from backend.storage.outbox import due_rows
from backend.storage.outbox.due_rows import ANEW, Outbox
from backend.storage.tables.outbox import (
    company_written,
    deal_written,
    lead_written,
    written,
)


@dataclass(frozen=True, slots=True)
class Queue:
    """Writes to one type of object, and what was written to it."""

    object_type: str
    box: Outbox
    written: sa.Table

    @property
    def of_contacts(self) -> bool:
        """Whether the rows hold the values; else these are computed when their turn comes."""
        return self.object_type == "contacts"


CONTACTS: Final = Queue("contacts", due_rows.WRITES, written)
COMPANIES: Final = Queue("companies", due_rows.COMPANY_SCORES, company_written)
DEALS: Final = Queue("deals", due_rows.DEAL_SCORES, deal_written)
LEADS: Final = Queue("leads", due_rows.LEAD_SCORES, lead_written)
RECORDS: Final = (COMPANIES, DEALS, LEADS)
QUEUES: Final = {queue.object_type: queue for queue in (CONTACTS, *RECORDS)}


@dataclass(frozen=True, slots=True)
class PendingWrite:
    """Property values to set on one record; `key` is the column with its id."""

    object_id: str
    properties: Mapping[str, str]
    version: str
    unknown_outcome: bool
    attempts: int
    key: str

    @property
    def as_read(self) -> Mapping[str, str]:
        """Names the row while these values are the newest."""
        return {self.key: self.object_id, "version": self.version}


def due(
    conn: Connection,
    portal_id: int,
    now: datetime,
    *,
    limit: int = BATCH_LEADS,
    queue: Queue = CONTACTS,
) -> list[PendingWrite]:
    """Oldest first."""
    key = queue.box.key
    return [
        PendingWrite(r._mapping[key], r.payload, r.version, r.unknown_outcome, r.attempts, key)
        for r in due_rows.due(conn, queue.box, portal_id, now, limit=limit)
    ]


def waiting(
    conn: Connection, portal_id: int, contact_ids: Sequence[str]
) -> dict[str, Mapping[str, str]]:
    """The values that wait, those that failed for good included."""
    table = CONTACTS.box.table
    found: dict[str, Mapping[str, str]] = {}
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(table.c.contact_id, table.c.payload).where(
                table.c.portal_id == portal_id, table.c.contact_id.in_(part)
            )
        )
        found |= {row.contact_id: row.payload for row in rows}
    return found


def put(
    conn: Connection,
    portal_id: int,
    payloads: Mapping[str, Mapping[str, str]],
    now: datetime,
    *,
    queue: Queue = CONTACTS,
) -> None:
    """Queue new values, replacing older ones that were not written yet."""
    upsert(conn, queue.box.table, _rows(queue, portal_id, payloads, now))


def mark(
    conn: Connection, queue: Queue, portal_id: int, object_ids: Sequence[str], due_at: datetime
) -> None:
    """What these records are to show has changed, or may have: it is computed at `due_at`, or
    sooner where they wait already; one that waited longer, after a failure too, is due then."""
    table = queue.box.table
    for part in slices(object_ids):
        rows = _rows(queue, portal_id, {one: {} for one in part}, due_at)
        upsert(conn, table, rows, update=("version", *ANEW))
        conn.execute(
            sa.update(table)
            .where(
                table.c.portal_id == portal_id,
                table.c[queue.box.key].in_(part),
                table.c.due_at > due_at,
            )
            .values(due_at=due_at)
        )


def _rows(
    queue: Queue, portal_id: int, payloads: Mapping[str, Mapping[str, str]], due_at: datetime
) -> list[dict[str, Any]]:
    return [
        {
            "portal_id": portal_id,
            queue.box.key: object_id,
            "payload": dict(properties),
            "version": secrets.token_hex(8),
            "created_at": due_at,
            "due_at": due_at,
            **ANEW,
        }
        for object_id, properties in payloads.items()
    ]


def empty(conn: Connection, portal_id: int, contact_ids: Sequence[str], now: datetime) -> None:
    """These are no leads any more: what HubSpot got from us is emptied, once, and nothing else that
    waits is written."""
    known = last_written(conn, portal_id, contact_ids)
    emptied = {
        contact_id: dict.fromkeys((n for n, value in properties.items() if value), "")
        for contact_id, (properties, _) in known.items()
    }
    emptied = {contact_id: values for contact_id, values in emptied.items() if values}
    forget(conn, portal_id, [cid for cid in contact_ids if cid not in known])
    _drop_pending(conn, portal_id, list(known))
    put(conn, portal_id, emptied, now)


def _drop_pending(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> None:
    table = CONTACTS.box.table
    conn.execute(
        sa.delete(table).where(table.c.portal_id == portal_id, table.c.contact_id.in_(contact_ids))
    )


def done(
    conn: Connection,
    portal_id: int,
    finished: Sequence[tuple[PendingWrite, datetime | None]],
    now: datetime,
    *,
    queue: Queue = CONTACTS,
) -> None:
    """HubSpot has these values; remembers them with HubSpot's own `updated_at`.

    A row replaced meanwhile stays pending. Where another flusher wrote a newer row before this
    answer came, nobody knows which of the two HubSpot holds: the newer one is written again.
    """
    if not finished:
        return
    ids = [write.object_id for write, _ in finished]
    pending = _still_pending(conn, queue, portal_id, ids)
    write_again(conn, portal_id, ids, now, queue=queue)
    finished = [(write, at) for write, at in finished if write.object_id in pending]
    known = last_written(conn, portal_id, [write.object_id for write, _ in finished], queue=queue)
    remember(
        conn,
        portal_id,
        {
            write.object_id: ({**known.get(write.object_id, ({}, now))[0], **write.properties}, at)
            for write, at in finished
        },
        now,
        queue=queue,
    )
    drop(conn, queue, portal_id, [write for write, _ in finished])


def sending(conn: Connection, queue: Queue, portal_id: int, batch: Sequence[PendingWrite]) -> None:
    """Keep in the rows what is about to be sent, unless something newer is wanted by now."""
    table = queue.box.table
    if batch:
        conn.execute(
            sa.update(table)
            .where(
                table.c.portal_id == portal_id,
                table.c[queue.box.key] == sa.bindparam("id_read"),
                table.c.version == sa.bindparam("seen"),
            )
            .values(payload=sa.bindparam("values_sent")),
            [
                {
                    "id_read": write.object_id,
                    "seen": write.version,
                    "values_sent": dict(write.properties),
                }
                for write in batch
            ],
        )


def drop(conn: Connection, queue: Queue, portal_id: int, finished: Sequence[PendingWrite]) -> None:
    """Nothing is to be written any more, unless something newer is wanted by now."""
    table = queue.box.table
    if finished:
        conn.execute(
            sa.delete(table).where(
                table.c.portal_id == portal_id,
                table.c[queue.box.key] == sa.bindparam("id_read"),
                table.c.version == sa.bindparam("seen"),
            ),
            [{"id_read": write.object_id, "seen": write.version} for write in finished],
        )


def write_again(
    conn: Connection,
    portal_id: int,
    object_ids: Sequence[str],
    now: datetime,
    *,
    queue: Queue = CONTACTS,
) -> None:
    """Queue what was last written of those of whom nothing waits any more: something older may
    have reached HubSpot after it. Of a contact that was erased nothing is known, nor written."""
    overtaken = sorted(set(object_ids) - _still_pending(conn, queue, portal_id, object_ids))
    known = last_written(conn, portal_id, overtaken, queue=queue)
    put(conn, portal_id, {one: values for one, (values, _) in known.items()}, now, queue=queue)


def _still_pending(
    conn: Connection, queue: Queue, portal_id: int, object_ids: Sequence[str]
) -> set[str]:
    p, key = queue.box.table, queue.box.table.c[queue.box.key]
    return set(
        conn.execute(
            sa.select(key).where(p.c.portal_id == portal_id, key.in_(object_ids))
        ).scalars()
    )


def remember(
    conn: Connection,
    portal_id: int,
    values: Mapping[str, tuple[Mapping[str, str], datetime | None]],
    now: datetime,
    *,
    queue: Queue = CONTACTS,
) -> None:
    """What HubSpot holds by our own hand, so that equal values are not written again."""
    upsert(
        conn,
        queue.written,
        [
            {
                "portal_id": portal_id,
                queue.box.key: object_id,
                "payload": dict(properties),
                "crm_updated_at": at,
                "written_at": now,
            }
            for object_id, (properties, at) in values.items()
        ],
    )


def mark_unknown(
    conn: Connection,
    portal_id: int,
    writes: Sequence[PendingWrite],
    now: datetime,
    *,
    queue: Queue = CONTACTS,
) -> None:
    """The answer never came: they are compared with HubSpot before they are sent again."""
    ids = [write.object_id for write in writes]
    write_again(conn, portal_id, ids, now, queue=queue)
    table = queue.box.table
    if ids:
        conn.execute(
            sa.update(table)
            .where(table.c.portal_id == portal_id, table.c[queue.box.key].in_(ids))
            .values(unknown_outcome=True)
        )


def last_written(
    conn: Connection, portal_id: int, object_ids: Sequence[str], *, queue: Queue = CONTACTS
) -> dict[str, tuple[dict[str, str], datetime]]:
    """The values HubSpot got from us, and when."""
    table, key = queue.written, queue.written.c[queue.box.key]
    found = {}
    for part in slices(object_ids):
        rows = conn.execute(
            sa.select(key.label("object_id"), table.c.payload, table.c.written_at).where(
                table.c.portal_id == portal_id, key.in_(part)
            )
        )
        for row in rows:
            found[row.object_id] = (row.payload, row.written_at)
    return found


def known(conn: Connection, portal_id: int) -> int:
    """Contacts that HubSpot got a score of already."""
    query = sa.select(sa.func.count()).select_from(written).where(written.c.portal_id == portal_id)
    return int(conn.execute(query).scalar_one())


def forget(
    conn: Connection, portal_id: int, object_ids: Sequence[str], *, queue: Queue = CONTACTS
) -> None:
    """The record is gone: nothing may be written any more."""
    for table in (queue.box.table, queue.written):
        conn.execute(
            sa.delete(table).where(
                table.c.portal_id == portal_id, table.c[queue.box.key].in_(object_ids)
            )
        )


def forget_written(conn: Connection, portal_id: int, *, queue: Queue = CONTACTS) -> None:
    """HubSpot shows none of our values any more, or under other names: all are written again."""
    conn.execute(sa.delete(queue.written).where(queue.written.c.portal_id == portal_id))


def written_at(
    conn: Connection, portal_id: int, object_ids: Sequence[str], *, queue: Queue = CONTACTS
) -> dict[str, datetime]:
    """HubSpot's own time of our last write to each record, so that it is not taken for news."""
    table, key = queue.written, queue.written.c[queue.box.key]
    found: dict[str, datetime] = {}
    for part in slices(object_ids):
        rows = conn.execute(
            sa.select(key.label("object_id"), table.c.crm_updated_at).where(
                table.c.portal_id == portal_id,
                key.in_(part),
                table.c.crm_updated_at.is_not(None),
            )
        )
        found |= {row.object_id: row.crm_updated_at for row in rows}
    return found
