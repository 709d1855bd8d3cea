"""Signing in: throttled, expiring, revocable; the same answer whether or not an account exists."""

from __future__ import annotations

import pytest

from backend.config import (
    SESSION_IDLE_S,
    SESSION_S,
    SIGN_IN_FREE,
    SIGN_IN_FREE_ACCOUNT,
    SIGN_IN_FREE_ADDRESS,
)
from backend.services.accounts import create
from backend.storage.access import api_keys, users
from backend.storage.portals import portals
from backend.storage.tables.access import sessions as session_rows
from backend.storage.tables.access import users as user_rows
from tests.integration.api.conftest import ON_SQLITE, OTHER, OWN, PASSWORD, Desk

EMAIL = f"manager@{OWN}.example"


def sign_in(desk: Desk, email: str = EMAIL, password: str = PASSWORD) -> tuple[int, str]:
    found = desk.ask("POST", "/session", body={"email": email, "password": password})
    return found.status_code, found.get_json().get("token", "")


def test_a_session_says_who_and_where_until_it_is_signed_out(desk: Desk) -> None:
    status, token = sign_in(desk, EMAIL.upper())
    assert status == 201
    me = desk.ask("GET", "/session", token).get_json()
    assert me["email"] == EMAIL
    assert [(p["portal_id"], p["role"]) for p in me["portals"]] == [(OWN, "manager")]
    assert "manage_users" not in me["portals"][0]["permissions"]
    assert desk.ask("DELETE", "/session", token).status_code == 200
    assert desk.ask("GET", "/session", token).status_code == 401


def test_a_sign_in_is_on_the_trail_of_the_portals_that_the_person_may_see(desk: Desk) -> None:
    sign_in(desk)
    subject = desk.person("manager")
    for portal_id, seen in ((OWN, ["session.start"]), (OTHER, [])):
        admin = desk.token(desk.person("admin", portal_id))
        rows = desk.ask("GET", f"/portals/{portal_id}/audit", admin).get_json()["items"]
        assert [row["action"] for row in rows if row["actor"] == subject] == seen


@ON_SQLITE
def test_who_gets_a_role_later_does_not_bring_older_sign_ins_along(desk: Desk) -> None:
    sign_in(desk)
    desk.clock.forward(60)
    subject = desk.person("manager", OTHER, email=EMAIL)
    _, token = sign_in(desk)
    desk.ask("DELETE", "/session", token)
    admin = desk.token(desk.person("admin", OTHER))
    rows = desk.ask("GET", f"/portals/{OTHER}/audit", admin).get_json()["items"]
    mine = [row["action"] for row in rows if row["actor"] == subject]
    assert mine == ["session.end", "session.start"]


def test_neither_password_nor_email_nor_token_is_stored_readable(desk: Desk) -> None:
    _, token = sign_in(desk)
    with desk.product.stores.database.read() as conn:
        stored = repr(conn.execute(user_rows.select()).all())
        stored += repr(conn.execute(session_rows.select()).all())
    for secret in (EMAIL, PASSWORD, token):
        assert secret not in stored


def from_(desk: Desk, address: str, password: str, email: str = EMAIL, device: str = "") -> int:
    """Signing in through the console, by a browser at this address."""
    found = desk.app.test_client().post(
        "/api/v1/session",
        json={"email": email, "password": password, "device": device},
        headers={"X-Forwarded-For": address},
    )
    return found.status_code


def test_whoever_guesses_locks_out_nobody_else(desk: Desk) -> None:
    """A hundred wrong tries through the console, and on: others sign in as if nothing was."""
    for number in range(SIGN_IN_FREE_ADDRESS + 5):
        from_(desk, "203.0.113.9", "wrong", f"{number}@nowhere.example")
    assert from_(desk, "203.0.113.9", PASSWORD) == 429
    assert from_(desk, "198.51.100.7", PASSWORD) == 201
    for _ in range(SIGN_IN_FREE + 2):
        from_(desk, "203.0.113.10", "wrong")
    assert from_(desk, "203.0.113.10", PASSWORD) == 429
    assert from_(desk, "198.51.100.7", PASSWORD) == 201


def test_a_browser_that_signed_in_before_is_not_locked_out_by_any_number_of_others(
    desk: Desk,
) -> None:
    body = {"email": EMAIL, "password": PASSWORD}
    device = desk.ask("POST", "/session", body=body).get_json()["device"]
    for number in range(SIGN_IN_FREE_ACCOUNT + 5):
        from_(desk, f"203.0.113.{number}", "wrong")
    assert from_(desk, "192.0.2.1", PASSWORD) == 429  # all places together
    assert from_(desk, "192.0.2.1", PASSWORD, device=device) == 201
    other = f"admin@{OWN}.example"
    for _ in range(SIGN_IN_FREE_ACCOUNT + 5):
        from_(desk, "192.0.2.2", "wrong", other, device)  # it is no pass to another account
    assert from_(desk, "192.0.2.2", PASSWORD, other, device) == 429
    for _ in range(SIGN_IN_FREE + 1):
        last = from_(desk, "192.0.2.1", "wrong", device=device)
    assert last == 429  # nor an endless one to its own


@ON_SQLITE
def test_an_address_that_nobody_trusted_wrote_is_not_believed(desk: Desk) -> None:
    for number in range(SIGN_IN_FREE + 1):
        spoofed = f"198.51.100.{number}, 203.0.113.50"  # the last entry is the console's own
        last = from_(desk, spoofed, "wrong")
    assert last == 429


def test_wrong_passwords_have_to_wait_and_unknown_accounts_just_the_same(desk: Desk) -> None:
    for email in (EMAIL, "nobody@nowhere.example"):
        for _ in range(SIGN_IN_FREE):
            assert sign_in(desk, email, "not the password")[0] == 401
        blocked = desk.ask("POST", "/session", body={"email": email, "password": PASSWORD})
        assert blocked.status_code == 429
        assert int(blocked.headers["Retry-After"]) == 30
    desk.clock.forward(31)
    assert sign_in(desk)[0] == 201
    assert sign_in(desk, password="not the password")[0] == 401  # forgiven by the right one


@ON_SQLITE
@pytest.mark.parametrize("seconds", [SESSION_IDLE_S, SESSION_S])
def test_a_session_ends_by_itself(desk: Desk, seconds: int) -> None:
    _, token = sign_in(desk)
    for _ in range(seconds // 3_600 - 1):
        desk.clock.forward(3_600)
        if seconds == SESSION_S:
            assert desk.ask("GET", "/session", token).status_code == 200
    desk.clock.forward(3_600)
    assert desk.ask("GET", "/session", token).status_code == 401


@ON_SQLITE
def test_a_one_time_password_opens_nothing_but_the_choice_of_another(desk: Desk) -> None:
    with desk.product.stores.database.write() as conn:
        user, first = create(conn, desk.product, "new@x.example", desk.clock.now())
        portals.add_member(conn, OWN, user.subject, "manager", desk.clock.now())
    _, token = sign_in(desk, "new@x.example", first)
    assert desk.ask("GET", "/session", token).get_json()["must_change_password"] is True
    assert desk.ask("GET", f"/portals/{OWN}/overview", token).status_code == 403
    change = {"current": first, "new": "a much better password"}
    assert desk.ask("PUT", "/session/password", token, change).status_code == 200
    assert desk.ask("GET", f"/portals/{OWN}/overview", token).status_code == 200
    assert sign_in(desk, "new@x.example", first)[0] == 401


@ON_SQLITE
def test_taking_the_role_away_and_disabling_end_at_once(desk: Desk) -> None:
    admin = desk.token(desk.person("admin"))
    subject = desk.person("rep")
    token = desk.token(subject)
    user_id = subject.removeprefix("user:")
    assert desk.ask("DELETE", f"/portals/{OWN}/users/{user_id}", admin).status_code == 200
    assert desk.ask("GET", "/session", token).status_code == 401
    manager = desk.person("manager")
    kept = desk.token(manager)
    with desk.product.stores.database.write() as conn:
        users.set_disabled(conn, manager.removeprefix("user:"), desk.clock.now())
    assert desk.ask("GET", "/session", kept).status_code == 401
    assert sign_in(desk)[0] == 401


@ON_SQLITE
def test_the_last_admin_stays(desk: Desk) -> None:
    subject = desk.person("admin")
    admin = desk.token(subject)
    user_id = subject.removeprefix("user:")
    mine = f"/portals/{OWN}/users/{user_id}"
    assert desk.ask("PUT", f"{mine}/role", admin, {"role": "rep"}).status_code == 409
    assert desk.ask("DELETE", mine, admin).status_code == 409


def test_a_key_is_bound_to_its_portal_and_role_expires_and_says_when_it_was_used(
    desk: Desk,
) -> None:
    admin = desk.token(desk.person("admin"))
    body = {"label": "reports", "role": "rep", "days": 1}
    key = desk.ask("POST", f"/portals/{OWN}/api-keys", admin, body).get_json()["key"]
    assert desk.ask("GET", f"/portals/{OWN}/overview", key).status_code == 200
    assert desk.ask("GET", f"/portals/{OTHER}/overview", key).status_code == 404
    assert desk.ask("GET", f"/portals/{OWN}/audit", key).status_code == 403
    with desk.product.stores.database.read() as conn:
        assert api_keys.listed(conn, OWN)[0].last_used_at == desk.clock.now()
    desk.clock.forward(86_400)
    assert desk.ask("GET", f"/portals/{OWN}/overview", key).status_code == 401


@ON_SQLITE
def test_one_credential_is_limited_and_another_is_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.web.api.framework.gate.API_CALLS_PER_MINUTE", 3)
    token, other = desk.token(desk.person("rep")), desk.token(desk.person("manager"))
    found = [desk.ask("GET", "/session", token).status_code for _ in range(4)]
    assert found == [200, 200, 200, 429]
    assert desk.ask("GET", "/session", other).status_code == 200
    desk.clock.forward(60)
    assert desk.ask("GET", "/session", token).status_code == 200


@ON_SQLITE
def test_changes_of_access_are_on_the_audit_trail(desk: Desk) -> None:
    subject = desk.person("admin")
    admin = desk.token(subject)
    desk.ask("POST", f"/portals/{OWN}/api-keys", admin, {"label": "x", "role": "rep"})
    auditor = desk.token(desk.person("auditor"))
    page = desk.ask("GET", f"/portals/{OWN}/audit?limit=1", auditor).get_json()
    assert (page["items"][0]["action"], page["items"][0]["actor"]) == ("api_key.create", subject)
    foreign = desk.ask("GET", f"/portals/{OTHER}/audit", desk.token(desk.person("admin", OTHER)))
    assert foreign.get_json()["items"] == []
