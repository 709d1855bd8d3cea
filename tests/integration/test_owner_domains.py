"""Whoever has an address at the domain of the portal's owners is a colleague, not a lead."""

from __future__ import annotations

from dataclasses import replace

from backend.model import EligibilityRules
from backend.services.mirror.owners import learn_owners
from backend.storage.portals import portals
from tests.integration.conftest import PORTAL, Connected


def test_the_owners_domain_is_the_portal_s_own_unless_an_admin_says_otherwise(
    connected: Connected,
) -> None:
    database = connected.product.stores.database
    with database.write() as conn:
        settings = portals.get(conn, PORTAL).settings
        owners = connected.product.hubspot.owners(PORTAL).listed().values()
        domains = {owner.person.email.rpartition("@")[2] for owner in owners}
        assert set(settings.eligibility.own_domains) == domains
        said = EligibilityRules(own_domains=("acme.example",))
        portals.set_settings(conn, PORTAL, replace(settings, eligibility=said))
    learn_owners(connected.product, PORTAL)
    with database.read() as conn:
        assert portals.get(conn, PORTAL).settings.eligibility == said
