"""The audit trail: append-only, each row chained to the one before by a keyed hash."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.security.audit import GENESIS, SEAL, ChainedRow, row_hash, unkeyed_hash
from backend.slices import SLICE
from backend.storage.database import KEY_OPTION
from backend.storage.tables.access import audit
from backend.storage.tables.portals import members

_CONTACT_KEY = re.compile(r"contact_?ids?$")
_APPENDING = 4_103  # our number among Postgres's advisory locks; a table lock needs UPDATE on it
PERSONAL = ("session.start", "session.end", "user.password")  # of a person, in no portal


def append(
    conn: Connection,
    *,
    now: datetime,
    actor: str,
    action: str,
    subject: str,
    portal_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one row inside the caller's transaction, so that the deed and its record are one.

    The chain's key comes with the connection (`Database(audit_key=…)`). Raises ValueError for the
    id of a contact in the clear: it could not be erased from here.
    """
    if _names_a_contact(detail) or subject.startswith(("lead:", "contact:")):
        raise ValueError(f"{action}: the audit trail takes keyed hashes of contacts' ids only")
    if conn.dialect.name != "sqlite":
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_APPENDING, 0)))
    last = conn.execute(
        sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).first()
    row = ChainedRow(
        seq=1 if last is None else last.seq + 1,
        at=now,
        portal_id=portal_id,
        actor=actor,
        action=action,
        subject=subject,
        detail=dict(detail or {}),
        previous_hash=GENESIS if last is None else last.hash,
    )
    conn.execute(
        sa.insert(audit).values(
            seq=row.seq,
            at=row.at,
            portal_id=row.portal_id,
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            detail=row.detail,
            previous_hash=row.previous_hash,
            hash=row_hash(row, conn.get_execution_options()[KEY_OPTION]),
        )
    )


def of_portal(
    conn: Connection,
    portal_id: int,
    action: str,
    *,
    actor: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """`append` a row about a portal as such."""
    subject = f"portal:{portal_id}"
    append(
        conn,
        now=now,
        actor=actor,
        action=action,
        subject=subject,
        portal_id=portal_id,
        detail=detail,
    )


def _names_a_contact(value: Any, key: str = "") -> bool:
    if isinstance(value, Mapping):
        return any(_names_a_contact(one, str(name)) for name, one in value.items())
    if isinstance(value, list | tuple):
        return any(_names_a_contact(one, key) for one in value)
    return bool(_CONTACT_KEY.search(key)) and str(value).isdigit()


def chain(conn: Connection, *, after_seq: int = 0) -> Iterator[tuple[ChainedRow, str]]:
    """(row, stored hash) in order, read a slice at a time."""
    while True:
        rows = conn.execute(
            sa.select(audit).where(audit.c.seq > after_seq).order_by(audit.c.seq).limit(SLICE)
        ).all()
        for row in rows:
            yield _row(row), row.hash
        if len(rows) < SLICE:
            return
        after_seq = rows[-1].seq


def seal(conn: Connection, now: datetime) -> bool:
    """Cover rows from before there was a key by a first keyed one; False when nothing is to do."""
    newest = conn.execute(sa.select(audit).order_by(audit.c.seq.desc()).limit(1)).first()
    if newest is None or newest.hash != unkeyed_hash(_row(newest)):
        return False
    append(conn, now=now, actor="cli:operator", action=SEAL, subject="audit")
    return True


def last(conn: Connection) -> tuple[int, str] | None:
    """(seq, hash) of the newest row: the anchor to keep elsewhere."""
    row = conn.execute(
        sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).first()
    return None if row is None else (row.seq, row.hash)


def _row(row: sa.Row[Any]) -> ChainedRow:
    return ChainedRow(
        seq=row.seq,
        at=row.at,
        portal_id=row.portal_id,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        detail=row.detail,
        previous_hash=row.previous_hash,
    )


def listed(
    conn: Connection, portal_id: int, *, before: int | None = None, limit: int = 50
) -> list[ChainedRow]:
    """A portal's rows, newest first, those with a smaller number than `before`.

    With them what concerns no portal but a person with a role here, since they have it: sign-ins.
    """
    query = sa.select(audit).where(sa.or_(audit.c.portal_id == portal_id, _of_members(portal_id)))
    if before is not None:
        query = query.where(audit.c.seq < before)
    rows = conn.execute(query.order_by(audit.c.seq.desc()).limit(limit))
    return [_row(row) for row in rows]


def _of_members(portal_id: int) -> sa.ColumnElement[bool]:
    is_member = sa.exists().where(
        members.c.portal_id == portal_id,
        members.c.subject == audit.c.actor,
        members.c.created_at <= audit.c.at,
    )
    return sa.and_(audit.c.portal_id.is_(None), audit.c.action.in_(PERSONAL), is_member)
