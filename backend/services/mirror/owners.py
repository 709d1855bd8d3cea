"""Who owns the leads: names for lists and filters, sealed like a lead's; their domains are the
portal's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import structlog

from backend.errors import MissingScopes, UnknownPath
from backend.model import Person
from backend.scoring.facts.eligibility import colleagues_domains
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.leads import people
from backend.storage.portals import owners, portals
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
        owner_id: people.seal(
            product.stores.cipher, portal_id, people.of_owner(owner_id), owner.person
        )
        for owner_id, owner in found.items()
    }
    teams = {owner_id: owner.team for owner_id, owner in found.items()}
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        owners.put(conn, portal_id, sealed, now, teams)
        _own_domains(conn, portal_id, [owner.person for owner in found.values()], now)


def _own_domains(conn: Connection, portal_id: int, found: Iterable[Person], now: datetime) -> None:
    """Where the portal names no domain of its own: those that its owners have addresses at."""
    settings = portals.get(conn, portal_id).settings
    domains = colleagues_domains(person.email for person in found)
    if settings.eligibility.own_domains or not domains:
        return
    rules = replace(settings.eligibility, own_domains=domains)
    portals.set_settings(conn, portal_id, replace(settings, eligibility=rules))
    audit.append(
        conn,
        now=now,
        actor="system:owners",
        action="portal.settings",
        subject=f"portal:{portal_id}",
        portal_id=portal_id,
        detail={"own_domains": list(domains)},
    )
