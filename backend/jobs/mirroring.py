"""What the CRM answered becomes mirror rows; names and emails are sealed on the way."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy.engine import Connection

from backend.model import ACTIVITY_TYPES, CrmRecord, Person
from backend.scoring.collect import mirror_record
from backend.storage import leads, mirror
from backend.storage.portals import Portal
from backend.wiring import Product


def keep_contacts(
    conn: Connection, product: Product, portal: Portal, records: Sequence[CrmRecord]
) -> None:
    """Store allow-listed facts, and who the contact is in an encrypted column."""
    kept = []
    people = {}
    for record in records:
        mirrored, person = mirror_record(record, portal.settings)
        kept.append(mirrored)
        if person is not None:
            people[record.object_id] = seal_person(product, portal.portal_id, person)
    mirror.save(conn, portal.portal_id, kept)
    leads.set_people(conn, portal.portal_id, people)


def keep_others(conn: Connection, portal: Portal, records: Sequence[CrmRecord]) -> None:
    """Store companies, deals or activities; an activity is linked to its contacts."""
    mirror.save(
        conn, portal.portal_id, [mirror_record(record, portal.settings)[0] for record in records]
    )
    mirror.link(
        conn,
        portal.portal_id,
        (
            (contact_id, record.object_type, record.object_id)
            for record in records
            if record.object_type in ACTIVITY_TYPES
            for contact_id in record.associations.get("contacts", ())
        ),
    )


def seal_person(product: Product, portal_id: int, person: Person) -> str:
    """Name and email as one ciphertext."""
    text = json.dumps([person.name, person.email], ensure_ascii=False)
    return product.cipher.seal(text, portal_id=portal_id, purpose="person")


def open_person(product: Product, portal_id: int, sealed: str | None) -> Person:
    """The person behind a lead; empty when nothing is stored."""
    if not sealed:
        return Person("", "")
    name, email = json.loads(product.cipher.open(sealed, portal_id=portal_id, purpose="person"))
    return Person(name, email)
