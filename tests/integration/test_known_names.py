"""Names that the portal knows are in no free text, whoever's record the text stands in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.model import CrmRecord, Person, Snapshot
from backend.services.mirror.known_names import known_names, without_known_names
from backend.services.mirror.mirroring import keep_contacts, prepared
from backend.storage.leads import people
from backend.storage.portals import owners, portals
from tests.integration.conftest import PORTAL, Connected

NOW = datetime(2026, 11, 20, tzinfo=UTC)
KNOWN, OWNER = "Leocadia Barrientes", "Ottokar Butterweck"


def record(kind: str, object_id: str, **properties: str) -> CrmRecord:
    return CrmRecord(kind, object_id, properties, NOW)


@pytest.fixture
def portal_with_people(connected: Connected) -> Connected:
    """A contact and an owner that the portal knows by name."""
    stores = connected.product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    first, last = KNOWN.split()
    contacts = prepared(stores, portal, [record("contacts", "77", firstname=first, lastname=last)])
    sealed = people.seal(stores.cipher, PORTAL, people.of_owner("5"), Person(OWNER, ""))
    with stores.database.write() as conn:
        keep_contacts(conn, stores, portal, contacts)
        owners.put(conn, PORTAL, {"5": sealed}, NOW)
    return connected


def test_descriptions_are_kept_without_contacts_and_owners(portal_with_people: Connected) -> None:
    stores = portal_with_people.product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    text = "We move boxes. Barrientes’ office decides, Butterwecks desk pays."
    (kept,) = prepared(stores, portal, [record("companies", "9", description=text)])
    told = kept.mirrored.facts["text.description"]
    assert "arrientes" not in told and "utterweck" not in told
    assert told.startswith("We move boxes.")


def test_contacts_of_one_page_know_each_other(connected: Connected) -> None:
    stores = connected.product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    page = [
        record("contacts", "81", firstname="Kunegunda", lastname="Ostroróg"),
        record("contacts", "82", message="Ostroróg decides, we need a quote."),
    ]
    _, second = prepared(stores, portal, page)
    assert second.mirrored.facts["text.message"] == "[name] decides, we need a quote."


def test_a_name_that_became_known_later_is_gone_before_a_text_leaves(
    portal_with_people: Connected,
) -> None:
    stores = portal_with_people.product.stores
    stored = Snapshot(
        PORTAL, "1", NOW.date(), {}, free_text={"message": "Barrientes wants a quote."}
    )
    with stores.database.read() as conn:
        found = without_known_names(conn, stores, PORTAL, {"1": stored})
    assert found["1"].free_text == {"message": "[name] wants a quote."}


def test_another_portal_s_names_are_nobody_s_here(portal_with_people: Connected) -> None:
    stores = portal_with_people.product.stores
    with stores.database.read() as conn:
        assert known_names(conn, stores, PORTAL, ["Barrientes is here"]) == {"barrientes"}
        assert known_names(conn, stores, PORTAL + 1, ["Barrientes is here"]) == frozenset()
