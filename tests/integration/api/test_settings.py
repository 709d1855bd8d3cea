"""Settings: what follows from a change begins by itself, and each change leaves its trace."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

from werkzeug.test import TestResponse

from backend.model import Segment, Thresholds
from backend.security.hashes import token_hash
from backend.storage import runs
from backend.storage.leads import summary_rows
from backend.storage.portals import portal_problems, portals
from backend.storage.portals.portal_problems import PortalProblem
from tests.integration.api.conftest import ON_SQLITE, OTHER, OWN, Desk
from tests.integration.api.fill import TRAITS, fill, score_of
from tests.support.settings_bodies import SETTINGS

PATH = f"/portals/{OWN}/settings"
PEOPLE = [("101", 92, "Ada"), ("102", 61, "Grace"), ("103", 20, "Al")]


def body_of(desk: Desk, token: str) -> dict[str, Any]:
    found = desk.ask("GET", PATH, token).get_json()
    return {name: copy.deepcopy(found[name]) for name in SETTINGS}


def test_what_is_saved_is_read_again_and_only_in_the_own_portal(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    assert desk.ask("PUT", PATH, token, SETTINGS).get_json()["begun"] == ["pull"]
    assert body_of(desk, token) == SETTINGS
    with desk.product.stores.database.read() as conn:
        assert portals.get(conn, OTHER).settings.property_map == {}
        assert portals.get(conn, OWN).settings.eligibility.own_domains == ("leadlight.example",)


@ON_SQLITE
def test_other_bands_score_again_other_budgets_do_not(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    body = body_of(desk, token)
    assert desk.ask("PUT", PATH, token, body).get_json()["begun"] == []
    body["daily_ai_calls"] = 7
    assert desk.ask("PUT", PATH, token, body).get_json()["begun"] == []
    body["thresholds"] = {"high": 70, "medium": 40}
    assert desk.ask("PUT", PATH, token, body).get_json()["begun"] == ["backfill"]
    body["read_free_text"] = [*body["read_free_text"], "notes"]
    assert desk.ask("PUT", PATH, token, body).get_json()["begun"] == ["pull"]
    with desk.product.stores.database.read() as conn:
        assert {run.kind for run in runs.of_portal(conn, OWN, running=True)} == {"backfill", "pull"}
    trail = desk.ask("GET", f"/portals/{OWN}/audit", desk.token(desk.person("auditor")))
    details = [row["detail"] for row in trail.get_json()["items"]]
    assert details[0] == {
        "read_free_text": {
            "before": ["message", "description"],
            "after": ["message", "description", "notes"],
        }
    }
    assert details[2] == {"daily_ai_calls": {"before": 5_000, "after": 7}}


@ON_SQLITE
def test_own_properties_are_read_again_and_wrong_names_are_refused(desk: Desk) -> None:
    with desk.product.stores.database.write() as conn:
        portals.set_state(conn, OWN, "needs_reconnect")  # nobody to ask about definitions
    token = desk.token(desk.person("manager"))
    body = body_of(desk, token)
    body["learn_from"] = ["contacts.program_interest", "contacts.email"]
    refused = desk.ask("PUT", PATH, token, body)
    assert refused.status_code == 400
    assert refused.get_json()["problems"] == ["contacts.email: it says who a person is"]
    body["learn_from"] = ["contacts.program_interest"]
    assert desk.ask("PUT", PATH, token, body).get_json()["begun"] == ["pull"]
    assert desk.ask("PUT", PATH, token, body).get_json()["begun"] == []
    del body["learn_from"]  # as a program that does not know it
    assert desk.ask("PUT", PATH, token, body).get_json()["begun"] == []
    assert body_of(desk, token)["learn_from"] == ["contacts.program_interest"]
    trail = desk.ask("GET", f"/portals/{OWN}/audit", desk.token(desk.person("auditor")))
    assert trail.get_json()["items"][0]["detail"] == {
        "learn_from": {"before": [], "after": ["contacts.program_interest"]}
    }


@ON_SQLITE
def test_bands_without_room_and_personal_properties_are_refused(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    body = body_of(desk, token)
    body["thresholds"] = {"high": 40, "medium": 60}
    assert desk.ask("PUT", PATH, token, body).status_code == 409
    body = body_of(desk, token)
    body["property_map"] = {"industry": "email"}
    refused = desk.ask("PUT", PATH, token, body)
    assert refused.status_code == 409
    assert "email" in refused.get_json()["message"]


def test_the_outlook_and_the_preview_count_today_s_leads(desk: Desk) -> None:
    fill(desk, PEOPLE)
    token = desk.token(desk.person("rep"))
    bands = desk.ask("GET", f"{PATH}/outlook?high=60&medium=21", token).get_json()["bands"]
    assert [band["leads"] for band in bands] == [2, 0, 1]
    preview = desk.ask("GET", f"{PATH}/preview", token).get_json()
    assert (preview["contacts"], preview["unchanged"]) == (3, 0)
    assert sum(preview["lists"].values()) == 3
    assert preview["examples"][0]["name"] == "Ada"
    assert preview["examples"][0]["properties"]["ai_lead_score"] == "92"
    with desk.product.stores.database.write() as conn:
        summary_rows.leave(conn, OWN, {"101": TRAITS})
    assert desk.ask("GET", f"{PATH}/preview", token).get_json()["contacts"] == 2


def seen(desk: Desk, token: str) -> str:
    return str(desk.ask("GET", f"{PATH}/preview", token).get_json()["preview"])


def go_live(desk: Desk, token: str, preview: str) -> TestResponse:
    return desk.ask("PUT", f"{PATH}/mode", token, {"mode": "live", "preview": preview})


@ON_SQLITE
def test_going_live_without_a_look_at_the_preview_is_refused(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    for preview in ("", "x", "0-", "1-1", "99999-0123456789abcdef"):
        refused = go_live(desk, token, preview)
        assert refused.status_code == 409
        assert "look at" in refused.get_json()["message"]
    assert desk.ask("GET", PATH, token).get_json()["mode"] == "shadow"


@ON_SQLITE
def test_a_preview_of_other_bands_or_of_far_fewer_leads_is_not_the_current(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    empty = seen(desk, token)
    fill(desk, [(str(100 + n), 92, "Ada") for n in range(30)])
    assert go_live(desk, token, empty).status_code == 409
    before = seen(desk, token)
    body = {**SETTINGS, "thresholds": {"high": 70, "medium": 40}}
    assert desk.ask("PUT", PATH, token, body).status_code == 200
    assert go_live(desk, token, before).status_code == 409
    current = seen(desk, token)
    fill(desk, [("131", 92, "Ada"), ("132", 20, "Al")])  # leads that came meanwhile
    assert go_live(desk, token, current).status_code == 200


@ON_SQLITE
def test_going_live_begins_the_set_up_and_an_invitation_opens_once(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    assert go_live(desk, token, seen(desk, token)).get_json()["begun"] == ["setup"]
    found = desk.ask("GET", PATH, token).get_json()
    assert (found["mode"], found["goes_live"]) == ("shadow", True)  # live when the set-up has ended
    admin = desk.token(desk.person("admin"))
    made = desk.ask("POST", f"/portals/{OWN}/invitations", admin).get_json()
    hashed = token_hash(made["link"].rpartition("=")[2])
    with desk.product.stores.database.read() as conn:
        now = desk.clock.now()
        assert portals.invitation_is_open(conn, hashed, now)
        assert not portals.invitation_is_open(conn, hashed, now + timedelta(days=8))


@ON_SQLITE
def test_the_notification_address_is_checked_sealed_and_never_shown(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    path = f"{PATH}/notifications"
    assert desk.ask("PUT", path, token, {"url": "https://10.0.0.1/x"}).status_code == 409
    assert desk.ask("PUT", path, token, {"url": "http://hooks.example.com"}).status_code == 409
    secret = "https://hooks.example.com/secret-path"
    assert desk.ask("PUT", path, token, {"url": secret}).status_code == 200
    shown = desk.ask("GET", PATH, token)
    assert shown.get_json()["notifies"] is True
    assert "secret-path" not in shown.get_data(as_text=True)
    desk.ask("PUT", PATH, token, SETTINGS)  # saving other settings keeps it
    with desk.product.stores.database.read() as conn:
        sealed = portals.get(conn, OWN).settings.routing.notification_url_sealed
    opened = desk.product.stores.cipher.open(sealed, portal_id=OWN, purpose="notification_url")
    assert opened == secret and secret not in sealed
    trail = desk.ask("GET", f"/portals/{OWN}/audit", desk.token(desk.person("auditor")))
    assert "secret-path" not in trail.get_data(as_text=True)
    assert desk.ask("PUT", path, token, {"url": ""}).status_code == 200
    assert desk.ask("GET", PATH, token).get_json()["notifies"] is False


@ON_SQLITE
def test_another_prefix_sets_up_again_where_scores_are_to_be_written(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    body = body_of(desk, token)
    for bad in ("", "acme", "Acme_", "hs_", "1_", "a" * 32 + "_"):
        refused = desk.ask("PUT", PATH, token, {**body, "property_prefix": bad})
        assert refused.status_code in (400, 409, 422)
    change = {**body, "property_prefix": "acme_", "without_properties": ["ai_lead_chance"]}
    assert desk.ask("PUT", PATH, token, change).get_json()["begun"] == []  # shadow writes nothing
    assert go_live(desk, token, seen(desk, token)).get_json()["begun"] == ["setup"]
    found = desk.ask("GET", PATH, token).get_json()
    assert (found["mode"], found["goes_live"]) == ("shadow", True)
    assert (found["property_prefix"], found["without_properties"]) == ("acme_", ["ai_lead_chance"])
    change["use_existing"] = ["acme_lead_score"]
    assert desk.ask("PUT", PATH, token, change).get_json()["begun"] == ["setup"]
    assert desk.ask("PUT", f"{PATH}/mode", token, {"mode": "shadow"}).status_code == 200
    assert desk.ask("GET", PATH, token).get_json()["goes_live"] is False


@ON_SQLITE
def test_what_the_account_refuses_is_read_with_hubspots_sentence(desk: Desk) -> None:
    now = desk.product.stores.clock.now()
    problem = PortalProblem(
        "writes", "INVALID_OPTION", "ai_lead_fit", "High is no option.", True, now, now
    )
    off = {"refused": ["lists"], "refused_why": {"lists": "No room."}, "setup_problems": ["Why."]}
    with desk.product.stores.database.write() as conn:
        portal_problems.keep(conn, OWN, problem, [])
        portals.set_installation(conn, OWN, off)
    found = desk.ask("GET", PATH, desk.token(desk.person("manager"))).get_json()
    (shown,) = found["account_refuses"]
    assert (shown["area"], shown["sentence"]) == ("writes", "High is no option.")
    assert "ai_lead_fit" in shown["cure"]
    assert found["features_off"] == [{"feature": "lists", "why": "No room."}]
    assert found["setup_problems"] == ["Why."]


def test_segments_are_kept_in_order_and_leave_their_trace(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    body = body_of(desk, token)
    segments = [
        {
            "name": "DACH",
            "field": "companies.region",
            "values": ["Germany"],
            "thresholds": {"high": 70, "medium": 40},
        },
        {"name": "<b>Rest</b>", "field": "owner.team", "values": ["A"], "thresholds": None},
    ]
    saved = desk.ask("PUT", PATH, token, {**body, "segments": segments})
    assert saved.get_json()["begun"] == ["pull"]
    assert desk.ask("GET", PATH, token).get_json()["segments"] == segments
    assert desk.ask("PUT", PATH, token, body).get_json()["begun"] == []  # left out: as is
    assert desk.ask("GET", PATH, token).get_json()["segments"] == segments
    wrong = [{**segments[0], "thresholds": {"high": 40, "medium": 40}}]
    assert desk.ask("PUT", PATH, token, {**body, "segments": wrong}).status_code == 409
    trail = desk.ask("GET", f"/portals/{OWN}/audit", desk.token(desk.person("auditor")))
    assert trail.get_json()["items"][0]["detail"]["segments"]["after"] == segments


@ON_SQLITE
def test_bands_of_their_own_are_not_among_the_portals(desk: Desk) -> None:
    fill(desk, PEOPLE)
    token = desk.token(desk.person("manager"))
    with desk.product.stores.database.write() as conn:
        score = score_of("101", 92)
        summary_rows.save(conn, [score], {}, {"101": replace(TRAITS, segment="DACH")})
        settings = portals.get(conn, OWN).settings
        own = Segment("DACH", "companies.region", ("Germany",), Thresholds(95, 50))
        portals.set_settings(conn, OWN, replace(settings, segments=(own,)))
    bands = desk.ask("GET", f"{PATH}/outlook", token).get_json()["bands"]
    assert [one["leads"] for one in bands] == [0, 1, 1]
