"""What people set by hand: at most one pin of a lead at a time, each until a moment."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.model import Pin
from backend.slices import slices
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.tables.leads import lead_pins

p = lead_pins.c


@dataclass(frozen=True, slots=True)
class StoredPin:
    """A pin that holds; `pin_id` is what the audit trail calls it."""

    pin_id: str
    kind: str
    reason: str
    until: datetime
    made_by: str
    made_at: datetime


def put(
    conn: Connection,
    portal_id: int,
    contact_id: str,
    kind: str,
    until: datetime,
    reason: str,
    *,
    made_by: str,
    now: datetime,
) -> str:
    """In place of the pin that the lead has. Returns its id."""
    end(conn, portal_id, contact_id, ended_by=made_by, now=now)
    pin_id = secrets.token_hex(8)
    conn.execute(
        sa.insert(lead_pins).values(
            portal_id=portal_id,
            pin_id=pin_id,
            contact_id=contact_id,
            kind=kind,
            reason=reason,
            until=until,
            made_by=made_by,
            made_at=now,
        )
    )
    return pin_id


def end(
    conn: Connection, portal_id: int, contact_id: str, *, ended_by: str, now: datetime
) -> list[str]:
    """The ids of what held until now; [] where nothing did."""
    rows = conn.execute(
        sa.update(lead_pins)
        .where(p.portal_id == portal_id, p.contact_id == contact_id, p.ended_at.is_(None))
        .values(ended_at=now, ended_by=ended_by)
        .returning(p.pin_id)
    )
    return [row.pin_id for row in rows]


def end_over(conn: Connection, now: datetime, ended_by: str) -> list[tuple[int, str]]:
    """(portal, contact) of the pins whose time is over, in all portals; they have ended now."""
    rows = conn.execute(
        sa.update(lead_pins)
        .where(p.ended_at.is_(None), p.until <= now)
        .values(ended_at=now, ended_by=ended_by)
        .returning(p.portal_id, p.contact_id)
    )
    return [(row.portal_id, row.contact_id) for row in rows]


def any_over(conn: Connection, now: datetime) -> bool:
    """Whether the time of a pin is over."""
    query = sa.select(p.pin_id).where(p.ended_at.is_(None), p.until <= now).limit(1)
    return conn.execute(query).first() is not None


def of_lead(conn: Connection, portal_id: int, contact_id: str, now: datetime) -> StoredPin | None:
    """The pin that holds."""
    row = conn.execute(_holding(portal_id, now).where(p.contact_id == contact_id)).first()
    if row is None:
        return None
    return StoredPin(row.pin_id, row.kind, row.reason, row.until, row.made_by, row.made_at)


def holding(
    conn: Connection, portal: Portal, contact_ids: Sequence[str], now: datetime
) -> dict[str, Pin]:
    """By contact, what scoring has to know of the pins that hold."""
    zone = portals.zone(portal)
    found: dict[str, Pin] = {}
    for part in slices(contact_ids):
        for row in conn.execute(_holding(portal.portal_id, now).where(p.contact_id.in_(part))):
            until_on = row.until.astimezone(zone).date()
            found.setdefault(row.contact_id, Pin(row.kind, until_on, row.reason))
    return found


def follow(conn: Connection, portal_id: int, gone: Iterable[str], survivor: str) -> None:
    """Contacts were merged: what was set for them holds for the contact that survives."""
    conn.execute(
        sa.update(lead_pins)
        .where(p.portal_id == portal_id, p.contact_id.in_(sorted(gone)))
        .values(contact_id=survivor)
    )


def _holding(portal_id: int, now: datetime) -> sa.Select[Any]:
    """The newest first: a merge can bring two to one lead."""
    return (
        sa.select(lead_pins)
        .where(p.portal_id == portal_id, p.ended_at.is_(None), p.until > now)
        .order_by(p.made_at.desc(), p.pin_id)
    )
