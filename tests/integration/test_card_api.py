"""The card's endpoints: only for signed requests, only for the portal that HubSpot asserts."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

from backend.security.signature import sign_v3
from backend.storage.portals import portals
from tests.integration.conftest import ENVIRON, PORTAL, Connected
from tests.support.pipeline import settle


def ask(
    connected: Connected,
    path: str,
    *,
    method: str = "GET",
    body: Any = None,
    portal_id: int | str = PORTAL,
    tail: str = "",
) -> tuple[int, Any]:
    """As HubSpot's proxy asks: identity appended to the query, signed with v3."""
    raw = b"" if body is None else json.dumps(body).encode()
    glue = "&" if "?" in path else "?"
    target = (
        f"{path}{glue}userId=7&portalId={portal_id}"
        f"&userEmail={quote('rep@x.example', safe='')}&appId={ENVIRON['HUBSPOT_APP_ID']}{tail}"
    )
    at = int(time.time() * 1000)
    base = connected.product.stores.settings.public_base_url[0]
    signature = sign_v3(ENVIRON["HUBSPOT_CLIENT_SECRET"], method, base + target, raw, at)
    answer = connected.app.test_client().open(
        target,
        method=method,
        data=raw,
        content_type="application/json",
        headers={
            "X-HubSpot-Signature-v3": signature,
            "X-HubSpot-Request-Timestamp": str(at),
        },
    )
    return answer.status_code, answer.get_json()


def some_lead(connected: Connected) -> str:
    return sorted(connected.scores())[3]


def test_the_card_shows_the_stored_score_whose_parts_add_up(connected: Connected) -> None:
    contact_id = some_lead(connected)
    status, answer = ask(connected, f"/card/lead?contactId={contact_id}")
    lead = answer["lead"]
    assert (status, answer["ok"]) == (200, True)
    assert lead["score"] == connected.scores()[contact_id].score
    assert lead["score"] == 50 + sum(part["points"] for part in lead["subtotals"])
    assert "@" not in json.dumps(answer)


def test_another_portals_signed_request_finds_nothing(connected: Connected) -> None:
    contact_id = some_lead(connected)
    with connected.product.stores.database.write() as conn:
        now = connected.product.stores.clock.now()
        portals.install(conn, 555, client_id="c", name="", now=now)
    status, answer = ask(connected, f"/card/lead?contactId={contact_id}", portal_id=555)
    assert (status, answer["ok"]) == (404, False)
    status, _ = ask(
        connected, "/card/rescore", method="POST", body={"contactId": contact_id}, portal_id=555
    )
    assert status == 404


def test_an_identity_that_stands_twice_is_refused(connected: Connected) -> None:
    contact_id = some_lead(connected)
    path = f"/card/lead?contactId={contact_id}&portalId=555"
    assert ask(connected, path)[0] == 401
    assert ask(connected, f"/card/lead?contactId={contact_id}", tail="&userId=8")[0] == 401


def test_an_unsigned_request_is_401(connected: Connected) -> None:
    client = connected.app.test_client()
    assert client.get(f"/card/lead?contactId=1&portalId={PORTAL}").status_code == 401


def test_an_unconnected_portal_is_an_expected_failure(connected: Connected) -> None:
    status, answer = ask(connected, "/card/lead?contactId=1", portal_id=777)
    assert (status, answer["ok"], answer["code"]) == (200, False, "disconnected")


def test_a_contact_nobody_knows_is_404(connected: Connected) -> None:
    for contact_id in ("999999999", "x", "", "1'--"):
        assert ask(connected, f"/card/lead?contactId={quote(contact_id)}")[0] == 404


def test_a_contact_that_is_no_lead_says_why(connected: Connected) -> None:
    with connected.product.stores.database.read() as conn:
        row = conn.exec_driver_sql(
            "SELECT contact_id FROM leads WHERE ineligible_reason <> ''"
        ).first()
    assert row is not None
    _, answer = ask(connected, f"/card/lead?contactId={row.contact_id}")
    assert answer["code"] == "not_a_lead"
    assert answer["message"]


def test_a_rescore_that_changes_nothing_ends_as_unchanged(connected: Connected) -> None:
    contact_id = some_lead(connected)
    body = {"contactId": contact_id}
    _, first = ask(connected, "/card/rescore", method="POST", body=body)
    _, second = ask(connected, "/card/rescore", method="POST", body=body)
    assert first["rescore_id"] == second["rescore_id"]  # pressed twice is one rescore
    _, waiting = ask(connected, f"/card/rescore/{first['rescore_id']}")
    assert waiting["state"] == "waiting"
    settle(connected)
    _, done = ask(connected, f"/card/rescore/{first['rescore_id']}")
    assert done["state"] == "unchanged"


def test_a_rescore_sees_what_hubspot_has_now(connected: Connected) -> None:
    contact_id = some_lead(connected)
    connected.ui("POST", f"/contacts/{contact_id}/properties", {"lifecyclestage": "customer"})
    _, asked = ask(connected, "/card/rescore", method="POST", body={"contactId": contact_id})
    settle(connected)
    _, done = ask(connected, f"/card/rescore/{asked['rescore_id']}")
    assert done["state"] == "ineligible"


def test_another_portal_cannot_read_a_rescore(connected: Connected) -> None:
    contact_id = some_lead(connected)
    _, asked = ask(connected, "/card/rescore", method="POST", body={"contactId": contact_id})
    with connected.product.stores.database.write() as conn:
        now = connected.product.stores.clock.now()
        portals.install(conn, 555, client_id="c", name="", now=now)
    assert ask(connected, f"/card/rescore/{asked['rescore_id']}", portal_id=555)[0] == 404
