"""A password alone opens nothing of an account with a second factor, or of a portal that asks."""

from __future__ import annotations

import pyotp
import pytest

from backend.services.accounts import new_password
from backend.storage.access import users
from tests.integration.api.conftest import ON_SQLITE, OTHER, OWN, PASSWORD, Desk

EMAIL = f"admin@{OWN}.example"
NEEDED = "second_factor_needed"


def code_of(desk: Desk, secret: str) -> str:
    return str(pyotp.TOTP(secret).at(desk.clock.now()))


def set_up(desk: Desk, token: str) -> str:
    secret = str(desk.ask("POST", "/session/second-factor", token).get_json()["secret"])
    body = {"secret": secret, "code": code_of(desk, secret), "password": PASSWORD}
    assert desk.ask("PUT", "/session/second-factor", token, body).status_code == 200
    desk.clock.forward(60)
    return secret


def sign_in(desk: Desk, code: str = "", password: str = PASSWORD) -> tuple[int, str]:
    body = {"email": EMAIL, "password": password, "code": code}
    found = desk.ask("POST", "/session", body=body)
    return found.status_code, found.get_json().get("code", "")


def test_signing_in_takes_the_code_and_each_code_once(desk: Desk) -> None:
    token = desk.token(desk.person("admin"))
    secret = set_up(desk, token)
    assert sign_in(desk) == (401, NEEDED)
    assert sign_in(desk, "000000") == (401, NEEDED)
    assert sign_in(desk, code_of(desk, secret), "wrong password")[1] != NEEDED
    used = code_of(desk, secret)
    assert sign_in(desk, used)[0] == 201
    assert sign_in(desk, used) == (401, NEEDED)
    desk.clock.forward(30)
    assert sign_in(desk, code_of(desk, secret))[0] == 201


def test_guessing_codes_has_to_wait(desk: Desk) -> None:
    set_up(desk, desk.token(desk.person("admin")))
    found = [sign_in(desk, f"{number:06}")[0] for number in range(8)]
    assert found[-1] == 429


def test_the_secret_is_stored_sealed_and_the_operator_can_take_it_away(desk: Desk) -> None:
    subject = desk.person("admin")
    secret = set_up(desk, desk.token(subject))
    with desk.product.stores.database.write() as conn:
        user = users.get(conn, subject.removeprefix("user:"))
        assert user.totp_sealed and secret not in user.totp_sealed
        fresh = new_password(conn, user)
    assert sign_in(desk, "", fresh)[0] == 201


@ON_SQLITE
def test_removing_it_takes_password_and_code(desk: Desk) -> None:
    token = desk.token(desk.person("admin"))
    secret = set_up(desk, token)
    path = "/session/second-factor/removal"
    wrong = {"code": "000000", "password": PASSWORD}
    assert desk.ask("POST", path, token, wrong).status_code == 400
    body = {"code": code_of(desk, secret), "password": "wrong"}
    assert desk.ask("POST", path, token, body).status_code == 403
    assert desk.ask("POST", path, token, {**body, "password": PASSWORD}).status_code == 200
    assert sign_in(desk)[0] == 201


@ON_SQLITE
@pytest.mark.parametrize(
    ("needed", "shut_out"), [("admins", {"admin"}), ("everyone", {"admin", "rep"})]
)
def test_a_portal_that_asks_shows_nothing_before(
    desk: Desk, needed: str, shut_out: set[str]
) -> None:
    boss = desk.token(desk.person("admin", email="boss@x.example"))
    require = ("PUT", f"/portals/{OWN}/settings/second-factor")
    assert desk.ask(*require, boss, {"second_factor": needed}).status_code == 409  # locked out
    set_up(desk, boss)
    key = desk.ask("POST", f"/portals/{OWN}/api-keys", boss, {"label": "x", "role": "rep"})
    assert desk.ask(*require, boss, {"second_factor": needed}).status_code == 200
    for role in ("admin", "rep"):
        token = desk.token(desk.person(role))
        expected = 403 if role in shut_out else 200
        assert desk.ask("GET", f"/portals/{OWN}/overview", token).status_code == expected
        set_up(desk, token)
        assert desk.ask("GET", f"/portals/{OWN}/overview", token).status_code == 200
    outside = desk.token(desk.person("admin", OTHER))
    assert desk.ask("GET", f"/portals/{OTHER}/overview", outside).status_code == 200
    program = key.get_json()["key"]
    assert desk.ask("GET", f"/portals/{OWN}/overview", program).status_code == 200


@ON_SQLITE
@pytest.mark.parametrize("secret", ["", "A" * 31, "a" * 32, "1" * 32, "A" * 64])
def test_a_secret_that_is_none_of_ours_is_refused(desk: Desk, secret: str) -> None:
    token = desk.token(desk.person("admin"))
    body = {"secret": secret, "code": "123456", "password": PASSWORD}
    assert desk.ask("PUT", "/session/second-factor", token, body).status_code == 400
