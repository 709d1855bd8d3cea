"""Forgetting a lead: everything, everywhere, also while a job runs on it, with a receipt."""

from __future__ import annotations

import sqlalchemy as sa

from backend.jobs.erase_requested import erase_requested
from backend.jobs.flush_writes import flush_writes
from backend.jobs.score_due import score_due
from backend.model import PortalSettings, Urgency
from backend.scoring.write_back import properties_of
from backend.services.privacy.erase import erase
from backend.storage.access import access_log
from backend.storage.access.access_log import LoggedAccess
from backend.storage.leads import due_leads, feedback, rescores, scores
from backend.storage.outbox import writes
from backend.storage.privacy import erasures, personal_data
from backend.storage.tables.base import metadata
from backend.wiring import Product
from tests.integration.conftest import PORTAL, Connected
from tests.support.commands import ON_SQLITE
from tests.support.erasing import ErasesFirst, forget_scores
from tests.support.pipeline import some_lead
from tests.support.product import changed


def counted(connected: Connected, contact_id: str) -> dict[str, int]:
    with connected.product.stores.database.read() as conn:
        return personal_data.counts(conn, PORTAL, [contact_id]).get(contact_id, {})


def mentions(connected: Connected, contact_id: str) -> list[str]:
    """Every table with a value that holds this id anywhere, in text or packed JSON."""
    found = []
    with connected.product.stores.database.read() as conn:
        for table in metadata.sorted_tables:
            for row in conn.execute(sa.select(table)):
                if contact_id in " ".join(str(value) for value in row):
                    found.append(table.name)
                    break
    return found


def make_it_known_everywhere(connected: Connected, contact_id: str) -> None:
    product, now = connected.product, connected.product.stores.clock.now()
    with product.stores.database.write() as conn:
        feedback.save(conn, PORTAL, contact_id, "u1", feedback.Feedback(True, "", 50), now)
        rescores.ask(conn, PORTAL, contact_id, requested_by="hubspot:1", now=now)
        seen = LoggedAccess(PORTAL, now, "hubspot:1", "GET /card/lead", contact_id, 200)
        access_log.add(conn, [seen])
    product.stores.jobs.enqueue(
        "score_due", portal_id=PORTAL, urgency=Urgency.PERSON.value, contact_id=contact_id
    )


def ask(connected: Connected, contact_id: str) -> erasures.Receipt:
    product = connected.product
    with product.stores.database.write() as conn:
        mac = product.stores.tombstone_mac(PORTAL, contact_id)
        return erasures.request(
            conn,
            PORTAL,
            contact_id,
            mac,
            requested_by="cli:operator",
            reason="request",
            now=product.stores.clock.now(),
        )


def test_an_erased_lead_is_nowhere_and_the_receipt_says_where_it_was(live: Connected) -> None:
    contact_id = some_lead(live)
    make_it_known_everywhere(live, contact_id)
    before = counted(live, contact_id)
    assert {
        "leads",
        "scores",
        "score_history",
        "mirror_objects",
        "feedback",
        "written",
        "rescores",
    } <= set(before)
    asked = ask(live, contact_id)
    erase_requested(live.product, PORTAL)
    assert counted(live, contact_id) == {}
    assert mentions(live, contact_id) == []
    assert live.product.stores.jobs.depth()["person"] == 0
    assert [key for key in live.redis.scan_iter() if contact_id in key.decode()] == []
    with live.product.stores.database.read() as conn:
        receipt = erasures.get(conn, PORTAL, asked.receipt_id)
    assert receipt is not None
    assert receipt.finished_at is not None
    assert receipt.contact_id is None
    assert receipt.detail["erased"] == before
    assert receipt.detail["left"] == {}
    assert set(receipt.detail["vendors_keep"]) == {"hubspot"}


def receipts_of(connected: Connected, contact_id: str) -> list[str]:
    with connected.product.stores.database.read() as conn:
        mac = connected.product.stores.tombstone_mac(PORTAL, contact_id)
        return [receipt.receipt_id for receipt in erasures.of_contact(conn, PORTAL, mac)]


@ON_SQLITE
def test_the_contact_that_hubspot_still_has_stays_forgotten(live: Connected) -> None:
    contact_id = some_lead(live)
    erase(live.product, PORTAL, [contact_id])
    with live.product.stores.database.write() as conn:
        now = live.product.stores.clock.now()
        due_leads.mark_due(
            conn, PORTAL, [contact_id], Urgency.EVENT, now, cause="x", refresh=True, coalesce=False
        )
    live.run()
    assert counted(live, contact_id) == {}
    receipts = receipts_of(live, contact_id)
    erase(live.product, PORTAL, [contact_id])  # once more is quiet
    assert receipts_of(live, contact_id) == receipts


def test_a_lead_erased_while_it_is_scored_leaves_nothing(live: Connected) -> None:
    """Fault test 103: the erasure comes after the lead was read and before its score is saved."""
    product, contact_id = live.product, some_lead(live)
    other = sorted(live.scores())[0]
    with product.stores.database.write() as conn:
        now = product.stores.clock.now()
        due_leads.mark_due(
            conn,
            PORTAL,
            [contact_id, other],
            Urgency.EVENT,
            now,
            cause="event",
            refresh=True,
            coalesce=False,
        )
    erased = changed(product, analyst=ErasesFirst(product, contact_id))
    live.redis.flushall()
    forget_scores(live)
    score_due(erased, PORTAL, Urgency.EVENT.value)
    erase_requested(product, PORTAL)
    assert counted(live, contact_id) == {}
    assert mentions(live, contact_id) == []
    assert other in live.scores()


@ON_SQLITE
def test_a_lead_erased_while_it_is_written_leaves_no_memory_of_the_write(live: Connected) -> None:
    product, contact_id = live.product, some_lead(live)
    with product.stores.database.write() as conn:
        score = scores.current(conn, PORTAL, [contact_id])[contact_id]
        conn.exec_driver_sql("DELETE FROM written")
        writes.put(
            conn,
            PORTAL,
            {contact_id: properties_of(score, PortalSettings())},
            product.stores.clock.now(),
        )
    flush_writes(changed(product, keeper=ErasingKeeper(product, contact_id)), PORTAL)  # type: ignore[arg-type]
    assert counted(live, contact_id) == {}


class ErasingKeeper:
    """Somebody erases the lead when the write is about to be sent."""

    def __init__(self, product: Product, contact_id: str) -> None:
        self._product = product
        self._contact_id = contact_id

    def access_token(self, portal_id: int, *, refused: str | None = None) -> str:
        erase(self._product, PORTAL, [self._contact_id])
        return self._product.hubspot.keeper.access_token(portal_id, refused=refused)


@ON_SQLITE
def test_two_requests_are_one_and_another_portals_receipt_is_not_shown(
    connected: Connected,
) -> None:
    contact_id = some_lead(connected)
    first, second = ask(connected, contact_id), ask(connected, contact_id)
    assert first.receipt_id == second.receipt_id
    with connected.product.stores.database.read() as conn:
        assert erasures.get(conn, PORTAL + 1, first.receipt_id) is None


def test_every_table_about_contacts_is_a_place_that_is_erased() -> None:
    about = {t.name for t in metadata.sorted_tables if "contact_id" in t.c}
    assert about - personal_data.KEPT <= personal_data.places()
