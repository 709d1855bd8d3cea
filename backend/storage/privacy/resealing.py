"""Key rotation: every sealed value that an older key sealed is sealed with the current one.

So is a value that is not bound to its row yet (`security.cipher`, version 1). Resumable by nature:
what is done needs no rewriting. A value that changed meanwhile is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from backend.errors import Undecipherable
from backend.security.cipher import Cipher
from backend.slices import SLICE
from backend.storage import tables
from backend.storage.access import users
from backend.storage.database import Database
from backend.storage.leads import people
from backend.storage.outbox import report_recipients
from backend.storage.portals import portals
from backend.storage.portals.portals import NOTIFICATION_URL

_SUBJECTS: Final = frozenset({"email_mac"})  # beside the keys, what a value is bound to


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column that holds ciphertext, and what it was sealed for."""

    table: sa.Table
    column: str
    purpose: str
    portal_id: int | None = None  # None: that of the row
    subject: Callable[[Any], str] = lambda row: ""  # to whom in the portal it is bound


COLUMNS: Final = (
    Sealed(tables.portals.portals, "access_token_sealed", "access_token"),
    Sealed(tables.portals.portals, "refresh_token_sealed", "refresh_token"),
    Sealed(
        tables.leads.leads,
        "person_sealed",
        people.PURPOSE,
        subject=lambda row: people.of_contact(row.contact_id),
    ),
    Sealed(
        tables.portals.owners,
        "person_sealed",
        people.PURPOSE,
        subject=lambda row: people.of_owner(row.owner_id),
    ),
    Sealed(
        tables.outbox.report_recipients,
        "address_sealed",
        report_recipients.PURPOSE,
        subject=lambda row: row.recipient_id,
    ),
    Sealed(
        tables.access.users,
        "email_sealed",
        users.PURPOSE,
        users.NO_PORTAL,
        subject=lambda row: row.email_mac,
    ),
    Sealed(
        tables.access.users,
        "totp_sealed",
        users.TOTP,
        users.NO_PORTAL,
        subject=lambda row: row.user_id,
    ),
    Sealed(
        tables.access.user_invitations,
        "email_sealed",
        users.PURPOSE,
        users.NO_PORTAL,
        subject=lambda row: row.email_mac,
    ),
)


@dataclass(frozen=True, slots=True)
class Resealed:
    """`unreadable`: no key in ENCRYPTION_KEYS opens them."""

    resealed: int
    unreadable: int


def reseal_all(database: Database, cipher: Cipher, still: Callable[[], Any]) -> Resealed:
    """Walk every sealed column, a slice a transaction."""
    resealed = unreadable = 0
    for sealed in COLUMNS:
        after: list[Any] | None = None
        while True:
            still()
            done, bad, after = _slice(database, cipher, sealed, after)
            resealed, unreadable = resealed + done, unreadable + bad
            if after is None:
                break
    still()
    done, bad = _notification_urls(database, cipher)
    return Resealed(resealed + done, unreadable + bad)


def _notification_urls(database: Database, cipher: Cipher) -> tuple[int, int]:
    """The one sealed value that lies among a portal's settings: (rewritten, unreadable)."""
    done = bad = 0
    with database.read() as conn:
        sealed = {
            portal.portal_id: portal.settings.routing.notification_url_sealed
            for portal in portals.listed(conn)
        }
    for portal_id, old in sealed.items():
        if not old or not cipher.needs_rewrite(old):
            continue
        try:
            url = cipher.open(old, portal_id=portal_id, purpose=NOTIFICATION_URL)
        except Undecipherable:
            bad += 1
            continue
        with database.write() as conn:
            settings = portals.get(conn, portal_id).settings
            if settings.routing.notification_url_sealed == old:
                anew = cipher.seal(url, portal_id=portal_id, purpose=NOTIFICATION_URL)
                routing = replace(settings.routing, notification_url_sealed=anew)
                portals.set_settings(conn, portal_id, replace(settings, routing=routing))
                done += 1
    return done, bad


def _slice(
    database: Database, cipher: Cipher, sealed: Sealed, after: list[Any] | None
) -> tuple[int, int, list[Any] | None]:
    """(rewritten, unreadable, key of the last row; None at the end)."""
    table, column = sealed.table, sealed.table.c[sealed.column]
    keys = list(table.primary_key.columns)
    others = [c for c in table.columns if c.name in _SUBJECTS and c not in keys]
    query = sa.select(*keys, column.label("sealed"), *others).where(column.is_not(None))
    if after is not None:
        query = query.where(sa.tuple_(*keys) > sa.tuple_(*after))
    with database.read() as conn:
        rows = conn.execute(query.order_by(*keys).limit(SLICE)).all()
    changes, bad = [], 0
    for row in rows:
        portal_id = row.portal_id if sealed.portal_id is None else sealed.portal_id
        if not cipher.needs_rewrite(row.sealed):
            continue
        subject = sealed.subject(row)
        try:
            text = cipher.open(
                row.sealed, portal_id=portal_id, purpose=sealed.purpose, subject=subject
            )
        except Undecipherable:
            bad += 1
            continue
        anew = cipher.seal(text, portal_id=portal_id, purpose=sealed.purpose, subject=subject)
        named = {f"k{i}": value for i, value in enumerate(row[: len(keys)])}
        changes.append(named | {"old": row.sealed, "new": anew})
    if changes:
        _write(database, table, keys, column, changes)
    last = list(rows[-1][: len(keys)]) if len(rows) == SLICE else None
    return len(changes), bad, last


def _write(
    database: Database,
    table: sa.Table,
    keys: list[sa.Column[Any]],
    column: sa.Column[Any],
    changes: list[dict[str, Any]],
) -> None:
    same = [key == sa.bindparam(f"k{i}") for i, key in enumerate(keys)]
    with database.write() as conn:
        conn.execute(
            sa.update(table)
            .where(*same, column == sa.bindparam("old"))
            .values({column.name: sa.bindparam("new")}),
            changes,
        )
