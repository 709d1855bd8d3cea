"""Installed from HubSpot's marketplace: connected at once, an admin only after saying who they are.
SQLite and Postgres."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from flask.testing import FlaskClient

from backend.model import Mode
from backend.storage.access import users
from backend.storage.portals import portals
from backend.web.app import create
from tests.integration.conftest import PORTAL, Connected
from tests.support.connecting import approve, begin, invite

STRANGER = 999


def press_install(connected: Connected, user_id: int | None = None) -> str:
    """On the marketplace's page; where HubSpot sends the browser."""
    answer = requests.post(
        f"{connected.sandbox.url}/marketplace/install",
        data={"portal_id": str(PORTAL), "user_id": str(user_id or "")},
        allow_redirects=False,
        timeout=10,
    )
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def code_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["code"][0]


def connected_portals(connected: Connected) -> list[portals.Portal]:
    with connected.product.stores.database.read() as conn:
        return portals.listed(conn)


def claim(connected: Connected, browser: FlaskClient, user_id: int | None = None) -> FlaskClient:
    asked = begin(browser, "/oauth/claim")
    assert "returnUrl" not in asked
    return browser.get(approve(connected, asked, user_id=user_id))  # type: ignore[return-value]


def test_an_install_connects_in_shadow_mode_and_goes_back_to_hubspot(
    unconnected: Connected,
) -> None:
    browser = unconnected.app.test_client()
    link = press_install(unconnected)
    answer = browser.get(link)
    assert answer.status_code == 302
    back = answer.headers["Location"]
    assert back == parse_qs(urlsplit(link).query)["returnUrl"][0]
    assert "is installed" in requests.get(back, timeout=10).text
    (portal,) = connected_portals(unconnected)
    assert (portal.portal_id, portal.state) == (PORTAL, "connected")
    assert portal.settings.mode is Mode.SHADOW
    assert unconnected.product.hubspot.tokens.load(PORTAL).access_token
    assert "Set-Cookie" not in answer.headers  # nobody is signed in by it
    with unconnected.product.stores.database.read() as conn:
        assert users.admins(conn, PORTAL) == set()


def test_a_code_connects_once(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    link = press_install(unconnected)
    assert browser.get(link).status_code == 302
    before = unconnected.product.hubspot.tokens.load(PORTAL)
    assert browser.get(link).status_code == 400
    assert unconnected.product.hubspot.tokens.load(PORTAL) == before


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "https://app.hubspot.com@evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        "",
    ],
)
def test_another_place_than_hubspot_connects_nothing(unconnected: Connected, place: str) -> None:
    browser = unconnected.app.test_client()
    code = code_of(press_install(unconnected))
    query = urlencode({"code": code, "returnUrl": place})
    answer = browser.get(f"/oauth/callback?{query}")
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert connected_portals(unconnected) == []


def test_two_places_two_codes_and_no_code_connect_nothing(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    link = press_install(unconnected)
    for more in ("&returnUrl=https://evil.example/", "&code=another"):
        assert browser.get(link + more).status_code == 400
    code = code_of(link)
    assert browser.get(link.replace(f"code={code}", "step=authorize")).status_code == 400
    assert browser.get(link.replace(code, "made-up")).status_code == 400
    assert connected_portals(unconnected) == []


def test_an_app_that_is_not_listed_needs_an_invitation(unconnected: Connected) -> None:
    stores = unconnected.product.stores
    unlisted = replace(stores, settings=replace(stores.settings, hubspot_listed=False))
    browser = create(replace(unconnected.product, stores=unlisted)).test_client()
    answer = browser.get(press_install(unconnected))
    assert answer.status_code == 403
    assert "invitation" in answer.text
    assert connected_portals(unconnected) == []


def test_the_installer_becomes_first_admin_after_saying_who_they_are(
    unconnected: Connected,
) -> None:
    browser = unconnected.app.test_client()
    browser.get(press_install(unconnected))
    other = unconnected.app.test_client()  # another browser than the one that installed
    answer = claim(unconnected, other)
    assert answer.status_code == 200
    assert "/welcome?code=" in answer.text


def test_another_user_of_the_portal_does_not_become_admin(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    browser.get(press_install(unconnected))
    before = unconnected.product.hubspot.tokens.load(PORTAL)
    answer = claim(unconnected, browser, user_id=STRANGER)
    assert answer.status_code == 403
    assert "/welcome" not in answer.text
    assert unconnected.product.hubspot.tokens.load(PORTAL) == before


def test_whoever_did_not_install_the_app_connects_nothing_by_asking(
    unconnected: Connected,
) -> None:
    answer = claim(unconnected, unconnected.app.test_client())
    assert answer.status_code == 403
    assert connected_portals(unconnected) == []


def test_an_install_of_an_uninstalled_app_is_no_claim(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    browser.get(press_install(unconnected))
    with unconnected.product.stores.database.write() as conn:
        portals.set_state(conn, PORTAL, "disconnected")
    assert claim(unconnected, browser).status_code == 403


def test_a_claim_belongs_to_the_browser_that_began(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    browser.get(press_install(unconnected))
    back = approve(unconnected, begin(browser, "/oauth/claim"))
    assert unconnected.app.test_client().get(back).status_code == 400
    assert browser.get(back).status_code == 200
    assert browser.get(back).status_code == 400  # used


def test_a_portal_with_an_admin_gets_no_other_by_an_install(unconnected: Connected) -> None:
    browser = unconnected.app.test_client()
    browser.get(approve(unconnected, begin(browser, invite(unconnected))))
    now = unconnected.product.stores.clock.now()
    with unconnected.product.stores.database.write() as conn:
        admin = users.add(
            conn,
            email_sealed="x",
            email_mac="m",
            password_hash=None,
            must_change_password=False,
            now=now,
        )
        portals.add_member(conn, PORTAL, admin.subject, "admin", now)
    unconnected.set_mode(Mode.LIVE)
    assert browser.get(press_install(unconnected, STRANGER)).status_code == 302
    assert claim(unconnected, browser, user_id=STRANGER).status_code == 403
    taken = claim(unconnected, browser)
    assert (taken.status_code, "has an admin already" in taken.text) == (403, True)
    (portal,) = connected_portals(unconnected)
    assert portal.settings.mode is Mode.LIVE  # it was connected: nothing of its settings changes
    with unconnected.product.stores.database.read() as conn:
        assert users.admins(conn, PORTAL) == {admin.subject}


def test_what_was_uninstalled_in_live_mode_comes_back_in_shadow_mode(
    unconnected: Connected,
) -> None:
    browser = unconnected.app.test_client()
    browser.get(press_install(unconnected))
    unconnected.set_mode(Mode.LIVE)
    with unconnected.product.stores.database.write() as conn:
        portals.set_state(conn, PORTAL, "disconnected")
    browser.get(press_install(unconnected))
    (portal,) = connected_portals(unconnected)
    assert (portal.state, portal.settings.mode) == ("connected", Mode.SHADOW)
