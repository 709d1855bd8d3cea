"""Pending writes: what HubSpot does not know yet. One row per lead and kind, replaced by newer."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import BATCH_LEADS
from backend.slices import slices
from backend.storage.database import upsert
from backend.storage.outbox import due_rows
from backend.storage.outbox.due_rows import ANEW, WRITES
from backend.storage.tables.outbox import pending_writes, written


@dataclass(frozen=True, slots=True)
class PendingWrite:
    """Property values to set on one contact."""

    contact_id: str
    properties: Mapping[str, str]
    version: str
    unknown_outcome: bool
    attempts: int

    @property
    def as_read(self) -> Mapping[str, str]:
        """Names the row while these values are the newest."""
        return {"contact_id": self.contact_id, "version": self.version}


def due(
    conn: Connection, portal_id: int, now: datetime, *, limit: int = BATCH_LEADS
) -> list[PendingWrite]:
    """Oldest first."""
    return [
        PendingWrite(r.contact_id, r.payload, r.version, r.unknown_outcome, r.attempts)
        for r in due_rows.due(conn, WRITES, portal_id, now, limit=limit)
    ]


def put(
    conn: Connection, portal_id: int, payloads: Mapping[str, Mapping[str, str]], now: datetime
) -> None:
    """Queue new values, replacing older ones that were not written yet."""
    upsert(
        conn,
        pending_writes,
        [
            {
                "portal_id": portal_id,
                "contact_id": contact_id,
                "kind": "score",
                "payload": dict(properties),
                "version": secrets.token_hex(8),
                "created_at": now,
                "due_at": now,
                **ANEW,
            }
            for contact_id, properties in payloads.items()
        ],
    )


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
    conn.execute(
        sa.delete(pending_writes).where(
            pending_writes.c.portal_id == portal_id, pending_writes.c.contact_id.in_(contact_ids)
        )
    )


def done(
    conn: Connection,
    portal_id: int,
    finished: Sequence[tuple[PendingWrite, datetime | None]],
    now: datetime,
) -> None:
    """HubSpot has these values; remembers them with HubSpot's own `updated_at`.

    A row replaced meanwhile stays pending. Where another flusher wrote a newer row before this
    answer came, nobody knows which of the two HubSpot holds: the newer one is written again.
    """
    if not finished:
        return
    pending = _still_pending(conn, portal_id, [write.contact_id for write, _ in finished])
    write_again(conn, portal_id, [w.contact_id for w, _ in finished], now)
    finished = [(write, at) for write, at in finished if write.contact_id in pending]
    known = last_written(conn, portal_id, [write.contact_id for write, _ in finished])
    remember(
        conn,
        portal_id,
        {
            write.contact_id: (
                {**known.get(write.contact_id, ({}, now))[0], **write.properties},
                at,
            )
            for write, at in finished
        },
        now,
    )
    if not finished:
        return
    conn.execute(
        sa.delete(pending_writes).where(
            pending_writes.c.portal_id == portal_id,
            pending_writes.c.contact_id == sa.bindparam("cid"),
            pending_writes.c.version == sa.bindparam("seen"),
        ),
        [{"cid": write.contact_id, "seen": write.version} for write, _ in finished],
    )


def write_again(
    conn: Connection, portal_id: int, contact_ids: Sequence[str], now: datetime
) -> None:
    """Queue what was last written of those of whom nothing waits any more: something older may
    have reached HubSpot after it. Of a contact that was erased nothing is known, nor written."""
    overtaken = sorted(set(contact_ids) - _still_pending(conn, portal_id, contact_ids))
    known = last_written(conn, portal_id, overtaken)
    put(conn, portal_id, {cid: values for cid, (values, _) in known.items()}, now)


def _still_pending(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> set[str]:
    p = pending_writes
    rows = conn.execute(
        sa.select(p.c.contact_id).where(p.c.portal_id == portal_id, p.c.contact_id.in_(contact_ids))
    )
    return {row.contact_id for row in rows}


def remember(
    conn: Connection,
    portal_id: int,
    values: Mapping[str, tuple[Mapping[str, str], datetime | None]],
    now: datetime,
) -> None:
    """What HubSpot holds by our own hand, so that equal values are not written again."""
    upsert(
        conn,
        written,
        [
            {
                "portal_id": portal_id,
                "contact_id": contact_id,
                "payload": dict(properties),
                "crm_updated_at": at,
                "written_at": now,
            }
            for contact_id, (properties, at) in values.items()
        ],
    )


def mark_unknown(
    conn: Connection, portal_id: int, writes: Sequence[PendingWrite], now: datetime
) -> None:
    """The answer never came: they are compared with HubSpot before they are sent again."""
    write_again(conn, portal_id, [write.contact_id for write in writes], now)
    if writes:
        conn.execute(
            sa.update(pending_writes)
            .where(
                pending_writes.c.portal_id == portal_id,
                pending_writes.c.contact_id.in_([w.contact_id for w in writes]),
            )
            .values(unknown_outcome=True)
        )


def last_written(
    conn: Connection, portal_id: int, contact_ids: Sequence[str]
) -> dict[str, tuple[dict[str, str], datetime]]:
    """The values HubSpot got from us, and when."""
    found = {}
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(written).where(
                written.c.portal_id == portal_id,
                written.c.contact_id.in_(part),
            )
        )
        for row in rows:
            found[row.contact_id] = (row.payload, row.written_at)
    return found


def known(conn: Connection, portal_id: int) -> int:
    """Contacts that HubSpot got a score of already."""
    query = sa.select(sa.func.count()).select_from(written).where(written.c.portal_id == portal_id)
    return int(conn.execute(query).scalar_one())


def forget(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> None:
    """The contact is gone: nothing may be written any more."""
    for table in (pending_writes, written):
        conn.execute(
            sa.delete(table).where(
                table.c.portal_id == portal_id, table.c.contact_id.in_(contact_ids)
            )
        )


def forget_written(conn: Connection, portal_id: int) -> None:
    """HubSpot shows none of our values any more, or under other names: all are written again."""
    conn.execute(sa.delete(written).where(written.c.portal_id == portal_id))


def written_at(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> dict[str, datetime]:
    """HubSpot's own time of our last write to each contact, so that it is not taken for news."""
    found: dict[str, datetime] = {}
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(written.c.contact_id, written.c.crm_updated_at).where(
                written.c.portal_id == portal_id,
                written.c.contact_id.in_(part),
                written.c.crm_updated_at.is_not(None),
            )
        )
        found |= {row.contact_id: row.crm_updated_at for row in rows}
    return found
