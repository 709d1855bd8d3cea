"""Messages to a portal's own channel: one per lead that became High, digests, Monday summaries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import insert_once
from backend.storage.outbox import due_rows
from backend.storage.outbox.due_rows import NOTIFICATIONS
from backend.storage.tables.outbox import notifications

LEAD, DIGEST, SUMMARY, EMAIL = "lead", "digest", "summary", "email"
REPORTS: Final = frozenset({SUMMARY, EMAIL})  # sent at most once
UNKNOWN: Final = "it was being sent when the process ended: it may have arrived"


@dataclass(frozen=True, slots=True)
class Notification:
    """One message that waits."""

    notification_id: str
    kind: str
    contact_id: str
    attempts: int
    created_at: datetime

    @property
    def as_read(self) -> Mapping[str, str]:
        """Names the row."""
        return {"notification_id": self.notification_id}


def tell_of_lead(
    conn: Connection, portal_id: int, route_id: str, contact_id: str, now: datetime
) -> None:
    """A lead became High; its message has the route's id."""
    _add(conn, portal_id, route_id, LEAD, now, contact_id=contact_id)


def add(conn: Connection, portal_id: int, notification_id: str, kind: str, now: datetime) -> bool:
    """A digest or a summary; False when it is there already."""
    return _add(conn, portal_id, notification_id, kind, now)


def _add(
    conn: Connection,
    portal_id: int,
    notification_id: str,
    kind: str,
    now: datetime,
    *,
    contact_id: str = "",
) -> bool:
    row = {
        "portal_id": portal_id,
        "notification_id": notification_id,
        "kind": kind,
        "contact_id": contact_id,
        "created_at": now,
        "due_at": now,
    }
    return insert_once(conn, notifications, row)


def due(conn: Connection, portal_id: int, now: datetime) -> list[Notification]:
    """All that are due and not in a digest, oldest first."""
    single = notifications.c.digest_id == ""
    rows = due_rows.due(conn, NOTIFICATIONS, portal_id, now, single, limit=None)
    return sorted(
        (_notification(row) for row in rows), key=lambda one: (one.created_at, one.notification_id)
    )


def _notification(row: sa.Row[Any]) -> Notification:
    return Notification(**{n: getattr(row, n) for n in Notification.__dataclass_fields__})


def sent_since(conn: Connection, portal_id: int, since: datetime) -> tuple[int, datetime | None]:
    """(messages about single leads, the last digest's time) of a portal since then."""
    base = sa.and_(
        notifications.c.portal_id == portal_id,
        notifications.c.sent_at > since,
        notifications.c.digest_id == "",
    )
    singles = sa.select(sa.func.count()).select_from(notifications)
    last = sa.select(sa.func.max(notifications.c.sent_at))
    number = conn.execute(singles.where(base, notifications.c.kind == LEAD)).scalar_one()
    digest = conn.execute(last.where(base, notifications.c.kind == DIGEST)).scalar_one()
    return int(number), digest


def gather(
    conn: Connection, portal_id: int, digest_id: str, notification_ids: Collection[str]
) -> None:
    """These are told in a digest, and only there."""
    conn.execute(
        sa.update(notifications)
        .where(
            notifications.c.portal_id == portal_id,
            notifications.c.notification_id.in_(sorted(notification_ids)),
        )
        .values(digest_id=digest_id, due_at=None)
    )


def gathered(conn: Connection, portal_id: int, digest_id: str) -> list[Notification]:
    """What a digest tells of, oldest first; leads erased meanwhile are left out."""
    rows = conn.execute(
        sa.select(notifications)
        .where(notifications.c.portal_id == portal_id, notifications.c.digest_id == digest_id)
        .order_by(notifications.c.created_at, notifications.c.notification_id)
    )
    return [_notification(row) for row in rows]


def begin(conn: Connection, portal_id: int, notification_id: str, now: datetime) -> bool:
    """It is being sent: from here on it counts as failed until `sent` or `unbegin` says otherwise,
    so that a process that dies meanwhile never sends it twice. False where somebody else began."""
    begun = (
        sa.update(notifications)
        .where(
            notifications.c.portal_id == portal_id,
            notifications.c.notification_id == notification_id,
            notifications.c.parked_at.is_(None),
            notifications.c.sent_at.is_(None),
        )
        .values(parked_at=now, problem=UNKNOWN)
    )
    return conn.execute(begun).rowcount > 0


def unbegin(conn: Connection, portal_id: int, notification_id: str) -> None:
    """It certainly did not go out: it waits again."""
    conn.execute(
        sa.update(notifications)
        .where(
            notifications.c.portal_id == portal_id,
            notifications.c.notification_id == notification_id,
        )
        .values(parked_at=None)
    )


def sent(conn: Connection, portal_id: int, notification_id: str, now: datetime) -> None:
    """It is out; with a digest all that it tells of."""
    conn.execute(
        sa.update(notifications)
        .where(
            notifications.c.portal_id == portal_id,
            sa.or_(
                notifications.c.notification_id == notification_id,
                notifications.c.digest_id == notification_id,
            ),
        )
        .values(due_at=None, sent_at=now, parked_at=None, problem="")
    )


def forget(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> None:
    """The lead is no lead any more or erased: nobody is told of it."""
    conn.execute(
        sa.delete(notifications).where(
            notifications.c.portal_id == portal_id, notifications.c.contact_id.in_(contact_ids)
        )
    )


def follow(conn: Connection, portal_id: int, gone: Collection[str], survivor: str) -> None:
    """Contacts were merged: their messages speak of the survivor."""
    conn.execute(
        sa.update(notifications)
        .where(notifications.c.portal_id == portal_id, notifications.c.contact_id.in_(sorted(gone)))
        .values(contact_id=survivor)
    )
