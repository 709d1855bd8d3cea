"""The card's endpoints: only for signed requests, only for the portal that HubSpot asserts."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any
from urllib.parse import quote

from backend.services.routing.decide import route_for_person
from backend.services.routing.lead_task import ask_task
from backend.storage.leads import due_leads
from backend.storage.outbox import route_tasks
from backend.storage.portals import portals
from tests.integration.conftest import PORTAL, Connected
from tests.integration.routes import flush, open_tasks, our_tasks, score_as
from tests.support.card import ask, some_lead
from tests.support.pipeline import settle


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


def lead_with(connected: Connected, contact_id: str) -> Any:
    return ask(connected, f"/card/lead?contactId={contact_id}")[1]["lead"]


def ask_for_task(connected: Connected, contact_id: str, **more: Any) -> tuple[int, Any]:
    body = {"contactId": contact_id}
    return ask(connected, "/card/task", method="POST", body=body, **more)


def test_a_task_asked_for_is_made_once_for_the_owner_and_stays_until_it_is_done(
    live: Connected,
) -> None:
    contact_id = some_lead(live)
    assert lead_with(live, contact_id)["makes_tasks"] is True
    first, second = (ask_for_task(live, contact_id)[1]["task"] for _ in range(2))
    assert first == second
    flush(live)
    flush(live)
    (task,) = our_tasks(live, contact_id)
    record = live.sandbox.portal.record("contacts", int(contact_id)).properties
    score = live.scores()[contact_id]
    name = f"{record['firstname']} {record['lastname']}"
    assert f"{name}: {score.action_reason}" in task.properties["hs_task_subject"]
    assert task.properties["hubspot_owner_id"] == record["hubspot_owner_id"]
    shown = lead_with(live, contact_id)["task"]
    assert shown["url"].endswith(f"/0-1/{contact_id}?engagement={task.record_id}")
    score_as(live, {contact_id: 90})
    score_as(live, {contact_id: 5})
    assert ask_for_task(live, contact_id)[1]["task"] == shown
    flush(live)
    assert [one.record_id for one in open_tasks(live, contact_id)] == [task.record_id]
    assert task.properties["hs_task_priority"] == "LOW"
    task.properties["hs_task_status"] = "COMPLETED"
    with live.product.stores.database.write() as conn:
        route_tasks.closed_by_person(conn, PORTAL, [str(task.record_id)])
    assert lead_with(live, contact_id)["task"] is None


def test_two_who_ask_for_a_task_at_once_have_one(live: Connected) -> None:
    """The second waits for the first to be saved."""
    contact_id, stores = some_lead(live), live.product.stores
    score, now = live.scores()[contact_id], stores.clock.now()
    with ThreadPoolExecutor(1) as pool:
        with stores.database.write() as conn:
            portal = portals.held(conn, PORTAL)
            due_leads.hold(conn, PORTAL, contact_id)
            route_for_person(conn, portal, score, "hubspot:1", now)
            other = pool.submit(ask_task, stores, PORTAL, contact_id, actor="hubspot:2")
            wait([other], timeout=1)  # it would be through by now
        other.result()
    flush(live)
    assert len(our_tasks(live, contact_id)) == 1


def test_a_task_that_the_routes_made_is_the_one_that_is_shown(live: Connected) -> None:
    contact_id = some_lead(live)
    score_as(live, {contact_id: 40})
    score_as(live, {contact_id: 90})
    ask_for_task(live, contact_id)
    flush(live)
    assert len(our_tasks(live, contact_id)) == 1


def test_where_tasks_are_not_written_none_is_and_the_card_knows(connected: Connected) -> None:
    """In shadow mode, of another portal, of no lead."""
    contact_id = some_lead(connected)
    assert lead_with(connected, contact_id)["makes_tasks"] is False
    status, answer = ask_for_task(connected, contact_id)
    assert (status, answer["ok"], answer["code"]) == (200, False, "no_tasks")
    assert ask_for_task(connected, "999999999")[0] == 404
    assert ask_for_task(connected, contact_id, portal_id=555)[1]["ok"] is False
    settle(connected)
    assert our_tasks(connected, contact_id) == []
