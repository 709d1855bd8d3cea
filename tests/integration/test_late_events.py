"""What comes about an erased contact that HubSpot still has: nothing of it is stored again."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from backend.model import ACTIVITY_TYPES
from backend.services.privacy.erase import erase
from backend.storage import runs
from backend.storage.leads import mirror
from backend.storage.tables.leads import mirror_links
from tests.integration.conftest import PORTAL, Connected
from tests.support.pipeline import hear, settle, some_lead, waiting_events
from tests.support.reconciling import reconcile, silence

MORE = {
    "emails": {"hs_email_direction": "INCOMING_EMAIL", "hs_email_status": "SENT"},
    "tasks": {"hs_task_subject": "Call back"},
}


def happens(connected: Connected, object_type: str, *contacts: str) -> str:
    """A person notes an activity with these contacts; its id."""
    made = connected.ui(
        "POST",
        f"/{object_type}",
        {
            "properties": {
                "hs_timestamp": connected.product.stores.clock.now().isoformat(),
                **MORE.get(object_type, {}),
            },
            "associations": {"contacts": list(contacts)},
        },
    )
    return str(made["id"])


def mirrored(connected: Connected, object_type: str, object_id: str) -> bool:
    with connected.product.stores.database.read() as conn:
        return object_id in mirror.records(conn, PORTAL, object_type, [object_id])


def linked_to(connected: Connected, contact_id: str) -> int:
    k = mirror_links
    query = sa.select(sa.func.count()).where(k.c.contact_id == contact_id)
    with connected.product.stores.database.read() as conn:
        return int(conn.execute(query).scalar_one())


@pytest.fixture
def erased(live: Connected) -> str:
    contact_id = some_lead(live)
    erase(live.product, PORTAL, [contact_id])
    return contact_id


def test_an_activity_of_an_erased_contact_is_not_stored(live: Connected, erased: str) -> None:
    for object_type in ACTIVITY_TYPES:
        events = waiting_events(live)
        made = happens(live, object_type, erased)
        hear(live, events)
        assert not mirrored(live, object_type, made), object_type
    assert linked_to(live, erased) == 0


def test_a_shared_activity_belongs_to_the_other_alone(live: Connected, erased: str) -> None:
    other, events = sorted(live.scores())[8], waiting_events(live)
    made = happens(live, "meetings", erased, other)
    hear(live, events)
    assert mirrored(live, "meetings", made)
    assert linked_to(live, erased) == 0
    with live.product.stores.database.read() as conn:
        assert mirror.contacts_of(conn, PORTAL, "meetings", [made]) == {made: [other]}


def test_an_activity_that_turns_out_to_be_an_erased_contacts_is_forgotten(
    live: Connected, erased: str
) -> None:
    events = waiting_events(live)
    made = happens(live, "calls")
    hear(live, events)
    assert mirrored(live, "calls", made)
    events = waiting_events(live)
    tie = {"to_type": "contacts", "to_id": int(erased)}
    live.ui("POST", f"/calls/{made}/associations", tie)
    hear(live, events)
    assert not mirrored(live, "calls", made)


def test_reconciliation_stores_no_activity_of_an_erased_contact(
    live: Connected, erased: str
) -> None:
    reconcile(live)
    silence(live)
    made = happens(live, "emails", erased)
    reconcile(live)
    assert not mirrored(live, "emails", made)
    assert linked_to(live, erased) == 0


def test_a_deal_of_an_erased_contact_is_not_linked_again(live: Connected, erased: str) -> None:
    events = waiting_events(live)
    live.ui(
        "POST",
        "/deals",
        {"properties": {"dealname": "x"}, "associations": {"contacts": [erased]}},
    )
    hear(live, events)
    reconcile(live)
    assert linked_to(live, erased) == 0


def test_a_new_pull_stores_nothing_of_an_erased_contact(live: Connected, erased: str) -> None:
    made = happens(live, "notes", erased)
    settle(live)
    with live.product.stores.database.write() as conn:
        runs.restart(conn, PORTAL, "pull", live.product.stores.clock.now())
    live.product.stores.jobs.enqueue("pull", portal_id=PORTAL)
    settle(live)
    assert not mirrored(live, "notes", made)
    assert linked_to(live, erased) == 0
