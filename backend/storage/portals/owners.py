"""The CRM's users that own leads: their names are sealed like a lead's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import LeadlightError
from backend.model import Person
from backend.security.cipher import Cipher
from backend.storage.database import upsert
from backend.storage.leads import people
from backend.storage.tables.portals import owners


def put(conn: Connection, portal_id: int, sealed: Mapping[str, str], now: datetime) -> None:
    """Store or replace."""
    rows = [
        {"portal_id": portal_id, "owner_id": owner_id, "person_sealed": person, "seen_at": now}
        for owner_id, person in sealed.items()
    ]
    upsert(conn, owners, rows)


def sealed(conn: Connection, portal_id: int) -> dict[str, str]:
    """Sealed person by owner id."""
    rows = conn.execute(
        sa.select(owners.c.owner_id, owners.c.person_sealed).where(owners.c.portal_id == portal_id)
    )
    return {row.owner_id: row.person_sealed for row in rows}


def names(conn: Connection, cipher: Cipher, portal_id: int) -> dict[str, str]:
    """The name, else the address, by owner id; one that has neither, or cannot be opened since a
    key was lost, is "Owner 77", so that it hides no page."""
    return {
        owner_id: _name(cipher, portal_id, owner_id, text)
        for owner_id, text in sealed(conn, portal_id).items()
    }


def _name(cipher: Cipher, portal_id: int, owner_id: str, text: str) -> str:
    try:
        one = people.unseal(cipher, portal_id, people.of_owner(owner_id), text)
    except LeadlightError:
        one = Person("", "")
    return one.name or one.email or f"Owner {owner_id}"
