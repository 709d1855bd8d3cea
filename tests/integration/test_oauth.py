"""Connecting: the state works once, in time, in the browser that began. SQLite and Postgres."""

from __future__ import annotations

from typing import Any

from backend.storage.portals import portals
from tests.integration.conftest import PORTAL, Connected
from tests.support.connecting import LISTS, approve, begin, invite


def token_calls(connected: Connected) -> int:
    calls = connected.sandbox.control("GET", "/stats")["calls"]
    return sum(count for name, count in calls.items() if name.endswith("/token"))


def connected_portals(connected: Connected) -> int:
    with connected.product.stores.database.read() as conn:
        return len(portals.listed(conn))


def test_the_whole_way_connects_once_and_keeps_tokens_sealed(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    back = approve(unconnected, begin(browser, invite(unconnected)))
    answer = browser.get(back)
    assert answer.status_code == 200
    assert "Connected" in answer.text
    assert "/welcome?code=" in answer.text  # led on to become the first admin
    assert answer.headers["Cache-Control"] == "no-store"
    with unconnected.product.stores.database.read() as conn:
        (portal,) = portals.listed(conn)
        dump = repr(conn.exec_driver_sql("SELECT * FROM portals").all())
    tokens = unconnected.product.hubspot.tokens.load(PORTAL)
    assert (portal.portal_id, portal.state) == (PORTAL, "connected")
    assert tokens.access_token not in dump
    assert tokens.refresh_token not in dump
    assert browser.get(back).status_code == 400  # reused
    assert browser.get("/oauth/install?invitation=token-1").status_code == 403


def test_a_wrong_state_never_reaches_the_token_endpoint(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    asked = begin(browser, invite(unconnected))
    back = approve(unconnected, asked)
    other = unconnected.app.test_client()
    assert other.get(back).status_code == 400  # another browser
    assert browser.get(back.split("&state=")[0].split("state=")[0]).status_code == 400
    altered = back.replace(asked["state"], asked["state"][:-2] + "xx")
    assert browser.get(altered).status_code == 400
    assert token_calls(unconnected) == 0
    assert connected_portals(unconnected) == 0


def test_a_refusal_is_a_friendly_page_and_stores_nothing(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    back = approve(unconnected, begin(browser, invite(unconnected)), decision="deny")
    answer = browser.get(back)
    assert answer.status_code == 200
    assert "declined" in answer.text
    assert connected_portals(unconnected) == 0


def test_a_made_up_code_is_a_clean_error(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    asked = begin(browser, invite(unconnected))
    answer = browser.get(f"/oauth/callback?code=invented&state={asked['state']}")
    assert answer.status_code == 400
    assert connected_portals(unconnected) == 0


def test_without_an_invitation_nothing_begins(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    assert browser.get("/oauth/install").status_code == 403
    assert browser.get("/oauth/install?invitation=guess").status_code == 403


def test_a_reinstall_updates_the_portal_and_keeps_its_settings(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    browser.get(approve(unconnected, begin(browser, invite(unconnected))))
    with unconnected.product.stores.database.write() as conn:
        portals.set_state(conn, PORTAL, "needs_reconnect")
    second = begin(browser, invite(unconnected, "token-2"))
    assert browser.get(approve(unconnected, second)).status_code == 200
    with unconnected.product.stores.database.read() as conn:
        (portal,) = portals.listed(conn)
    assert portal.state == "connected"


def test_a_reinstall_with_other_scopes_switches_their_feature_on(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    asked = begin(browser, invite(unconnected))
    browser.get(approve(unconnected, asked, refused=LISTS))
    unconnected.run()
    unconnected.go_live()
    assert installation(unconnected)["refused"] == ["lists"]
    assert "lists" not in installation(unconnected)
    browser.get(approve(unconnected, begin(browser, invite(unconnected, "token-2"))))
    unconnected.run()
    assert installation(unconnected)["refused"] == []
    assert len(installation(unconnected)["lists"]) == 3
    with unconnected.product.stores.database.read() as conn:
        assert set(portals.get(conn, PORTAL).scopes) >= LISTS


def installation(connected: Connected) -> dict[str, Any]:
    with connected.product.stores.database.read() as conn:
        return dict(portals.get(conn, PORTAL).installation)


def test_the_alias_of_the_callback_answers_too(unconnected: Connected) -> None:
    assert unconnected.app.test_client().get("/auth/callback").status_code == 400
