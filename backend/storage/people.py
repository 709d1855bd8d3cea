"""Who a lead is: name and email as one ciphertext, opened only to show them to a person."""

from __future__ import annotations

import json

from backend.model import Person
from backend.security.cipher import Cipher

PURPOSE = "person"


def seal(cipher: Cipher, portal_id: int, person: Person) -> str:
    """For the column `person_sealed`."""
    text = json.dumps([person.name, person.email], ensure_ascii=False)
    return cipher.seal(text, portal_id=portal_id, purpose=PURPOSE)


def unseal(cipher: Cipher, portal_id: int, sealed: str | None) -> Person:
    """Empty when nothing is stored. Raises Undecipherable."""
    if not sealed:
        return Person("", "")
    name, email = json.loads(cipher.open(sealed, portal_id=portal_id, purpose=PURPOSE))
    return Person(name, email)
