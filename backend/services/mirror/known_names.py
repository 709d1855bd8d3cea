"""Whose names a portal knows: looked for in free texts before they are kept and before they leave.

Names of contacts are compared as keyed hashes of their words (`person_words`), so that no name is
opened for it; those of owners, who are few, are unsealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from backend.model import CrmRecord, Snapshot
from backend.scoring.facts.properties import FREE_TEXT
from backend.scoring.text import redact
from backend.storage.database import Connection
from backend.storage.leads import people, person_words
from backend.storage.portals import owners
from backend.wiring import Stores


def known_names(
    conn: Connection, stores: Stores, portal_id: int, texts: Iterable[str]
) -> frozenset[str]:
    """Folded words of these texts that belong to the name of a contact or owner of the portal."""
    asked = sorted(set().union(*(redact.candidates(text) for text in texts)))
    if not asked:
        return frozenset()
    macs = person_words.macs_of(stores.settings.session_secret, portal_id, asked)
    words = dict(zip(macs, asked, strict=True))
    of_contacts = {words[mac] for mac in person_words.present(conn, portal_id, macs)}
    return frozenset(of_contacts | (_owner_words(conn, stores, portal_id) & set(asked)))


def names_in_records(
    conn: Connection, stores: Stores, portal_id: int, records: Sequence[CrmRecord]
) -> frozenset[str]:
    """The same for the free texts of records as they came; contacts among them count as known."""
    texts = [
        text
        for record in records
        for kind, name in FREE_TEXT.values()
        if kind == record.object_type and (text := record.properties.get(name))
    ]
    if not texts:
        return frozenset()
    new = {
        word
        for record in records
        if record.object_type == "contacts"
        for name in ("firstname", "lastname")
        for word in person_words.words_in(record.properties.get(name) or "")
    }
    return known_names(conn, stores, portal_id, texts) | new


def without_known_names(
    conn: Connection, stores: Stores, portal_id: int, snapshots: Mapping[str, Snapshot]
) -> dict[str, Snapshot]:
    """The snapshots, their free texts without names that became known after they were stored."""
    texts = [text for s in snapshots.values() for text in s.free_text.values()]
    known = known_names(conn, stores, portal_id, texts)
    return {cid: _without(s, known) if s.free_text else s for cid, s in snapshots.items()}


def _without(snapshot: Snapshot, known: frozenset[str]) -> Snapshot:
    texts = {name: redact.personal(text, known=known) for name, text in snapshot.free_text.items()}
    return replace(snapshot, free_text=texts)


def _owner_words(conn: Connection, stores: Stores, portal_id: int) -> set[str]:
    found: set[str] = set()
    for owner_id, sealed in owners.sealed(conn, portal_id).items():
        person = people.unseal(stores.cipher, portal_id, people.of_owner(owner_id), sealed)
        found.update(person_words.words_in(person.name))
    return found
