"""Receipts of erasures: what was erased where, under a keyed hash instead of the contact's id."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.tables.operations import erasures


@dataclass(frozen=True, slots=True)
class Receipt:
    """One erasure. `contact_id` is known only until it is done; `detail` counts rows by place."""

    portal_id: int
    receipt_id: str
    contact_mac: str
    contact_id: str | None
    requested_by: str
    reason: str  # "request", "deletion", "merge", "restore"
    detail: Mapping[str, Any]
    requested_at: datetime
    finished_at: datetime | None


def _receipt(row: sa.Row[Any]) -> Receipt:
    return Receipt(**{name: getattr(row, name) for name in Receipt.__dataclass_fields__})


def request(
    conn: Connection,
    portal_id: int,
    contact_id: str,
    contact_mac: str,
    *,
    requested_by: str,
    reason: str,
    now: datetime,
) -> Receipt:
    """Ask for an erasure; a second request while the first waits is the first."""
    e = erasures
    waiting_one = conn.execute(
        sa.select(e).where(
            e.c.portal_id == portal_id,
            e.c.contact_mac == contact_mac,
            e.c.finished_at.is_(None),
        )
    ).first()
    if waiting_one is not None:
        return _receipt(waiting_one)
    made = Receipt(
        portal_id,
        secrets.token_hex(8),
        contact_mac,
        contact_id,
        requested_by,
        reason,
        {},
        now,
        None,
    )
    conn.execute(
        sa.insert(e).values(**{name: getattr(made, name) for name in Receipt.__dataclass_fields__})
    )
    return made


def finish(conn: Connection, receipt: Receipt, detail: Mapping[str, Any], now: datetime) -> None:
    """It is done: the id is forgotten here, too."""
    conn.execute(
        sa.update(erasures)
        .where(
            erasures.c.portal_id == receipt.portal_id,
            erasures.c.receipt_id == receipt.receipt_id,
        )
        .values(detail=dict(detail), finished_at=now)
    )
    conn.execute(
        sa.update(erasures)
        .where(
            erasures.c.portal_id == receipt.portal_id,
            erasures.c.contact_id == receipt.contact_id,
        )
        .values(contact_id=None)
    )


def waiting(conn: Connection, portal_id: int | None = None) -> list[Receipt]:
    """Asked for and not done, oldest first."""
    query = sa.select(erasures).where(erasures.c.finished_at.is_(None))
    if portal_id is not None:
        query = query.where(erasures.c.portal_id == portal_id)
    return [_receipt(row) for row in conn.execute(query.order_by(erasures.c.requested_at))]


def listed(
    conn: Connection, portal_id: int, *, before: Receipt | None = None, limit: int = 50
) -> list[Receipt]:
    """A portal's receipts, newest first; `before` turns the page."""
    e = erasures
    query = sa.select(e).where(e.c.portal_id == portal_id)
    if before is not None:
        place = sa.tuple_(e.c.requested_at, e.c.receipt_id)
        query = query.where(place < (before.requested_at, before.receipt_id))
    newest = query.order_by(e.c.requested_at.desc(), e.c.receipt_id.desc())
    return [_receipt(row) for row in conn.execute(newest.limit(limit))]


def of_contact(conn: Connection, portal_id: int, contact_mac: str) -> list[Receipt]:
    """Every erasure of one contact, newest first."""
    rows = conn.execute(
        sa.select(erasures)
        .where(erasures.c.portal_id == portal_id, erasures.c.contact_mac == contact_mac)
        .order_by(erasures.c.requested_at.desc())
    )
    return [_receipt(row) for row in rows]


def get(conn: Connection, portal_id: int, receipt_id: str) -> Receipt | None:
    """By the number on the receipt."""
    row = conn.execute(
        sa.select(erasures).where(
            erasures.c.portal_id == portal_id, erasures.c.receipt_id == receipt_id
        )
    ).first()
    return None if row is None else _receipt(row)
