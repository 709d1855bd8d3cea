"""Going live in a portal that is in use: what is there is asked about, what is optional is left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend.cli.portals.routing import hints
from backend.model import Mode, PortalSettings
from backend.scoring.traits import GRID
from backend.services import settings
from backend.services.portals.portal_mode import choose_mode, preview_of
from backend.storage import runs
from backend.storage.leads import due_leads
from backend.storage.outbox import writes
from backend.storage.portals import portal_problems, portals
from backend.storage.portals.portals import Portal
from backend.storage.runs import Run
from tests.integration.conftest import PORTAL, Connected
from tests.support.connecting import LISTS, approve, begin, invite
from tests.support.pipeline import hear, waiting_events
from tests.support.refusals import peculiar
from tests.support.writes import batch_calls, counts

PROPERTIES = "/crm/properties/2026-09/contacts"
SCORE: dict[str, Any] = {
    "name": "ai_lead_score",
    "label": "Their score",
    "groupName": "contactinformation",
    "type": "number",
    "fieldType": "number",
}
FIT: dict[str, Any] = {
    "name": "ai_lead_fit",
    "label": "Fit",
    "groupName": "contactinformation",
    "type": "enumeration",
    "fieldType": "radio",
    "options": [
        {"label": f"{v}!", "value": v, "displayOrder": 0, "hidden": False}
        for v in ("High", "Medium", "Low")
    ],
}


def portal(connected: Connected) -> Portal:
    with connected.product.stores.database.read() as conn:
        return portals.get(conn, PORTAL)


def choose(connected: Connected, **settings: Any) -> None:
    with connected.product.stores.database.write() as conn:
        changed = replace(portals.get(conn, PORTAL).settings, **settings)
        portals.set_settings(conn, PORTAL, changed)


def ask_to_go_live(connected: Connected) -> Run:
    """As the console and the command line do; the set-up's run when it has ended."""
    product = connected.product
    with product.stores.database.read() as conn:
        seen = preview_of(conn, portals.get(conn, PORTAL))
    run = choose_mode(product.stores, PORTAL, Mode.LIVE, actor="t", seen=seen)
    assert run is not None
    assert portal(connected).settings.mode is Mode.SHADOW
    connected.run()
    with product.stores.database.read() as conn:
        return runs.get(conn, PORTAL, run.run_id)


def make(connected: Connected, definition: dict[str, Any]) -> None:
    token = connected.product.hubspot.keeper.access_token(PORTAL)
    connected.sandbox.api("POST", PROPERTIES, definition, token=token).raise_for_status()


def names(connected: Connected) -> set[str]:
    catalog = connected.sandbox.portal.catalogs["contacts"]
    return {d.name for d in catalog.all() if not d.hubspot_defined}


def values(connected: Connected, name: str) -> list[str]:
    contacts = connected.sandbox.portal.stores["contacts"]
    return [c.properties[name] for c in contacts if c.properties.get(name)]


def all_written(connected: Connected) -> bool:
    with connected.product.stores.database.read() as conn:
        known = writes.known(conn, PORTAL)
    return counts(connected) == (0, 0) and known == len(connected.scores())


UNFIT = {
    "another type": {**SCORE, "type": "string", "fieldType": "text"},
    "calculated": {**SCORE, "fieldType": "calculation_equation"},
    "other options": {**FIT, "options": [{**FIT["options"][0], "value": "Hot"}]},
    "several at once": {**FIT, "fieldType": "checkbox"},
}


@pytest.mark.parametrize("definition", UNFIT.values(), ids=UNFIT.keys())
def test_a_property_that_cannot_be_ours_stops_before_anything_is_written(
    connected: Connected, definition: dict[str, Any]
) -> None:
    make(connected, definition)
    before = names(connected)
    run = ask_to_go_live(connected)
    assert run.state == "failed"
    assert definition["name"] in run.problem and "--prefix" in run.problem
    assert names(connected) == before
    assert (portal(connected).settings.mode, batch_calls(connected)) == (Mode.SHADOW, 0)
    choose(connected, use_existing=(definition["name"],))  # saying so does not make it fit
    assert ask_to_go_live(connected).state == "failed"
    choose(connected, property_prefix="acme_")
    assert ask_to_go_live(connected).state == "done"
    assert portal(connected).settings.mode is Mode.LIVE
    assert all_written(connected)
    assert len(values(connected, "acme_lead_score")) == len(connected.scores())
    assert not values(connected, definition["name"])


def test_the_values_of_another_owner_are_not_overwritten_unasked(connected: Connected) -> None:
    theirs = {**SCORE, "groupName": "ai_lead_scoring"}
    token = connected.product.hubspot.keeper.access_token(PORTAL)
    group = {"name": "ai_lead_scoring", "label": "AI lead scoring"}
    connected.sandbox.api("POST", f"{PROPERTIES}/groups", group, token=token).raise_for_status()
    make(connected, theirs)
    first = sorted(connected.scores())[0]
    connected.ui("POST", f"/contacts/{first}/properties", {"ai_lead_score": "77"})
    run = ask_to_go_live(connected)
    assert run.state == "failed" and "values" in run.problem
    assert values(connected, "ai_lead_score") == ["77"]
    assert batch_calls(connected) == 0
    choose(connected, use_existing=("ai_lead_score",))
    assert ask_to_go_live(connected).state == "done"
    assert all_written(connected)
    assert len(values(connected, "ai_lead_score")) == len(connected.scores())


@pytest.mark.parametrize("definition", [SCORE, FIT], ids=["group", "radio"])
def test_a_property_of_another_group_or_field_type_is_asked_about(
    connected: Connected, definition: dict[str, Any]
) -> None:
    make(connected, definition)
    run = ask_to_go_live(connected)
    assert run.state == "failed"
    assert "contactinformation" in run.problem and f"--use {definition['name']}" in run.problem
    choose(connected, use_existing=(definition["name"],))
    assert ask_to_go_live(connected).state == "done"
    assert all_written(connected)


def test_what_an_admin_does_to_our_own_properties_stops_nothing(live: Connected) -> None:
    token = live.product.hubspot.keeper.access_token(PORTAL)
    change = {"label": "Their label", "groupName": "contactinformation"}
    path = f"{PROPERTIES}/ai_lead_score"
    live.sandbox.api("PATCH", path, change, token=token).raise_for_status()
    assert live_again(live).state == "done"


def live_again(live: Connected) -> Run:
    with live.product.stores.database.write() as conn:
        run = runs.start(conn, PORTAL, "setup", live.product.stores.clock.now())
    live.product.stores.jobs.enqueue("setup", portal_id=PORTAL)
    live.run()
    with live.product.stores.database.read() as conn:
        return runs.get(conn, PORTAL, run.run_id)


def test_another_prefix_later_writes_every_score_under_the_new_names(live: Connected) -> None:
    choose(live, property_prefix="acme_", without_properties=("ai_lead_reasoning",))
    assert live_again(live).state == "done"
    assert all_written(live)
    assert len(values(live, "acme_lead_fit")) == len(live.scores())
    assert "acme_lead_reasoning" not in names(live)


ADDED = ("ai_lead_fit_points", "ai_lead_engagement_points", "ai_lead_grid")


def switch_grid(live: Connected, on: bool) -> None:
    """As an admin does in Setup."""

    def wanted(before: PortalSettings) -> PortalSettings:
        return replace(before, grid_properties=on)

    assert settings.change(live.product, PORTAL, wanted, actor="t") == ["setup"]
    live.run()
    assert all_written(live)


def test_fit_and_engagement_come_go_and_come_back_with_the_switch(live: Connected) -> None:
    assert not set(ADDED) & names(live)
    calls = batch_calls(live)
    for on in (True, False, True):
        switch_grid(live, on)
        for name in ADDED:
            assert len(values(live, name)) == (len(live.scores()) if on else 0), (on, name)
    each = -(-len(live.scores()) // 100)
    assert batch_calls(live) - calls <= 3 * each + 1
    assert {"A2", "B1", "B3", "C3"} <= set(values(live, "ai_lead_grid")) <= set(GRID)


def test_a_property_deleted_before_it_is_switched_off_holds_up_nothing(live: Connected) -> None:
    switch_grid(live, True)
    token = live.product.hubspot.keeper.access_token(PORTAL)
    path = f"{PROPERTIES}/ai_lead_grid"
    live.sandbox.api("DELETE", path, token=token).raise_for_status()
    switch_grid(live, False)
    assert not values(live, "ai_lead_fit_points")
    assert "ai_lead_grid" not in names(live)


def test_a_property_deleted_after_it_is_switched_off_holds_up_nothing(live: Connected) -> None:
    switch_grid(live, True)
    choose(live, grid_properties=False)  # the set-up has not run yet
    token = live.product.hubspot.keeper.access_token(PORTAL)
    path = f"{PROPERTIES}/ai_lead_grid"
    live.sandbox.api("DELETE", path, token=token).raise_for_status()
    first = sorted(live.scores())[0]
    live.ui("POST", f"/contacts/{first}/properties", {"jobtitle": "Owner"})
    hear(live, waiting_events(live))
    assert all_written(live)
    assert "ai_lead_grid" not in names(live)
    with live.product.stores.database.read() as conn:
        assert portal_problems.of_portal(conn, PORTAL) == []


def test_what_is_no_lead_any_more_loses_fit_and_engagement_too(live: Connected) -> None:
    switch_grid(live, True)
    first = sorted(live.scores())[0]
    live.ui("POST", f"/contacts/{first}/properties", {"lifecyclestage": "customer"})
    hear(live, waiting_events(live))
    contact = live.sandbox.portal.stores["contacts"].get(int(first))
    assert contact is not None
    assert not [name for name in (*ADDED, "ai_lead_score") if contact.properties.get(name)]


@pytest.mark.parametrize(
    "rule",
    [
        {"status": 403, "category": "BANNED", "message": "Not on your plan."},
        {"status": 400, "category": "LIMIT", "message": "You have reached your limit of lists."},
        {"status": 403, "category": "", "message": "Forbidden here."},
    ],
    ids=["403", "limit", "no category"],
)
def test_lists_that_are_refused_are_off_and_said_while_scores_are_written(
    connected: Connected, rule: dict[str, Any]
) -> None:
    refused = {"effect": "error", "path": "/crm/lists/*", "method": "POST", **rule}
    connected.sandbox.control("PUT", "/faults", {"rules": [refused]})
    assert ask_to_go_live(connected).state == "done"
    found = portal(connected)
    assert found.settings.mode is Mode.LIVE
    assert portals.refuses(found, "lists")
    assert found.installation["refused_why"]["lists"] == rule["message"]
    assert all_written(connected)


def test_too_little_room_says_how_many_are_needed_and_fewer_can_be_chosen(
    connected: Connected,
) -> None:
    used = connected.sandbox.portal.catalogs["contacts"].custom_count()
    peculiar(connected, custom_properties_max=used + 4)
    run = ask_to_go_live(connected)
    assert run.state == "failed"
    assert run.problem.startswith("6 custom properties of contacts are needed")
    assert "room for 4" in run.problem
    assert len(names(connected)) == used
    choose(connected, without_properties=("ai_lead_reasoning", "ai_lead_chance"))
    assert ask_to_go_live(connected).state == "done"
    assert all_written(connected)


def test_a_refused_property_fails_with_hubspots_own_sentence(connected: Connected) -> None:
    refused = {
        "effect": "error",
        "path": PROPERTIES,
        "method": "POST",
        "status": 400,
        "category": "VALIDATION_ERROR",
        "message": "Ask ana@customer.example first.",
    }
    connected.sandbox.control("PUT", "/faults", {"rules": [refused]})
    run = ask_to_go_live(connected)
    assert run.state == "failed"
    assert "Ask (email) first." in run.problem
    assert portal(connected).settings.mode is Mode.SHADOW
    connected.sandbox.control("DELETE", "/faults")
    assert live_again(connected).state == "done"  # it was asked for, so it happens now
    assert portal(connected).settings.mode is Mode.LIVE


class TestInUse:
    """The seed "real"."""

    @pytest.fixture
    def seed(self) -> str:
        return "real"

    def test_going_live_names_each_obstacle_and_goes_round_it(self, connected: Connected) -> None:
        run = ask_to_go_live(connected)
        assert run.state == "failed"
        problems = portal(connected).installation["setup_problems"]
        named = {text.split()[1] for text in problems}
        assert named == {"ai_lead_score", "ai_lead_fit", "ai_last_scored"}
        choose(connected, property_prefix="leadlight_")
        assert ask_to_go_live(connected).state == "done"
        assert all_written(connected)
        assert set(values(connected, "ai_lead_score")) == {"A", "B", "C"}
        assert portals.refuses(portal(connected), "lists")
        assert "limit" in portal(connected).installation["refused_why"]["lists"]


OPTIONAL = LISTS | {"sales-email-read", "automation"}


def test_without_any_optional_scope_events_are_scored_and_written(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    asked = begin(browser, invite(unconnected))
    browser.get(approve(unconnected, asked, refused=OPTIONAL))
    unconnected.run()
    unconnected.go_live()
    first, *others = sorted(unconnected.scores())[:5]
    for contact_id in (first, *others):  # together, then one alone
        unconnected.ui("POST", f"/contacts/{contact_id}/properties", {"jobtitle": "Chief buyer"})
    hear(unconnected, waiting_events(unconnected))
    unconnected.ui("POST", f"/contacts/{first}/properties", {"jobtitle": "Owner"})
    hear(unconnected, waiting_events(unconnected))
    with unconnected.product.stores.database.read() as conn:
        assert due_leads.parked(conn, PORTAL) == 0
    assert all_written(unconnected)
    said = " ".join(hints(portal(unconnected)))
    assert "lists are off" in said
    assert "sales-email-read" in said and "automation" in said
