"""Names and addresses, opened for somebody whose role may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backend.errors import LeadlightError
from backend.model import Person
from backend.scoring.text.plain_text import visible
from backend.security.cipher import Cipher
from backend.services.accounts import email_of
from backend.storage.access import users
from backend.storage.database import Connection
from backend.storage.leads import due_leads, people

UNKNOWN = Person("", "")


def person_of(cipher: Cipher, portal_id: int, subject: str, sealed: str | None) -> Person:
    """Empty when nothing is stored, or it does not open. `subject` says of whom, by
    `storage.people.of_contact` or `of_owner`."""
    try:
        return people.unseal(cipher, portal_id, subject, sealed)
    except LeadlightError:
        return UNKNOWN


def shown_name(person: Person, fallback: str) -> str:
    """The name, else the address, else words that are no bare number."""
    return person.name or person.email or fallback


def contact_names(
    conn: Connection, cipher: Cipher, portal_id: int, contact_ids: Sequence[str]
) -> dict[str, str]:
    """By contact id; a contact without a name is "Contact 101"."""
    sealed = due_leads.people(conn, portal_id, contact_ids)
    return {
        one: visible(
            shown_name(
                person_of(cipher, portal_id, people.of_contact(one), sealed.get(one)),
                f"Contact {one}",
            )
        )
        for one in contact_ids
    }


def actor_names(conn: Connection, cipher: Cipher, subjects: Iterable[str]) -> dict[str, str]:
    """People by their address, the product's own hands by what they are."""
    return {subject: _actor(conn, cipher, subject) for subject in set(subjects)}


def _actor(conn: Connection, cipher: Cipher, subject: str) -> str:
    kind, _, name = subject.partition(":")
    if kind != "user":
        named = {
            "cli": "command line",
            "key": f"API key {name}",
            "system": "Leadlight",
            "training": "Leadlight",
        }
        return named.get(kind, name or subject)
    try:
        return email_of(cipher, users.get(conn, name))
    except LeadlightError:
        return "a former user"
