"""The audit trail: append-only, each row chained to the one before by its hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.security.audit import GENESIS, AuditRow, row_hash
from backend.storage.tables import audit


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
    """Add one row inside the caller's transaction, so that the deed and its record are one."""
    if conn.dialect.name != "sqlite":
        conn.execute(sa.text("LOCK TABLE audit IN EXCLUSIVE MODE"))
    last = conn.execute(
        sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).first()
    row = AuditRow(
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
            hash=row_hash(row),
        )
    )


def listed(
    conn: Connection, portal_id: int, *, before: int | None = None, limit: int = 50
) -> list[AuditRow]:
    """A portal's rows, newest first, those with a smaller number than `before`."""
    query = sa.select(audit).where(audit.c.portal_id == portal_id)
    if before is not None:
        query = query.where(audit.c.seq < before)
    rows = conn.execute(query.order_by(audit.c.seq.desc()).limit(limit))
    return [
        AuditRow(
            seq=r.seq,
            at=r.at,
            portal_id=r.portal_id,
            actor=r.actor,
            action=r.action,
            subject=r.subject,
            detail=r.detail,
            previous_hash=r.previous_hash,
        )
        for r in rows
    ]
