"""Who a lead is: name and email as one ciphertext, opened only to show them to a person."""

from __future__ import annotations

import json
from collections.abc import Sequence

from backend.errors import LeadlightError
from backend.model import Person
from backend.security.cipher import Cipher
from backend.storage.database import Connection
from backend.storage.leads import due_leads

PURPOSE = "person"


def of_contact(contact_id: str) -> str:
    """Whose name it is, for `seal` and `unseal`."""
    return f"contact:{contact_id}"


def of_owner(owner_id: str) -> str:
    """The same for an owner, whose ids are numbers of their own."""
    return f"owner:{owner_id}"


def seal(cipher: Cipher, portal_id: int, subject: str, person: Person) -> str:
    """For the column `person_sealed` of the contact or owner that `subject` names: it opens for
    nobody else."""
    text = json.dumps([person.name, person.email], ensure_ascii=False)
    return cipher.seal(text, portal_id=portal_id, purpose=PURPOSE, subject=subject)


def unseal(cipher: Cipher, portal_id: int, subject: str, sealed: str | None) -> Person:
    """Empty when nothing is stored. Raises Undecipherable."""
    if not sealed:
        return Person("", "")
    name, email = json.loads(
        cipher.open(sealed, portal_id=portal_id, purpose=PURPOSE, subject=subject)
    )
    return Person(name, email)


def names(
    conn: Connection, cipher: Cipher, portal_id: int, contact_ids: Sequence[str]
) -> dict[str, str]:
    """Names of contacts that have one; what cannot be opened is left out."""
    found = {}
    for contact_id, sealed in due_leads.people(conn, portal_id, contact_ids).items():
        try:
            found[contact_id] = unseal(cipher, portal_id, of_contact(contact_id), sealed).name
        except LeadlightError:
            continue
    return {contact_id: name for contact_id, name in found.items() if name}
