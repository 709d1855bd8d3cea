"""What a change of settings leaves on the audit trail."""

from __future__ import annotations

from backend.security.tombstone import pseudonym
from backend.storage.access import audit
from tests.integration.api.conftest import OWN, Desk
from tests.support.settings_bodies import SETTINGS

CONTACT = "918273645"


def test_excluded_contacts_are_named_by_a_keyed_hash(desk: Desk) -> None:
    """The trail is never erased from, so it must not know their ids."""
    rules = {**SETTINGS["eligibility"], "excluded_contact_ids": [CONTACT]}
    token = desk.token(desk.person("admin"))
    body = {**SETTINGS, "eligibility": rules, "learn_from": None}
    answer = desk.ask("PUT", f"/portals/{OWN}/settings", token, body)
    assert answer.status_code == 200, answer.text
    with desk.product.stores.database.read() as conn:
        row = next(r for r in audit.listed(conn, OWN) if r.action == "portal.settings")
    after = row.detail["eligibility"]["after"]["excluded_contact_ids"]
    assert after == [pseudonym(desk.product.stores.settings.session_secret, OWN, CONTACT)]
    assert CONTACT not in str(row)
