"""What the account refuses is one refusal: its work waits, people are told, and it goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.services.health.report import report
from backend.services.health.rules import firing
from backend.services.portals.account_refusals import midnight
from backend.storage import runs
from backend.storage.outbox import due_rows, routes
from backend.storage.portals import portal_problems, portals
from backend.storage.portals.portal_problems import LISTS, TASKS, WRITES, PortalProblem
from tests.integration.conftest import PORTAL, Connected
from tests.support.refusals import peculiar
from tests.support.writes import batch_calls, counts, fault, write_again

FIT = "/crm/properties/2026-09/contacts/ai_lead_fit"
CITY = {"object_type": "contacts", "property": "city"}


def problem(live: Connected, area: str = WRITES) -> PortalProblem | None:
    with live.product.stores.database.read() as conn:
        return portal_problems.get(conn, PORTAL, area)


def attempts(live: Connected) -> int:
    with live.product.stores.database.read() as conn:
        return int(conn.exec_driver_sql("SELECT SUM(attempts) FROM pending_writes").scalar() or 0)


def patch(live: Connected, body: Any, path: str = FIT) -> None:
    token = live.product.hubspot.keeper.access_token(PORTAL)
    live.sandbox.api("PATCH", path, body, token=token).raise_for_status()


def options(*values: str) -> dict[str, Any]:
    shown = [
        {"label": value, "value": value, "displayOrder": n, "hidden": False}
        for n, value in enumerate(values)
    ]
    return {"options": shown}


def set_up_again(live: Connected) -> None:
    with live.product.stores.database.write() as conn:
        runs.start(conn, PORTAL, "setup", live.product.stores.clock.now())
    live.product.stores.jobs.enqueue("setup", portal_id=PORTAL)
    live.run()


def probe_is_due(live: Connected) -> None:
    """A quarter of an hour passes."""
    with live.product.stores.database.write() as conn:
        past = live.product.stores.clock.now() - timedelta(seconds=1)
        for one in portal_problems.of_portal(conn, PORTAL):
            portal_problems.keep(conn, PORTAL, replace(one, probe_at=past), [])
        for table in ("pending_writes", "route_tasks", "routings"):
            conn.exec_driver_sql(f"UPDATE {table} SET due_at = '2020-01-01' WHERE problem <> ''")  # noqa: S608


MODES = [
    {"partial_status": 207},
    {"partial_status": 200},
    {"partial_results": False},
]


@pytest.mark.parametrize("answers", MODES, ids=["207", "200", "whole"])
def test_a_renamed_option_lets_every_write_wait_and_says_so(
    live: Connected, answers: dict[str, Any]
) -> None:
    ids = sorted(live.scores())
    peculiar(live, **answers)
    patch(live, options("Hot", "Warm", "Cold"))
    before = batch_calls(live)
    write_again(live, ids)
    assert batch_calls(live) - before <= 3
    assert counts(live) == (len(ids), 0)
    assert attempts(live) == 0
    found = problem(live)
    assert found is not None
    assert (found.code, found.property_name) == ("INVALID_OPTION", "ai_lead_fit")
    assert "was not one of the allowed options" in found.sentence
    alerts = firing(report(live.product), live.product.stores.clock.now())
    assert found.sentence in alerts[f"account_refuses:{PORTAL}:writes"]
    calls = batch_calls(live)
    live.run()
    assert batch_calls(live) == calls  # nothing is tried before the probe is due
    probe_is_due(live)
    live.run()
    assert batch_calls(live) == calls + 1  # one record
    assert counts(live) == (len(ids), 0)
    patch(live, options("High", "Medium", "Low"))
    set_up_again(live)
    assert counts(live) == (0, 0)
    assert problem(live) is None
    assert all(live.properties(c)["ai_lead_fit"] for c in ids)


def test_one_renamed_option_holds_back_only_the_leads_that_have_it(live: Connected) -> None:
    found = live.scores()
    low = [cid for cid, score in found.items() if score.band.value == "Low"]
    others = [cid for cid in found if cid not in low]
    assert low and others
    patch(live, options("High", "Medium", "Bottom"))
    write_again(live, sorted(found))
    assert counts(live) == (len(low), 0)
    since = problem(live).since  # type: ignore[union-attr]
    write_again(live, low[:1])  # alone: it says nothing of the others
    write_again(live, others)
    assert counts(live) == (len(low), 0)
    assert problem(live).since == since  # type: ignore[union-attr]
    patch(live, options("High", "Medium", "Low"))
    probe_is_due(live)
    live.run()
    assert counts(live) == (0, 0)
    assert problem(live) is None


@pytest.mark.parametrize("answers", MODES, ids=["207", "200", "whole"])
def test_a_property_that_an_admin_requires_is_one_refusal(
    live: Connected, answers: dict[str, Any]
) -> None:
    ids = sorted(live.scores())[:50]
    for contact_id in ids:
        live.sandbox.portal.record("contacts", contact_id).properties.pop("city", None)
    peculiar(live, **answers, required=[CITY])
    before = batch_calls(live)
    write_again(live, ids)
    assert batch_calls(live) - before <= 3
    assert counts(live) == (len(ids), 0)
    found = problem(live)
    assert found is not None and found.code == "MISSING_REQUIRED_PROPERTY"
    peculiar(live, required=[])
    probe_is_due(live)
    live.run()
    assert counts(live) == (0, 0)


def test_a_record_with_a_fault_of_its_own_is_parked_while_the_account_refuses_the_others(
    live: Connected,
) -> None:
    ids = sorted(live.scores())[:10]
    own = {
        "object_type": "contacts",
        "property": "city",
        "when_property": "jobtitle",
        "when_value": "Refused",
    }
    record = live.sandbox.portal.record("contacts", ids[3])
    record.properties["jobtitle"] = "Refused"
    record.properties.pop("city", None)
    peculiar(live, required=[own])
    write_again(live, ids)
    assert counts(live) == (0, 1)
    patch(live, options("Hot", "Warm", "Cold"))
    write_again(live, [i for i in ids if i != ids[3]])
    assert counts(live) == (len(ids) - 1, 1)


def test_a_call_that_is_forbidden_waits(live: Connected) -> None:
    ids = sorted(live.scores())[:10]
    fault(
        live,
        effect="error",
        status=403,
        category="BANNED",
        message="Not on this plan.",
        path="/crm/objects/*/contacts/batch/update",
    )
    write_again(live, ids)
    assert counts(live) == (10, 0)
    found = problem(live)
    assert found is not None and found.sentence == "Not on this plan."
    live.sandbox.control("DELETE", "/faults")
    probe_is_due(live)
    live.run()
    assert counts(live) == (0, 0)


def test_a_used_up_day_waits_for_the_midnight_of_the_account(live: Connected) -> None:
    ids = sorted(live.scores())[:10]
    fault(live, effect="rate_limit", policy="DAILY", path="/crm/objects/*")
    before = batch_calls(live)
    write_again(live, ids)
    assert batch_calls(live) - before == 1
    assert (counts(live), attempts(live)) == ((10, 0), 0)
    found = problem(live)
    assert found is not None
    with live.product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    assert found.probe_at == midnight(portal, live.product.stores.clock.now())
    live.sandbox.control("DELETE", "/faults")
    probe_is_due(live)
    live.run()
    assert counts(live) == (0, 0)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_midnight_is_that_of_the_accounts_zone(connected: Connected) -> None:
    with connected.product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    there = replace(portal, installation={"account": {"timeZone": "America/New_York"}})
    now = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)
    assert midnight(there, now) == datetime(2026, 11, 29, 5, 0, tzinfo=UTC)


def test_a_limit_of_bursts_is_no_problem_of_the_account(live: Connected) -> None:
    ids = sorted(live.scores())[:5]
    fault(live, effect="rate_limit", policy="SECONDLY", path="/crm/objects/*", times=1)
    write_again(live, ids)
    assert counts(live) == (0, 0)
    assert problem(live) is None


@pytest.mark.parametrize("path", ["/crm/objects/*/tasks/*", "/crm/lists/*"])
def test_tasks_and_lists_wait_for_the_account_in_the_same_way(live: Connected, path: str) -> None:
    area = TASKS if "tasks" in path else LISTS
    fault(
        live,
        effect="error",
        status=400,
        category="LIMIT_EXCEEDED",
        path=path,
        message="The account has too many.",
    )
    ids = sorted(live.scores())[:20]
    with live.product.stores.database.write() as conn:
        now = live.product.stores.clock.now()
        if area == LISTS:
            conn.exec_driver_sql("UPDATE routings SET list_maybe = '[\"?\"]'")
            conn.execute(_all_due(now))
        else:
            for number, contact_id in enumerate(ids):
                _task(conn, f"{number:032x}", contact_id, now)
    live.product.stores.jobs.enqueue("flush_routes", portal_id=PORTAL)
    before = _calls(live, area)
    live.run()
    assert 0 < _calls(live, area) - before <= 3
    with live.product.stores.database.read() as conn:
        assert routes.counts(conn, PORTAL, parked=True)[area] == 0
        waiting = routes.counts(conn, PORTAL)[area]
    assert waiting >= 20
    found = problem(live, area)
    assert found is not None and found.sentence == "The account has too many."
    live.sandbox.control("DELETE", "/faults")
    set_up_again(live)
    assert problem(live, area) is None
    with live.product.stores.database.read() as conn:
        assert routes.counts(conn, PORTAL)[area] == 0


def _all_due(now: datetime) -> Any:
    from backend.storage.tables.outbox import routings

    return routings.update().values(due_at=now)


def _task(conn: Any, key: str, contact_id: str, now: datetime) -> None:
    from backend.model import Band
    from backend.storage.outbox import route_tasks

    route_tasks.make(conn, PORTAL, key, contact_id, Band.HIGH, "", now)


def _calls(live: Connected, area: str) -> int:
    calls = live.sandbox.control("GET", "/stats")["calls"]
    part = "/tasks/" if area == TASKS else "/crm/lists/"
    return sum(n for name, n in calls.items() if part in name)


def test_a_property_that_cannot_be_made_again_waits_with_hubspots_sentence(live: Connected) -> None:
    ids = sorted(live.scores())[:10]
    token = live.product.hubspot.keeper.access_token(PORTAL)
    live.sandbox.api("DELETE", FIT, token=token).raise_for_status()
    peculiar(live, custom_properties_max=1)
    write_again(live, ids)
    assert counts(live) == (10, 0)
    found = problem(live)
    assert found is not None and "may have 1 custom properties" in found.sentence
    with live.product.stores.database.write() as conn:
        assert due_rows.replay(conn, due_rows.WRITES, PORTAL, live.product.stores.clock.now()) == 0
    peculiar(live, custom_properties_max=None)
    probe_is_due(live)
    live.run()
    assert counts(live) == (0, 0)


def test_a_deleted_list_that_the_account_has_no_room_for_is_off_and_said(live: Connected) -> None:
    with live.product.stores.database.write() as conn:
        lists = portals.get(conn, PORTAL).installation["lists"]
        conn.exec_driver_sql("UPDATE routings SET list_maybe = '[\"?\"]'")
        conn.execute(_all_due(live.product.stores.clock.now()))
    token = live.product.hubspot.keeper.access_token(PORTAL)
    for list_id in lists.values():
        path = f"/crm/lists/2026-09/{list_id}"
        live.sandbox.api("DELETE", path, token=token).raise_for_status()
    peculiar(live, lists_max=0)
    live.product.stores.jobs.enqueue("flush_routes", portal_id=PORTAL)
    live.run()
    with live.product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    assert portals.refuses(portal, "lists")
    assert "limit of 0 lists" in portal.installation["refused_why"]["lists"]
