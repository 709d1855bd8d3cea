"""The whole street against a running sandbox, on SQLite and Postgres, with a real queue."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import sqlalchemy as sa

from backend.model import Mode, Score, Urgency
from backend.services.scoring.snapshots import load
from backend.storage.leads import due_leads, mirror, scores
from backend.storage.outbox import due_rows
from backend.storage.portals import portals
from backend.storage.tables.leads import mirror_objects
from tests.integration.conftest import PORTAL, Connected
from tests.support.contradictions import contradictions
from tests.support.pipeline import hear, settle, some_lead, waiting_events
from tests.support.recorded import not_recorded


def engagement(score: Score) -> int:
    return sum(f.points for f in score.factors if f.group == "engagement")


def test_every_eligible_contact_is_scored_and_factors_add_up(connected: Connected) -> None:
    found = connected.scores()
    with connected.product.stores.database.read() as conn:
        assert (
            len(found) + due_leads.ineligible(conn, PORTAL) == due_leads.count(conn, PORTAL) == 60
        )
        assert connected.unfinished() == 0
    assert len(found) > 30
    assert all(s.score == 50 + sum(f.points for f in s.factors) for s in found.values())
    assert len({s.score for s in found.values()}) > 10


def test_shadow_writes_nothing_and_live_writes_everything(connected: Connected) -> None:
    found = connected.scores()
    assert all(connected.properties(cid) == {} for cid in found)
    connected.go_live()
    for contact_id, score in found.items():
        written = connected.properties(contact_id)
        assert written["ai_lead_score"] == str(score.score)
        assert written["ai_lead_fit"] == score.band.value
        assert written.get("ai_next_best_action", "") == score.next_action.value
        assert written["ai_lead_reasoning"]
    with connected.product.stores.database.read() as conn:
        assert due_rows.count(conn, due_rows.WRITES, PORTAL) == 0


def test_a_changed_company_is_scored_again_through_its_webhook(live: Connected) -> None:
    contact_id = some_lead(live)
    with live.product.stores.database.read() as conn:
        linked = mirror.linked_records(conn, PORTAL, [contact_id])[contact_id]
    company = next(r.object_id for r in linked if r.object_type == "companies")
    before = live.scores()[contact_id]
    events = waiting_events(live)
    live.ui("POST", f"/companies/{company}/properties", {"numberofemployees": "7"})
    hear(live, events)
    after = live.scores()[contact_id]
    assert after.input_hash != before.input_hash
    assert {f.value for f in after.factors if f.field == "company_size"} == {"7"}
    assert live.properties(contact_id)["ai_lead_score"] == str(after.score)


def test_a_reply_reaches_its_lead_and_adds_points(live: Connected) -> None:
    contact_id = min(live.scores(), key=lambda c: (engagement(live.scores()[c]), c))
    before = live.scores()[contact_id]
    events = waiting_events(live)
    live.ui(
        "POST",
        "/emails",
        {
            "properties": {
                "hs_timestamp": datetime.now(UTC).isoformat(),
                "hs_email_direction": "INCOMING_EMAIL",
                "hs_email_status": "SENT",
            },
            "associations": {"contacts": [contact_id]},
        },
    )
    hear(live, events)
    after = live.scores()[contact_id]
    assert engagement(after) > engagement(before)


def test_our_own_writes_come_back_and_are_ignored(live: Connected) -> None:
    live.sandbox.control("POST", "/webhooks/flush", {})
    time.sleep(0.3)
    assert live.unfinished() == 0
    assert waiting_events(live) == 0


def test_reading_every_lead_again_changes_no_score(live: Connected) -> None:
    """What events read is what the pull read."""
    before = live.scores()
    with live.product.stores.database.write() as conn:
        now = live.product.stores.clock.now()
        due_leads.mark_due(
            conn, PORTAL, list(before), Urgency.EVENT, now, cause="event", refresh=True
        )
    live.product.stores.jobs.enqueue("score_due", portal_id=PORTAL, urgency="event")
    live.run()
    assert live.unfinished() == 0
    after = live.scores()
    assert {c: (s.score, s.reasoning) for c, s in after.items()} == {
        c: (s.score, s.reasoning) for c, s in before.items()
    }


def test_an_unchanged_lead_is_not_written_again(live: Connected) -> None:
    contact_id = some_lead(live)
    stamp = live.properties(contact_id)
    with live.product.stores.database.write() as conn:
        now = live.product.stores.clock.now()
        due_leads.mark_due(
            conn, PORTAL, [contact_id], Urgency.PERSON, now, cause="person", refresh=True
        )
    live.product.stores.jobs.enqueue("score_due", portal_id=PORTAL, urgency="person")
    live.run()
    assert live.unfinished() == 0
    assert live.properties(contact_id) == stamp
    with live.product.stores.database.read() as conn:
        (row,) = scores.history(conn, PORTAL, contact_id)
    assert row["body"].keys() == {"factors", "chance"}  # the rest is read of the newest score only


def test_a_deleted_contact_is_forgotten_and_late_events_do_not_bring_it_back(
    live: Connected,
) -> None:
    contact_id = some_lead(live)
    events = waiting_events(live)
    live.ui("DELETE", f"/contacts/{contact_id}")
    hear(live, events)
    assert contact_id not in live.scores()
    from backend.web.hubspot.events import parse
    from backend.web.hubspot.webhooks import accept

    late = parse(
        0,
        {
            "eventId": 9,
            "subscriptionId": 1,
            "portalId": PORTAL,
            "occurredAt": 1_700_000_000_000,
            "subscriptionType": "object.propertyChange",
            "objectTypeId": "0-1",
            "objectId": int(contact_id),
            "propertyName": "jobtitle",
        },
    )
    accept(live.product.stores, [late])
    with live.product.stores.database.read() as conn:
        assert due_leads.row(conn, PORTAL, contact_id) is None


def test_an_emptied_redis_loses_nothing(connected: Connected) -> None:
    ids = sorted(connected.scores())
    with connected.product.stores.database.write() as conn:
        now = connected.product.stores.clock.now()
        due_leads.mark_due(conn, PORTAL, ids, Urgency.EVENT, now, cause="event", refresh=False)
    connected.product.stores.jobs.enqueue("score_due", portal_id=PORTAL, urgency="event")
    connected.redis.flushall()
    settle(connected)


def test_a_paused_portal_keeps_its_leads_due(connected: Connected) -> None:
    connected.set_mode(Mode.PAUSED)
    ids = sorted(connected.scores())[:3]
    with connected.product.stores.database.write() as conn:
        now = connected.product.stores.clock.now()
        due_leads.mark_due(conn, PORTAL, ids, Urgency.PERSON, now, cause="person", refresh=False)
    connected.run()
    assert connected.unfinished() == 3
    connected.set_mode(Mode.SHADOW)
    connected.run()
    assert connected.unfinished() == 0


def test_one_bad_lead_does_not_sink_its_batch(connected: Connected) -> None:
    ids = sorted(connected.scores())[:5]
    poison = ids[2]
    with connected.product.stores.database.write() as conn:
        conn.execute(
            sa.update(mirror_objects)
            .where(mirror_objects.c.object_type == "contacts", mirror_objects.c.object_id == poison)
            .values(facts={"created_on": 5})
        )
        now = connected.product.stores.clock.now()
        due_leads.mark_due(conn, PORTAL, ids, Urgency.PERSON, now, cause="person", refresh=False)
    before = connected.scores()
    connected.product.stores.jobs.enqueue("score_due", portal_id=PORTAL, urgency="person")
    connected.run()
    after = connected.scores()
    assert all(after[c].scored_at > before[c].scored_at for c in ids if c != poison)
    with connected.product.stores.database.read() as conn:
        row = due_leads.row(conn, PORTAL, poison)
    assert row is not None
    assert row["problem"] or row["due_at"] is None


def test_no_lead_of_the_portal_has_an_action_that_contradicts_its_record(
    connected: Connected,
) -> None:
    found = connected.scores()
    with connected.product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
        snapshots = load(conn, portal, list(found), connected.product.stores.clock.now())
    wrong = {cid: w for cid, s in found.items() if (w := contradictions(snapshots[cid], s))}
    assert wrong == {}


def test_what_is_shown_as_a_fact_stands_in_hubspot_s_record_in_the_same_words(
    connected: Connected,
) -> None:
    found = connected.scores()
    portal = connected.sandbox.portal
    assert {cid: w for cid, s in found.items() if (w := not_recorded(portal, s))} == {}
    assert {"company_size", "industry", "technologies"} <= {
        f.field for s in found.values() for f in s.factors
    }
