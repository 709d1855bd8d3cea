"""Names and addresses, opened for somebody whose role may see them."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend.errors import LeadlightError
from backend.model import Person
from backend.storage import owners, people
from backend.wiring import Product

UNKNOWN = Person("", "")


def person_of(product: Product, portal_id: int, sealed: str | None) -> Person:
    """Empty when nothing is stored, or it does not open."""
    try:
        return people.unseal(product.cipher, portal_id, sealed)
    except LeadlightError:
        return UNKNOWN


def owner_names(conn: Connection, product: Product, portal_id: int) -> dict[str, str]:
    """By owner id; an owner without a name is "Owner 77"."""
    return {
        owner_id: shown_name(person_of(product, portal_id, sealed), f"Owner {owner_id}")
        for owner_id, sealed in owners.sealed(conn, portal_id).items()
    }


def shown_name(person: Person, fallback: str) -> str:
    """The name, else the address, else words that are no bare number."""
    return person.name or person.email or fallback
