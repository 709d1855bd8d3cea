"""Who gets the weekly report of a portal by email: addresses are kept encrypted."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.tables.outbox import report_recipients

PURPOSE: Final = "report_address"  # what an address is sealed for
r = report_recipients.c


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets the report until they unsubscribe."""

    recipient_id: str
    address_sealed: str
    made_at: datetime
    unsubscribed_at: datetime | None


def new_id() -> str:
    """Sixteen hexadecimal digits: part of the address of the unsubscribe page."""
    return secrets.token_hex(8)


def put(
    conn: Connection, portal_id: int, recipient_id: str, sealed: str, made_by: str, now: datetime
) -> None:
    """One more."""
    conn.execute(
        sa.insert(report_recipients).values(
            portal_id=portal_id,
            recipient_id=recipient_id,
            address_sealed=sealed,
            made_by=made_by,
            made_at=now,
        )
    )


def listed(conn: Connection, portal_id: int) -> list[Recipient]:
    """In the order in which they came."""
    rows = conn.execute(
        sa.select(r.recipient_id, r.address_sealed, r.made_at, r.unsubscribed_at)
        .where(r.portal_id == portal_id)
        .order_by(r.made_at, r.recipient_id)
    )
    return [Recipient(*row) for row in rows]


def get(conn: Connection, portal_id: int, recipient_id: str) -> Recipient | None:
    """None for somebody who was removed."""
    found = (one for one in listed(conn, portal_id) if one.recipient_id == recipient_id)
    return next(found, None)


def remove(conn: Connection, portal_id: int, recipient_id: str) -> bool:
    """False for nobody."""
    gone = sa.delete(report_recipients).where(
        r.portal_id == portal_id, r.recipient_id == recipient_id
    )
    return conn.execute(gone).rowcount > 0


def unsubscribe(conn: Connection, portal_id: int, recipient_id: str, now: datetime) -> bool:
    """False for nobody, and where it was done before."""
    ended = (
        sa.update(report_recipients)
        .where(
            r.portal_id == portal_id,
            r.recipient_id == recipient_id,
            r.unsubscribed_at.is_(None),
        )
        .values(unsubscribed_at=now)
    )
    return conn.execute(ended).rowcount > 0
