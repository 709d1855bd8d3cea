"""What comes after a bad day: a wrong secret, a long pause. On SQLite and Postgres."""

from __future__ import annotations

import json
import os
import time

import pytest

from backend.security.signature import sign_v3
from tests.conftest import until
from tests.integration.conftest import ENVIRON, PORTAL, Connected
from tests.support.pipeline import settle, some_lead, waiting_events
from tests.support.reconciling import reconcile

FLOOD = int(os.environ.get("LEADLIGHT_FLOOD", "3000"))  # events; 50000 is the full size
BATCH = 100


def webhooks(connected: Connected) -> dict[str, int]:
    stats: dict[str, int] = connected.sandbox.control("GET", "/stats")["webhooks"]
    return stats


def calls(connected: Connected) -> int:
    return sum(connected.sandbox.control("GET", "/stats")["calls"].values())


def test_fault_13_leads_missed_under_a_wrong_secret_are_found_by_reconciliation(
    live: Connected,
) -> None:
    reconcile(live)
    live.sandbox.control("PUT", "/faults", {"rules": [{"effect": "webhook_bad_signature"}]})
    contact_id, heard = some_lead(live), waiting_events(live)
    refused = webhooks(live)["acknowledged"]
    before = live.scores()[contact_id]
    live.ui("POST", f"/contacts/{contact_id}/properties", {"jobtitle": "Chief Executive Officer"})
    until(lambda: webhooks(live)["given_up"] > 0)
    live.sandbox.control("DELETE", "/faults")
    settle(live)
    assert webhooks(live)["acknowledged"] == refused
    assert waiting_events(live) == heard
    assert live.scores()[contact_id] == before
    assert reconcile(live) >= 1
    assert live.scores()[contact_id].input_hash != before.input_hash


@pytest.mark.parametrize("contacts", [300])
def test_fault_29_a_flood_after_a_pause_is_a_few_calls_and_loses_nothing(live: Connected) -> None:
    """HubSpot delivers everything at once when the backend is back: one read a lead, not one an
    event, and every accepted event is a scored lead."""
    ids = sorted(live.scores())
    web, url = (
        live.app.test_client(),
        f"{live.product.stores.settings.public_base_url[0]}/webhooks/hubspot",
    )
    before = calls(live)
    for start in range(0, FLOOD, BATCH):
        body = json.dumps([_event(ids, number) for number in range(start, start + BATCH)]).encode()
        stamp = int(time.time() * 1000)
        secret = ENVIRON["HUBSPOT_CLIENT_SECRET"]
        answer = web.post(
            "/webhooks/hubspot",
            data=body,
            headers={
                "X-HubSpot-Signature-v3": sign_v3(secret, "POST", url, body, stamp),
                "X-HubSpot-Request-Timestamp": str(stamp),
            },
        )
        assert answer.status_code == 204
    assert live.unfinished() == len(ids)
    settle(live)
    scored = live.scores()
    assert sorted(scored) == ids
    assert calls(live) - before <= 0.16 * len(ids)
    assert live.sandbox.control("GET", "/stats")["rate_limited"] == 0


def _event(ids: list[str], number: int) -> dict[str, object]:
    return {
        "eventId": number,
        "subscriptionId": 5,
        "portalId": PORTAL,
        "appId": int(ENVIRON["HUBSPOT_APP_ID"]),
        "occurredAt": 1_790_000_000_000 + number,
        "subscriptionType": "contact.propertyChange",
        "objectId": int(ids[number % len(ids)]),
        "propertyName": "jobtitle",
        "changeSource": "CRM_UI",
    }
