"""Views of the list of leads: named filters that belong to one person in one portal."""

from __future__ import annotations

from typing import Final

from backend.errors import Conflict, NotFound
from backend.storage.access import saved_views
from backend.wiring import Stores

# As the page's address has them. A search for somebody is not kept: a name would stay when its
# contact is erased.
_FILTER: Final = r"(band|owner|source|days|from|to|state|sort)=[A-Za-z0-9_.%+-]{1,200}"
FILTERS_FORM: Final = rf"^{_FILTER}(&{_FILTER})*$"
FILTERS_MAX: Final = 1_000  # characters
VIEWS_MAX: Final = 50  # of one person in one portal


def save(stores: Stores, portal_id: int, subject: str, name: str, filters: str) -> None:
    """Keep filters (of FILTERS_FORM) under a name. Raises Conflict for one view too many."""
    with stores.database.write() as conn:
        known = saved_views.listed(conn, portal_id, subject)
        if name not in known and len(known) >= VIEWS_MAX:
            raise Conflict(f"{VIEWS_MAX} views are kept already: remove one first")
        saved_views.put(conn, portal_id, subject, name, filters, stores.clock.now())


def remove(stores: Stores, portal_id: int, subject: str, name: str) -> None:
    """Forget a view. Raises NotFound."""
    with stores.database.write() as conn:
        if not saved_views.remove(conn, portal_id, subject, name):
            raise NotFound("there is no such view of yours")
