"""Finding a lead by name without names in the clear: keyed hashes of whole words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.model import Person
from backend.security.lookup import lookup_mac
from backend.storage.database import upsert
from backend.storage.tables.leads import person_words

MAC_DIGITS = 16  # 64 bits: no two words of a portal meet by chance
WORDS_MAX = 12
_SLICE = 400  # words in one IN list
_WORD = re.compile(r"[^\W_]+")


def macs_of(secret: str, portal_id: int, words: Iterable[str]) -> list[str]:
    """One per word; another portal's are others."""
    purpose = f"person word {portal_id}"
    return [lookup_mac(secret, purpose, word)[:MAC_DIGITS] for word in words]


def words_of(person: Person) -> list[str]:
    """The words of the name, the address, and its part before the @."""
    email = person.email.strip().casefold()
    found = [*words_in(person.name), *([email, email.partition("@")[0]] if email else [])]
    return list(dict.fromkeys(found))[:WORDS_MAX]


def words_in(text: str) -> list[str]:
    """What a person types: an address stays whole, anything else is taken word by word."""
    text = text.strip().casefold()
    return [text] if "@" in text else _WORD.findall(text)[:WORDS_MAX]


def put(conn: Connection, portal_id: int, macs: Mapping[str, Sequence[str]]) -> None:
    """Replace the words of these contacts."""
    forget(conn, portal_id, list(macs))
    rows = [
        {"portal_id": portal_id, "contact_id": contact_id, "word_mac": mac}
        for contact_id, found in macs.items()
        for mac in found
    ]
    upsert(conn, person_words, rows, update=())


def forget(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> None:
    """Remove the words of these contacts."""
    if contact_ids:
        conn.execute(
            sa.delete(person_words).where(
                person_words.c.portal_id == portal_id, person_words.c.contact_id.in_(contact_ids)
            )
        )


def present(conn: Connection, portal_id: int, macs: Sequence[str]) -> set[str]:
    """Those of the words that anybody's name has."""
    found: set[str] = set()
    for start in range(0, len(macs), _SLICE):
        rows = conn.execute(
            sa.select(person_words.c.word_mac)
            .where(
                person_words.c.portal_id == portal_id,
                person_words.c.word_mac.in_(macs[start : start + _SLICE]),
            )
            .distinct()
        )
        found.update(row.word_mac for row in rows)
    return found


def matching(portal_id: int, macs: Sequence[str]) -> sa.Select[tuple[str]]:
    """Contacts that have all of these words, as a query."""
    return (
        sa.select(person_words.c.contact_id)
        .where(person_words.c.portal_id == portal_id, person_words.c.word_mac.in_(macs))
        .group_by(person_words.c.contact_id)
        .having(sa.func.count() == len(set(macs)))
    )
