"""Names and addresses, opened for somebody whose role may see them."""

from __future__ import annotations

from backend.errors import LeadlightError
from backend.model import Person
from backend.storage import people
from backend.wiring import Product

UNKNOWN = Person("", "")


def person_of(product: Product, portal_id: int, sealed: str | None) -> Person:
    """Empty when nothing is stored, or it does not open."""
    try:
        return people.unseal(product.cipher, portal_id, sealed)
    except LeadlightError:
        return UNKNOWN


def shown_name(person: Person, fallback: str) -> str:
    """The name, else the address, else words that are no bare number."""
    return person.name or person.email or fallback
