"""Changes whose webhooks never came are found within the hour; our own writes are not news."""

from __future__ import annotations

from backend.storage import runs
from backend.storage.leads import due_leads
from tests.integration.conftest import PORTAL, Connected
from tests.support.pipeline import some_lead, waiting_events
from tests.support.reconciling import reconcile, silence


def test_our_own_writes_are_not_news(live: Connected) -> None:
    assert reconcile(live) == 0
    assert reconcile(live) == 0


def test_a_missed_contact_a_missed_company_and_a_missed_reply_are_found(live: Connected) -> None:
    reconcile(live)
    silence(live)
    contact_id = some_lead(live)
    other = sorted(live.scores())[8]
    live.ui("POST", f"/contacts/{contact_id}/properties", {"lifecyclestage": "customer"})
    live.ui(
        "POST",
        "/emails",
        {
            "properties": {
                "hs_timestamp": live.product.stores.clock.now().isoformat(),
                "hs_email_direction": "INCOMING_EMAIL",
                "hs_email_status": "SENT",
            },
            "associations": {"contacts": [other]},
        },
    )
    before = live.scores()[other]
    assert reconcile(live) >= 2
    assert waiting_events(live) == 0
    assert contact_id not in live.scores()
    assert live.scores()[other].input_hash != before.input_hash
    with live.product.stores.database.read() as conn:
        row = due_leads.row(conn, PORTAL, contact_id)
    assert row is not None
    assert row["ineligible_reason"]
    assert reconcile(live) == 0


def test_an_hour_old_reconciliation_is_begun_by_the_sweep(connected: Connected) -> None:
    connected.run()
    with connected.product.stores.database.read() as conn:
        run = runs.latest(conn, PORTAL, "reconcile")
    assert run is not None
    assert run.state == "done"
