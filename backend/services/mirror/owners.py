"""Who owns the leads: names for lists and filters, sealed like a lead's."""

from __future__ import annotations

import structlog

from backend.errors import MissingScopes, UnknownPath
from backend.storage.leads import people
from backend.storage.portals import owners
from backend.wiring import Product

log = structlog.get_logger()


def learn_owners(product: Product, portal_id: int) -> None:
    """One call for up to 500 of them. A refused scope or an unknown path leaves
    leads with their owners' numbers.

    Raises Transient or NeedsReconnect.
    """
    try:
        found = product.hubspot.owners(portal_id).listed()
    except (MissingScopes, UnknownPath) as error:
        log.info("owners_off", portal_id=portal_id, problem=str(error))
        return
    sealed = {
        owner_id: people.seal(product.stores.cipher, portal_id, people.of_owner(owner_id), person)
        for owner_id, person in found.items()
    }
    with product.stores.database.write() as conn:
        owners.put(conn, portal_id, sealed, product.stores.clock.now())
