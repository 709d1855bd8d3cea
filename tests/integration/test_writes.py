"""Writing back: what HubSpot refuses, loses or forgets never doubles and never vanishes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from backend.jobs.score_due import score_due
from backend.jobs.setup import setup
from backend.model import Mode, Urgency
from backend.ports import Update
from backend.services.portals.portal_mode import choose_mode
from backend.storage.leads import due_leads
from backend.storage.outbox import due_rows, writes
from backend.storage.tables.operations import missing_contacts
from tests.integration.conftest import PORTAL, Connected
from tests.integration.routes import score_as
from tests.support.erasing import Interrupted, forget_scores
from tests.support.pipeline import settle
from tests.support.product import changed
from tests.support.writes import batch_calls, counts, fault, write_again

BATCH = "/crm/objects/*/contacts/batch/update"


def make_due(connected: Connected) -> None:
    """Time passes: what was put off is due."""
    with connected.product.stores.database.write() as conn:
        conn.exec_driver_sql("UPDATE pending_writes SET due_at = created_at")


def test_a_lost_answer_is_compared_with_hubspot_before_writing_again(live: Connected) -> None:
    ids = sorted(live.scores())[:10]
    fault(live, effect="drop", path=BATCH, after=True, times=1)
    write_again(live, ids)
    assert counts(live)[0] == 10
    before = batch_calls(live)
    make_due(live)
    live.run()
    assert counts(live) == (0, 0)
    assert batch_calls(live) == before  # HubSpot had them already: nothing was written twice


def test_a_write_that_never_arrived_is_sent_again(live: Connected) -> None:
    ids = sorted(live.scores())[:10]
    fault(live, effect="drop", path=BATCH, times=1)
    write_again(live, ids)
    assert counts(live)[0] == 10
    make_due(live)
    live.run()
    assert counts(live) == (0, 0)


def test_a_deleted_property_is_made_again_once(live: Connected) -> None:
    ids = sorted(live.scores())[:10]
    token = live.product.hubspot.keeper.access_token(PORTAL)
    live.sandbox.api(
        "DELETE", "/crm/properties/2026-09/contacts/ai_lead_fit", token=token
    ).raise_for_status()
    for contact in live.sandbox.portal.stores["contacts"]:
        contact.properties.pop("ai_lead_fit", None)  # as HubSpot shows it then
    write_again(live, ids)
    assert counts(live) == (0, 0)
    assert all(live.properties(c)["ai_lead_fit"] for c in live.scores())


def test_a_lead_that_hubspot_refuses_is_parked_alone_and_replayed(live: Connected) -> None:
    ids = sorted(live.scores())[:10]
    rule = {
        "object_type": "contacts",
        "property": "city",
        "when_property": "jobtitle",
        "when_value": "Refused",
    }
    live.sandbox.control(
        "POST",
        f"/portals/{PORTAL}/contacts/{ids[3]}/properties",
        {"jobtitle": "Refused", "city": ""},
    )
    live.sandbox.control("PUT", f"/portals/{PORTAL}/settings", {"required": [rule]})
    write_again(live, ids)
    assert counts(live) == (0, 1)
    live.sandbox.control("PUT", f"/portals/{PORTAL}/settings", {"required": []})
    with live.product.stores.database.write() as conn:
        assert due_rows.replay(conn, due_rows.WRITES, PORTAL, live.product.stores.clock.now()) == 1
        assert due_rows.replay(conn, due_rows.WRITES, PORTAL, live.product.stores.clock.now()) == 0
    live.run()
    assert counts(live) == (0, 0)


def test_a_contact_deleted_before_its_write_is_forgotten(live: Connected) -> None:
    """Its webhook is lost: HubSpot has to name it as not found twice."""
    ids = sorted(live.scores())[:3]
    live.sandbox.control("PUT", "/faults", {"rules": [{"effect": "webhook_drop"}]})
    live.ui("DELETE", f"/contacts/{ids[1]}")
    write_again(live, ids)
    assert counts(live) == (1, 0)
    assert ids[1] in live.scores()
    with live.product.stores.database.write() as conn:
        long_ago = datetime(2026, 1, 1, tzinfo=UTC)
        conn.execute(sa.update(missing_contacts).values(since=long_ago, due_at=long_ago))
    live.run()
    assert counts(live) == (0, 0)
    assert ids[1] not in live.scores()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_six_failures_park_a_lead_with_its_cause(live: Connected) -> None:
    (contact_id,) = sorted(live.scores())[:1]
    fault(live, effect="error", path="/crm/objects/*/contacts/*", status=503)
    product = live.product
    with product.stores.database.write() as conn:
        now = product.stores.clock.now()
        due_leads.mark_due(
            conn, PORTAL, [contact_id], Urgency.PERSON, now, cause="person", refresh=True
        )
    for _ in range(8):
        with product.stores.database.write() as conn:
            conn.exec_driver_sql("UPDATE leads SET due_at = due_since WHERE due_at IS NOT NULL")
        product.stores.jobs.enqueue("score_due", portal_id=PORTAL, urgency="person")
        live.burst()
    with product.stores.database.read() as conn:
        assert due_leads.parked(conn, PORTAL) == 1
        assert "503" in due_leads.problems(conn, PORTAL, [contact_id])[contact_id]
    live.sandbox.control("DELETE", "/faults")
    with product.stores.database.write() as conn:
        due_leads.replay(conn, PORTAL, product.stores.clock.now())
    settle(live)
    with product.stores.database.read() as conn:
        assert due_leads.parked(conn, PORTAL) == 0


def test_a_portal_that_goes_live_while_a_lead_is_scored_gets_that_score(
    connected: Connected,
) -> None:
    """The set-up queues the score of before; the new one, saved by a batch that began in shadow
    mode, has to follow it."""
    product = connected.product
    contact_id = sorted(connected.scores())[5]
    score_as(connected, {contact_id: 99})
    forget_scores(connected)
    choose_mode(product.stores, PORTAL, Mode.LIVE, actor="operator", unseen=True)
    with product.stores.database.write() as conn:
        now = product.stores.clock.now()
        due_leads.mark_due(
            conn, PORTAL, [contact_id], Urgency.PERSON, now, cause="person", refresh=False
        )
    goes_live = Interrupted(product, lambda: setup(product, PORTAL))
    score_due(changed(product, analyst=goes_live), PORTAL, Urgency.PERSON.value, contact_id)
    settle(connected)
    score = connected.scores()[contact_id].score
    assert score != 99
    assert connected.properties(contact_id)["ai_lead_score"] == str(score)


@pytest.mark.parametrize("sent", ["not yet", "and noted later", "and never noted"])
def test_a_score_that_comes_back_to_what_was_written_takes_back_what_waits(
    live: Connected, sent: str
) -> None:
    """69 is in HubSpot, 57 waits, is on its way, or arrived while its flusher was killed."""
    product = live.product
    contact_id = sorted(live.scores())[0]
    other = {"ai_lead_score": "1", "ai_lead_fit": "Low"}
    forget_scores(live)
    with product.stores.database.write() as conn:
        now = product.stores.clock.now()
        writes.put(conn, PORTAL, {contact_id: other}, now)
        late = writes.due(conn, PORTAL, now)
        due_leads.mark_due(
            conn, PORTAL, [contact_id], Urgency.PERSON, now, cause="person", refresh=False
        )
    if sent != "not yet":
        product.hubspot.crm(PORTAL).update("contacts", [Update(contact_id, other)])
    score_due(product, PORTAL, Urgency.PERSON.value, contact_id)
    if sent == "and noted later":
        with product.stores.database.write() as conn:
            writes.done(conn, PORTAL, [(late[0], now)], now)
    live.run()
    assert counts(live) == (0, 0)
    shown, score = live.properties(contact_id), live.scores()[contact_id]
    assert (shown["ai_lead_score"], shown["ai_lead_fit"]) == (str(score.score), score.band.value)
