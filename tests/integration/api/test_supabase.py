"""Sign-in through Supabase Auth: it keeps the passwords, the roles stay ours."""

from __future__ import annotations

import pytest
from pytest_httpserver import HTTPServer

from backend.clients.supabase_auth import SupabaseAuth
from backend.services.accounts import email_mac
from backend.storage.access import users
from backend.web.app import create
from tests.contract.supabase_server import KEY, Account, SupabaseServer, serve
from tests.integration.api.conftest import ON_SQLITE, OWN, PASSWORD, Desk
from tests.support.product import changed

EMAIL = f"manager@{OWN}.example"
pytestmark = ON_SQLITE


@pytest.fixture
def supabase(httpserver: HTTPServer) -> SupabaseServer:
    return serve(httpserver)


@pytest.fixture
def signed_desk(desk: Desk, supabase: SupabaseServer) -> Desk:
    product = changed(desk.product, sign_in=SupabaseAuth(supabase.url, KEY))
    return Desk(product, create(product), desk.clock)


def sign_in(desk: Desk, email: str = EMAIL, password: str = "theirs") -> tuple[int, str]:
    found = desk.ask("POST", "/session", body={"email": email, "password": password})
    return found.status_code, found.get_json().get("token", "")


def test_a_person_with_an_account_here_signs_in_there(
    signed_desk: Desk, supabase: SupabaseServer
) -> None:
    supabase.accounts.append(Account("u-1", EMAIL, "theirs"))
    status, token = sign_in(signed_desk)
    assert status == 201
    assert supabase.asked == ["token", "user"]  # whose token it is was asked, not believed
    me = signed_desk.ask("GET", "/session", token).get_json()
    assert [(p["portal_id"], p["role"]) for p in me["portals"]] == [(OWN, "manager")]
    assert sign_in(signed_desk, password=PASSWORD)[0] == 401  # the local password opens nothing


def test_a_stranger_an_unconfirmed_address_and_a_refused_token_get_nothing(
    signed_desk: Desk, supabase: SupabaseServer
) -> None:
    supabase.accounts += [
        Account("u-2", "stranger@x.example", "theirs"),
        Account("u-3", EMAIL, "theirs", confirmed=False),
    ]
    assert sign_in(signed_desk, "stranger@x.example")[0] == 401
    assert sign_in(signed_desk)[0] == 401
    supabase.accounts[1].confirmed = True
    supabase.forget_tokens = True
    assert sign_in(signed_desk)[0] == 401
    supabase.forget_tokens = False
    supabase.accounts[1].banned = True
    assert sign_in(signed_desk)[0] == 401


def test_the_first_sign_in_binds_the_account_for_good(
    signed_desk: Desk, supabase: SupabaseServer
) -> None:
    supabase.accounts.append(Account("u-1", EMAIL, "theirs"))
    assert sign_in(signed_desk)[0] == 201
    supabase.accounts[0].user_id = "u-9"  # deleted there, and made anew by somebody else
    assert sign_in(signed_desk)[0] == 401
    supabase.accounts[0].user_id = "u-1"
    supabase.accounts[0].email = "new@x.example"  # changed there: still the same person
    assert sign_in(signed_desk, "new@x.example")[0] == 201


def test_an_outage_there_is_said_and_is_no_wrong_password(
    signed_desk: Desk, supabase: SupabaseServer
) -> None:
    supabase.status = 500
    assert sign_in(signed_desk)[0] == 503
    supabase.status = 429
    assert sign_in(signed_desk)[0] == 503


def test_a_new_person_gets_no_password_of_ours(signed_desk: Desk, supabase: SupabaseServer) -> None:
    admin = signed_desk.token(signed_desk.person("admin"))
    body = {"email": "new@x.example", "role": "rep"}
    made = signed_desk.ask("POST", f"/portals/{OWN}/users", admin, body).get_json()
    wrong = {"code": made["code"], "password": "chosen by whoever has the link"}
    assert signed_desk.ask("POST", "/invitation/accepted", body=wrong).status_code == 401
    supabase.accounts.append(Account("u-7", "new@x.example", "theirs"))
    right = {"code": made["code"], "password": "theirs"}
    assert signed_desk.ask("POST", "/invitation/accepted", body=right).status_code == 201
    with signed_desk.product.stores.database.read() as conn:
        user = users.by_email(conn, email_mac(signed_desk.product.stores.settings, "new@x.example"))
    assert user is not None and user.password_hash is None
