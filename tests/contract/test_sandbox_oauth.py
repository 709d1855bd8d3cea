"""Installing the app through the sandbox's consent page, and what its tokens then do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.testing import QUICK, RunningSandbox, running_sandbox

BACK = "http://localhost:5000/oauth/callback?tenant=1"
SCOPES = "oauth crm.objects.contacts.read"
TOKEN = "/oauth/2026-09/token"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(replace(QUICK, contacts=3)) as running:
        yield running


def ask(sandbox: RunningSandbox, **change: str) -> dict[str, str]:
    query = {
        "client_id": sandbox.app.client_id,
        "redirect_uri": BACK,
        "scope": SCOPES,
        "optional_scope": "crm.lists.read automation",
        "state": "s t&te",
    }
    return {name: value for name, value in (query | change).items() if value}


def approve(sandbox: RunningSandbox, **change: Any) -> requests.Response:
    portal = str(sandbox.portal.portal_id)
    form = {**ask(sandbox), "portal_id": portal, "decision": "approve", **change}
    return sandbox.session.post(
        f"{sandbox.url}/oauth/authorize/approve", data=form, allow_redirects=False, timeout=10
    )


def answered(response: requests.Response) -> dict[str, str]:
    assert response.status_code == 302, response.text
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def post(sandbox: RunningSandbox, path: str = TOKEN, **form: str) -> requests.Response:
    app = sandbox.app
    known = {"client_id": app.client_id, "client_secret": app.client_secret, **form}
    return sandbox.session.post(f"{sandbox.url}{path}", data=known, timeout=10)


def exchange(sandbox: RunningSandbox, code: str, **form: str) -> requests.Response:
    known = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **form}
    return post(sandbox, **known)


@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/4242001/authorize"])
def test_the_page_shows_what_the_app_asks_for(sandbox: RunningSandbox, path: str) -> None:
    page = sandbox.session.get(f"{sandbox.url}{path}", params=ask(sandbox), timeout=10)
    assert page.status_code == 200
    assert "crm.objects.contacts.read" in page.text and "automation" in page.text
    assert "not HubSpot" in page.text


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"client_id": "someone-else"}, "client_id"),
        ({"redirect_uri": "http://evil.example/cb"}, "redirect_uri"),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri"),
        ({"scope": "contacts.read"}, "contacts.read"),
        ({"scope": ""}, "scope"),
    ],
)
def test_a_wrong_link_is_explained_and_never_redirects(
    sandbox: RunningSandbox, change: dict[str, str], named: str
) -> None:
    query = ask(sandbox, **change)
    page = sandbox.session.get(f"{sandbox.url}/oauth/authorize", params=query, timeout=10)
    assert page.status_code == 400 and named in page.text


def test_only_registered_redirects_when_the_app_has_some() -> None:
    settings = replace(QUICK, contacts=3)
    with running_sandbox(settings, redirect_uris=("https://app.example/cb",)) as sandbox:
        link = f"{sandbox.url}/oauth/authorize"
        assert sandbox.session.get(link, params=ask(sandbox), timeout=10).status_code == 400
        good = ask(sandbox, redirect_uri="https://app.example/cb")
        assert sandbox.session.get(link, params=good, timeout=10).status_code == 200


def test_approval_gives_a_code_that_works_once(sandbox: RunningSandbox) -> None:
    back = answered(approve(sandbox, granted=["crm.lists.read"]))
    assert back["state"] == "s t&te" and back["tenant"] == "1"
    tokens = exchange(sandbox, back["code"])
    assert tokens.status_code == 200
    body = tokens.json()
    assert body["expires_in"] == 1800 and body["hub_id"] == sandbox.portal.portal_id
    assert body["scopes"] == [*SCOPES.split(), "crm.lists.read"]
    assert body["token_type"] == "bearer"
    path = "/crm/objects/2026-09/contacts"
    assert sandbox.api("GET", path, token=body["access_token"]).status_code == 200
    again = exchange(sandbox, back["code"])
    assert again.status_code == 400
    assert (again.json()["error"], again.json()["status"]) == ("invalid_grant", "BAD_AUTH_CODE")


def test_a_code_dies_after_a_minute_and_with_another_redirect(sandbox: RunningSandbox) -> None:
    late = answered(approve(sandbox))["code"]
    sandbox.clock.forward(61)
    assert exchange(sandbox, late).json()["status"] == "BAD_AUTH_CODE"
    moved = answered(approve(sandbox))["code"]
    refused = exchange(sandbox, moved, redirect_uri="http://localhost:5000/other")
    assert refused.json()["status"] == "MISMATCH_REDIRECT_URI_AUTH_CODE"


def test_a_denial_comes_back_as_an_error(sandbox: RunningSandbox) -> None:
    back = answered(approve(sandbox, decision="deny"))
    assert back["error"] == "access_denied" and "code" not in back and back["state"] == "s t&te"


def test_a_tier_withholds_what_it_does_not_have(sandbox: RunningSandbox) -> None:
    sandbox.control("POST", "/portals", {"portal_id": 6, "empty": True, "tier": "starter"})
    code = answered(approve(sandbox, portal_id="6", granted=["automation", "crm.lists.read"]))
    assert exchange(sandbox, code["code"]).json()["scopes"] == [*SCOPES.split(), "crm.lists.read"]
    refused = approve(sandbox, portal_id="6", scope=f"{SCOPES} automation")
    assert refused.status_code == 400 and "automation" in refused.text


@pytest.mark.parametrize("version", ["2026-09", "2026-03", "v3", "v1"])
def test_every_token_path_refreshes(sandbox: RunningSandbox, version: str) -> None:
    grant = sandbox.control("POST", "/token", {})
    path = f"/oauth/{version}/token"
    fresh = post(
        sandbox, path, grant_type="refresh_token", refresh_token=grant["refresh_token"]
    ).json()
    assert fresh["access_token"] != grant["access_token"]
    assert fresh["refresh_token"] == grant["refresh_token"]


@pytest.mark.parametrize(
    ("form", "error", "status"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type", "BAD_GRANT_TYPE"),
        ({"grant_type": "refresh_token"}, "invalid_grant", "BAD_REFRESH_TOKEN"),
        ({"grant_type": "refresh_token", "client_secret": "x"}, "invalid_client", "BAD_CLIENT_ID"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_grant", "BAD_AUTH_CODE"),
    ],
)
def test_oauth_errors_have_their_own_shape(
    sandbox: RunningSandbox, form: dict[str, str], error: str, status: str
) -> None:
    answer = post(sandbox, **form)
    assert answer.status_code == 400
    assert (answer.json()["error"], answer.json()["status"]) == (error, status)
    assert answer.json()["error_description"] == answer.json()["message"]


def test_introspection_knows_good_and_bad_tokens(sandbox: RunningSandbox) -> None:
    grant = sandbox.control("POST", "/token", {"scopes": ["oauth"]})
    path = f"{TOKEN}/introspect"
    hinted = {"token_type_hint": "refresh_token", "refresh_token": grant["refresh_token"]}
    for form in ({"token": grant["access_token"]}, hinted):
        found = post(sandbox, path, **form).json()
        assert found["active"] and found["hub_id"] == sandbox.portal.portal_id
        assert found["scopes"] == ["oauth"]
    assert post(sandbox, path, token="made-up").json() == {"active": False}


def test_revoking_ends_tokens_but_keeps_the_installation(sandbox: RunningSandbox) -> None:
    grant = sandbox.control("POST", "/token", {})
    assert post(sandbox, f"{TOKEN}/revoke", token=grant["refresh_token"]).status_code == 204
    path = "/crm/objects/2026-09/contacts"
    assert sandbox.api("GET", path, token=grant["access_token"]).status_code == 401
    assert sandbox.app.app_id in sandbox.portal.installations


def test_uninstalling_ends_everything(sandbox: RunningSandbox) -> None:
    grant = sandbox.control("POST", "/token", {})
    path = "/appinstalls/2026-09/external-install"
    assert sandbox.api("DELETE", path, token=grant["access_token"]).status_code == 204
    assert sandbox.api("DELETE", path, token=grant["access_token"]).status_code == 401
    assert sandbox.app.app_id not in sandbox.portal.installations


def test_account_details_name_the_portal(sandbox: RunningSandbox) -> None:
    token = sandbox.token(["oauth"])
    for version in ("2026-09", "v3"):
        found = sandbox.api("GET", f"/account-info/{version}/details", token=token).json()
        assert found["portalId"] == sandbox.portal.portal_id


def test_token_lifetime_can_be_shortened(sandbox: RunningSandbox) -> None:
    sandbox.control("PUT", "/tokens", {"access_token_lifetime_s": 5})
    token = sandbox.token()
    sandbox.clock.forward(6)
    path = "/crm/objects/2026-09/contacts"
    assert sandbox.api("GET", path, token=token).status_code == 401
    later = sandbox.control("POST", "/token", {"expires_in": 3600})
    assert later["expires_in"] == 3600
    assert sandbox.control("POST", "/tokens/expire", {})["expired"] == 1
    assert sandbox.api("GET", path, token=later["access_token"]).status_code == 401
