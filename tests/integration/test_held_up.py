"""One broken thing holds up nothing else: a type, an object of it, a type that is reconciled."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from backend.jobs.fan_out import fan_out
from backend.services.replay import replay
from backend.storage.leads import due_leads, inbox, mirror
from backend.storage.leads.inbox import NewEvent
from backend.storage.portals import portals
from backend.storage.tables.leads import inbox_events
from tests.integration.conftest import PORTAL, Connected
from tests.support.happened import happened, linked, states
from tests.support.reconciling import reconcile
from tests.support.writes import fault

EMAILS = "/crm/objects/*/emails*"
BAD = {"effect": "error", "status": 400, "category": "VALIDATION_ERROR", "message": "no"}


def is_due(connected: Connected, contact_id: str) -> bool:
    with connected.product.stores.database.read() as conn:
        row = due_leads.row(conn, PORTAL, contact_id)
    return row is not None and row["due_at"] is not None


@pytest.mark.parametrize(
    "rule",
    [
        {"effect": "missing_scope"},
        BAD,
        {"effect": "error", "status": 403, "category": "FORBIDDEN", "message": "no"},
        {"effect": "error", "status": 500},
        {"effect": "rate_limit", "retry_after_s": 55},
        {"effect": "html"},
        {"effect": "drop"},
    ],
    ids=lambda rule: f"{rule['effect']}-{rule.get('status', '')}",
)
def test_a_type_that_cannot_be_read_holds_up_no_other(
    connected: Connected, rule: dict[str, object]
) -> None:
    (email,) = linked(connected, "emails", 1)
    ((company, contact_id),) = linked(connected, "companies", 1).items()
    happened(connected, "emails", email)
    happened(connected, "companies", company)
    fault(connected, path=EMAILS, **rule)
    fan_out(connected.product, PORTAL)
    assert is_due(connected, contact_id)
    assert states(connected, "companies") == {company: ("done", 0)}


def test_a_type_that_is_not_allowed_is_the_portals_problem(connected: Connected) -> None:
    happened(connected, "emails", *linked(connected, "emails", 3))
    fault(connected, path=EMAILS, effect="missing_scope")
    fan_out(connected.product, PORTAL)
    with connected.product.stores.database.read() as conn:
        assert portals.refuses(portals.get(conn, PORTAL), "emails (reading)")
    assert {state for state, _ in states(connected, "emails").values()} == {"done"}


def test_tasks_that_may_not_be_read_may_still_be_made(connected: Connected) -> None:
    happened(connected, "tasks", *linked(connected, "tasks", 1))
    fault(connected, path="/crm/objects/*/tasks*", effect="missing_scope")
    fan_out(connected.product, PORTAL)
    with connected.product.stores.database.read() as conn:
        assert not portals.refuses(portals.get(conn, PORTAL), "tasks")


@pytest.mark.parametrize("rule", [{"effect": "missing_scope"}, BAD], ids=["scope", "400"])
def test_a_removal_that_cannot_be_asked_about_is_not_forgotten(
    connected: Connected, rule: dict[str, object]
) -> None:
    gone = sorted(connected.scores())[5]
    ((company, contact_id),) = linked(connected, "companies", 1).items()
    silent = {"effect": "webhook_drop"}
    refused = {"path": "/crm/objects/*/contacts/*", **rule}
    connected.sandbox.control("PUT", "/faults", {"rules": [silent, refused]})
    connected.ui("POST", f"/contacts/{gone}/privacy-delete", {})
    now = connected.product.stores.clock.now()
    removal = NewEvent(PORTAL, "gone", "contacts", gone, "privacyDeletion", "", now, {})
    with connected.product.stores.database.write() as conn:
        inbox.add(conn, [removal], now)
    happened(connected, "companies", company)
    fan_out(connected.product, PORTAL)
    assert states(connected, "contacts")[gone] == ("waiting", 1)
    assert is_due(connected, contact_id)
    connected.sandbox.control("PUT", "/faults", {"rules": [silent]})
    with connected.product.stores.database.write() as conn:
        conn.execute(sa.update(inbox_events).values(due_at=inbox_events.c.received_at))
    fan_out(connected.product, PORTAL)
    connected.run()
    assert gone not in connected.scores()


def test_an_object_that_is_refused_fails_alone_with_its_cause(connected: Connected) -> None:
    some = linked(connected, "meetings", 3)
    bad, *good = some
    happened(connected, "meetings", *some)
    rules = [
        {"path": "/crm/objects/*/meetings/batch/read", **BAD},
        {"path": f"/crm/objects/*/meetings/{bad}*", **BAD},
    ]
    connected.sandbox.control("PUT", "/faults", {"rules": rules})
    fan_out(connected.product, PORTAL)
    found = states(connected, "meetings")
    assert found[bad] == ("failed", 1)
    assert all(found[one] == ("done", 0) for one in good)
    assert all(is_due(connected, some[one]) for one in good)
    stores = connected.product.stores
    with stores.database.read() as conn:
        (shown,) = inbox.failed(conn, PORTAL)
    assert (shown.object_type, shown.object_id) == ("meetings", bad)
    assert shown.problem
    assert replay(stores, PORTAL, "events", actor="test", cause="another") == 0
    connected.sandbox.control("PUT", "/faults", {"rules": []})  # its cause was seen to
    assert replay(stores, PORTAL, "events", actor="test") == 1
    assert replay(stores, PORTAL, "events", actor="test") == 0
    fan_out(connected.product, PORTAL)
    assert states(connected, "meetings")[bad] == ("done", 0)
    assert is_due(connected, some[bad])


def test_an_event_waits_as_long_as_hubspot_is_unwell(connected: Connected) -> None:
    (email,) = linked(connected, "emails", 1)
    happened(connected, "emails", email)
    fault(connected, path=EMAILS, effect="rate_limit", retry_after_s=55)
    for tries in range(1, 9):
        fan_out(connected.product, PORTAL)
        assert states(connected, "emails") == {email: ("waiting", tries)}
        with connected.product.stores.database.write() as conn:
            conn.execute(sa.update(inbox_events).values(due_at=inbox_events.c.received_at))
    connected.sandbox.control("DELETE", "/faults")
    fan_out(connected.product, PORTAL)
    assert states(connected, "emails")[email][0] == "done"


def test_a_type_that_cannot_be_searched_catches_up_later(connected: Connected) -> None:
    reconcile(connected)
    contact_id = sorted(connected.scores())[5]
    silent = {"effect": "webhook_drop"}
    refused = {"path": "/crm/objects/*/calls/search", **BAD}
    connected.sandbox.control("PUT", "/faults", {"rules": [silent, refused]})
    at = connected.product.stores.clock.now().isoformat()
    call = {"hs_call_direction": "INBOUND", "hs_call_status": "COMPLETED", "hs_timestamp": at}
    body = {"properties": call, "associations": {"contacts": [contact_id]}}
    call_id = str(connected.ui("POST", "/calls", body)["id"])

    def mirrored() -> bool:
        with connected.product.stores.database.read() as conn:
            return call_id in mirror.records(conn, PORTAL, "calls", [call_id])

    for _ in range(2):  # the second look begins after the call
        reconcile(connected)
        assert not mirrored()
    connected.sandbox.control("PUT", "/faults", {"rules": [silent]})
    reconcile(connected)
    assert mirrored()
