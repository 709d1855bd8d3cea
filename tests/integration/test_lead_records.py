"""HubSpot's lead records (0-136): score, fit and action of their contact, in step with it; merges,
conversion and disqualification respected. SQLite and Postgres."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from backend.learning.data.outcomes import Outcome, Why
from backend.services.learning.labels import contacts_once_leads, labelled
from backend.services.privacy.erase import erase
from backend.storage.leads import mirror
from backend.storage.outbox import writes
from backend.storage.portals import portals
from backend.storage.tables.leads import card_looks
from backend.storage.tables.portals import portals as portals_table
from tests.integration.conftest import PORTAL, Connected
from tests.support.card import ask
from tests.support.pipeline import hear, settle, waiting_events
from tests.support.records import all_due, shown

STAGE = "hs_pipeline_stage"
OBJECTS = "/crm/objects/2026-09/leads"


def contact_of(connected: Connected, lead_id: str) -> str:
    (contact_id,) = connected.sandbox.portal.associations.of("leads", int(lead_id), "contacts")
    return str(contact_id)


def open_lead(connected: Connected) -> str:
    """The id of a lead record that shows a score."""
    return sorted(shown(connected, "leads"))[0]


def set_stage(connected: Connected, lead_id: str, stage: str, **more: str) -> None:
    """What a rep does in HubSpot."""
    before = waiting_events(connected)
    connected.ui("POST", f"/leads/{lead_id}/properties", {STAGE: stage, **more})
    hear(connected, before)
    all_due(connected)


def test_every_open_lead_shows_the_score_of_its_contact(live: Connected) -> None:
    scores = live.scores()
    found = shown(live, "leads")
    for record in live.sandbox.portal.stores["leads"]:
        lead_id = str(record.record_id)
        score = scores.get(contact_of(live, lead_id))
        if score is None or record.properties["hs_lead_is_open"] != "true":
            assert lead_id not in found
        else:
            assert found[lead_id]["ai_lead_score"] == str(score.score)
            assert found[lead_id]["ai_lead_fit"] == score.band.value
            assert found[lead_id].get("ai_next_best_action", "") == score.next_action.value
    assert len(found) > 5


def test_a_new_lead_gets_the_score_of_its_contact(live: Connected) -> None:
    contact_id = sorted(live.scores())[0]
    token = live.product.hubspot.keeper.access_token(PORTAL)
    type_of_tie = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}
    body = {
        "properties": {"hs_lead_name": "Second try"},
        "associations": [{"to": {"id": contact_id}, "types": [type_of_tie]}],
    }
    made = live.sandbox.api("POST", OBJECTS, body, token=token)
    made.raise_for_status()
    before = waiting_events(live)
    live.ui("POST", f"/leads/{made.json()['id']}/properties", {STAGE: "attempting-stage-id"})
    hear(live, before)
    all_due(live)
    score = live.scores()[contact_id].score
    assert shown(live, "leads")[made.json()["id"]]["ai_lead_score"] == str(score)


def test_a_disqualified_lead_shows_nothing_and_a_qualified_one_no_action(live: Connected) -> None:
    lead_id = open_lead(live)
    before = shown(live, "leads")[lead_id]
    set_stage(live, lead_id, "qualified-stage-id")
    kept = {name: before[name] for name in ("ai_lead_score", "ai_lead_fit")}
    assert shown(live, "leads")[lead_id] == kept
    set_stage(live, lead_id, "unqualified-stage-id")
    assert lead_id not in shown(live, "leads")
    set_stage(live, lead_id, "new-stage-id")
    assert shown(live, "leads")[lead_id]["ai_lead_score"] == before["ai_lead_score"]


def test_the_lead_of_a_merged_contact_shows_the_survivors_score(live: Connected) -> None:
    lead_id = open_lead(live)
    gone = contact_of(live, lead_id)
    other = next(one for one in sorted(live.scores()) if one != gone)
    before = waiting_events(live)
    live.ui("POST", f"/contacts/{other}/merge", {"other_id": int(gone)})
    hear(live, before)
    all_due(live)
    survivor = contact_of(live, lead_id)
    assert survivor not in (gone, other)
    assert shown(live, "leads")[lead_id]["ai_lead_score"] == str(live.scores()[survivor].score)


def test_a_lead_without_its_contact_is_emptied_and_a_deleted_one_forgotten(
    live: Connected,
) -> None:
    lead_id, other = sorted(shown(live, "leads"))[:2]
    token = live.product.hubspot.keeper.access_token(PORTAL)
    path = f"/crm/v4/objects/leads/{lead_id}/associations/contacts/{contact_of(live, lead_id)}"
    live.sandbox.api("DELETE", path, token=token).raise_for_status()
    set_stage(live, lead_id, "attempting-stage-id")
    assert lead_id not in shown(live, "leads")
    before = waiting_events(live)
    live.ui("DELETE", f"/leads/{other}")
    hear(live, before)
    with live.product.stores.database.read() as conn:
        assert writes.last_written(conn, PORTAL, [other], queue=writes.LEADS) == {}


def test_nothing_about_the_lead_of_an_erased_contact_is_kept(live: Connected) -> None:
    lead_id = open_lead(live)
    erase(live.product, PORTAL, [contact_of(live, lead_id)])
    with live.product.stores.database.read() as conn:
        assert writes.last_written(conn, PORTAL, [lead_id], queue=writes.LEADS) == {}
        assert mirror.records(conn, PORTAL, "leads", [lead_id]) == {}


def test_a_disqualified_lead_is_an_outcome(live: Connected) -> None:
    lead_id = open_lead(live)
    contact_id = contact_of(live, lead_id)
    set_stage(live, lead_id, "unqualified-stage-id", hs_lead_disqualification_reason="NO_BUDGET")
    stores = live.product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
        assert mirror.records(conn, PORTAL, "leads", [lead_id])[lead_id].facts["reason"] == (
            "No budget"
        )
    past = contacts_once_leads(stores.database, portal, stores.clock.now())
    mine = next(one for one in past if one.history.contact_id == contact_id)
    assert mine.history.disqualified_at is not None
    lost = [
        one
        for _, one in labelled(stores, portal).decided
        if isinstance(one, Outcome) and one.why is Why.DISQUALIFIED
    ]
    assert lost
    assert all(one.result == "lost" for one in lost)
    assert all(one.as_of <= one.decided_at - timedelta(hours=1) for one in lost)


def test_without_the_scope_leads_are_not_read_and_setup_says_so(connected: Connected) -> None:
    with connected.product.stores.database.write() as conn:
        portal = portals.get(conn, PORTAL)
        assert mirror.counts(conn, PORTAL, ["leads"])["leads"] > 5
        kept = [one for one in portal.scopes if not one.startswith("crm.objects.leads")]
        conn.execute(portals_table.update().values(scopes=kept))
    connected.go_live()
    settle(connected)
    assert shown(connected, "leads") == {}
    with connected.product.stores.database.read() as conn:
        why = portals.get(conn, PORTAL).installation["refused_why"]
    assert "crm.objects.leads.write" in why["lead record scores"]


def test_the_card_is_the_contacts_and_says_what_became_of_the_lead(live: Connected) -> None:
    lead_id = open_lead(live)
    contact_id = contact_of(live, lead_id)
    _, theirs = ask(live, f"/card/lead?contactId={contact_id}")
    status, answer = ask(live, f"/card/lead-record?leadId={lead_id}")
    assert (status, answer["ok"], answer["lead"]) == (200, True, theirs["lead"])
    assert (answer["state"], answer["reason"]) == ("open", "")
    reason = {"hs_lead_disqualification_reason": "NO_BUDGET"}
    set_stage(live, lead_id, "unqualified-stage-id", **reason)
    _, answer = ask(live, f"/card/lead-record?leadId={lead_id}")
    assert (answer["state"], answer["reason"]) == ("disqualified", "No budget")
    for odd in ("999999999", "", "1%27", "x"):
        _, answer = ask(live, f"/card/lead-record?leadId={odd}")
        assert answer["code"] == "not_scored"
    _, outsider = ask(live, f"/card/lead-record?leadId={lead_id}", portal_id=PORTAL + 1)
    assert outsider["code"] == "disconnected"


def test_a_look_at_the_lead_record_is_a_look_at_its_contact(live: Connected) -> None:
    lead_id = open_lead(live)
    assert ask(live, f"/card/lead-record?leadId={lead_id}")[0] == 200
    with live.product.stores.database.read() as conn:
        looked_at = conn.execute(sa.select(card_looks.c.contact_id)).scalars().all()
    assert looked_at == [contact_of(live, lead_id)]
