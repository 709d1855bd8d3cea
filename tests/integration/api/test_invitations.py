"""An account belongs to whoever opens its invitation: nobody takes it first, nobody sees it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.errors import Conflict
from backend.security.roles import Role
from backend.services.accounts import claim as claim_of
from backend.services.accounts import delete, email_mac
from backend.storage.access import api_keys, user_invitations, users
from backend.storage.access.users import User
from tests.integration.api.conftest import ON_SQLITE, OTHER, OWN, PASSWORD, Desk

VICTIM = "victim@elsewhere.example"
STRONG = "four unrelated words indeed"


def invite(desk: Desk, portal_id: int = OWN, email: str = VICTIM, role: str = "manager") -> str:
    admin = desk.token(desk.person("admin", portal_id))
    body = {"email": email, "role": role}
    made = desk.ask("POST", f"/portals/{portal_id}/users", admin, body)
    assert made.status_code == 201
    return str(made.get_json()["code"])


def accept(desk: Desk, code: str, password: str = STRONG) -> tuple[int, str]:
    found = desk.ask("POST", "/invitation/accepted", body={"code": code, "password": password})
    return found.status_code, (found.get_json() or {}).get("token", "")


def account(desk: Desk, email: str = VICTIM) -> User | None:
    with desk.product.stores.database.read() as conn:
        return users.by_email(conn, email_mac(desk.product.stores.settings, email))


def roles(desk: Desk, email: str = VICTIM) -> dict[int, str]:
    found = account(desk, email)
    with desk.product.stores.database.read() as conn:
        return users.roles(conn, found.subject) if found else {}


def test_an_invitation_makes_no_account_until_its_person_accepts(desk: Desk) -> None:
    code = invite(desk)
    assert account(desk) is None
    status, token = accept(desk, code)
    assert status == 201
    assert roles(desk) == {OWN: "manager"}
    assert desk.ask("GET", f"/portals/{OWN}/overview", token).status_code == 200
    assert accept(desk, code)[0] == 404  # once


def test_an_account_taken_in_advance_gets_nothing_of_another_portal(desk: Desk) -> None:
    """An admin elsewhere accepts in the victim's name first; then the victim is invited here."""
    squatted = "the squatter's own words"
    _, squatter = accept(desk, invite(desk, OTHER), squatted)
    code = invite(desk, OWN)
    assert roles(desk) == {OTHER: "manager"}
    assert desk.ask("GET", f"/portals/{OWN}/overview", squatter).status_code == 404
    assert accept(desk, code, STRONG)[0] == 401  # the victim learns of it; nothing is given away
    assert roles(desk) == {OTHER: "manager"}


def test_an_existing_account_gets_a_role_only_by_its_owner_accepting(desk: Desk) -> None:
    desk.person("rep", OTHER, email=VICTIM)
    code = invite(desk)
    assert roles(desk) == {OTHER: "rep"}
    assert accept(desk, code, STRONG)[0] == 401  # not its password, and it is not replaced
    assert roles(desk) == {OTHER: "rep"}
    assert accept(desk, code, PASSWORD)[0] == 201
    assert roles(desk) == {OTHER: "rep", OWN: "manager"}


@ON_SQLITE
def test_access_does_not_tell_whether_an_address_has_an_account(desk: Desk) -> None:
    desk.person("rep", OTHER, email="known@elsewhere.example")
    admin = desk.token(desk.person("admin"))
    answers = []
    for email in ("known@elsewhere.example", "unknown@elsewhere.example"):
        body = {"email": email, "role": "rep"}
        made = desk.ask("POST", f"/portals/{OWN}/users", admin, body)
        shown = {"code": made.get_json()["code"]}
        seen = desk.ask("POST", "/invitation/shown", body=shown)
        answers.append(
            (
                made.status_code,
                sorted(made.get_json()),
                seen.status_code,
                {**seen.get_json(), "email": ""},
            )
        )
    assert answers[0] == answers[1]
    listed = desk.ask("GET", f"/portals/{OWN}/users", admin).get_json()["items"]
    assert all("last_sign_in_at" not in one for one in listed)
    assert not {one["email"] for one in listed} & {"known@elsewhere.example"}


def test_two_who_accept_at_once_are_one_account(desk: Desk) -> None:
    code = invite(desk)
    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(lambda _: accept(desk, code)[0], range(2)))
    assert statuses[0] == 201 and statuses[1] in (404, 409)
    assert roles(desk) == {OWN: "manager"}


@ON_SQLITE
def test_an_invitation_ends_after_a_week_or_when_it_is_withdrawn_or_replaced(desk: Desk) -> None:
    first, second = invite(desk), invite(desk)
    assert accept(desk, first)[0] == 404
    admin = desk.token(desk.person("admin"))
    listed = desk.ask("GET", f"/portals/{OWN}/users/invitations", admin).get_json()["items"]
    assert [one["email"] for one in listed] == [VICTIM]
    other = desk.token(desk.person("admin", OTHER))
    path = f"/users/invitations/{listed[0]['invitation_id']}"
    assert desk.ask("DELETE", f"/portals/{OTHER}{path}", other).status_code == 404
    assert desk.ask("DELETE", f"/portals/{OWN}{path}", admin).status_code == 200
    assert accept(desk, second)[0] == 404
    third = invite(desk)
    desk.clock.forward(7 * 86_400)
    assert accept(desk, third)[0] == 404


@ON_SQLITE
@pytest.mark.parametrize(
    "password", ["password1234", "victim@elsewhere.example", "short", "leadlight2026", "a" * 513]
)
def test_a_password_that_is_common_or_one_s_address_is_refused(desk: Desk, password: str) -> None:
    code = invite(desk)
    assert accept(desk, code, password)[0] == 400
    assert account(desk) is None
    assert accept(desk, code)[0] == 201


@ON_SQLITE
def test_guessing_the_present_password_is_slowed_down(desk: Desk) -> None:
    token = desk.token(desk.person("rep"))
    change = {"current": "not the password", "new": STRONG}
    found = [desk.ask("PUT", "/session/password", token, change).status_code for _ in range(7)]
    assert found[:5] == [403] * 5 and found[-1] == 429


@pytest.mark.parametrize("role", [role.value for role in Role])
@ON_SQLITE
def test_a_key_manages_neither_keys_nor_people(desk: Desk, role: str) -> None:
    admin = desk.token(desk.person("admin"))
    body = {"label": "x", "role": role}
    key = desk.ask("POST", f"/portals/{OWN}/api-keys", admin, body).get_json()["key"]
    for method, path, sent in (
        ("POST", "/api-keys", body),
        ("GET", "/api-keys", None),
        ("DELETE", "/api-keys/x", None),
        ("POST", "/users", {"email": VICTIM, "role": "admin"}),
        ("GET", "/users", None),
        ("PUT", "/users/x/role", {"role": "admin"}),
        ("GET", "/users/invitations", None),
    ):
        assert desk.ask(method, f"/portals/{OWN}{path}", key, sent).status_code == 403


@pytest.mark.parametrize("end", ["removed", "demoted", "disabled", "deleted"])
def test_a_key_ends_with_the_person_who_made_it(desk: Desk, end: str) -> None:
    boss = desk.token(desk.person("admin"))
    maker = desk.person("admin", email="maker@x.example")
    body = {"label": "x", "role": "rep"}
    made = desk.ask("POST", f"/portals/{OWN}/api-keys", desk.token(maker), body).get_json()
    assert desk.ask("GET", f"/portals/{OWN}/overview", made["key"]).status_code == 200
    user_id = maker.removeprefix("user:")
    if end == "removed":
        desk.ask("DELETE", f"/portals/{OWN}/users/{user_id}", boss)
    elif end == "demoted":
        desk.ask("PUT", f"/portals/{OWN}/users/{user_id}/role", boss, {"role": "rep"})
    else:
        with desk.product.stores.database.write() as conn:
            if end == "disabled":
                users.set_disabled(conn, user_id, desk.clock.now())
            else:
                delete(
                    conn,
                    desk.product,
                    users.get(conn, user_id),
                    made_by="cli:operator",
                    now=desk.clock.now(),
                )
    assert desk.ask("GET", f"/portals/{OWN}/overview", made["key"]).status_code == 401
    with desk.product.stores.database.read() as conn:
        key = api_keys.find(conn, made["prefix"])
    assert key is not None and key.made_by == maker


def test_a_deleted_person_leaves_nothing_but_a_number(desk: Desk) -> None:
    maker = desk.person("rep", email=VICTIM)
    invite(desk, OTHER)
    found = account(desk)
    assert found is not None
    token = desk.token(maker)
    with desk.product.stores.database.write() as conn:
        delete(conn, desk.product, found, made_by="cli:operator", now=desk.clock.now())
    assert account(desk) is None
    assert desk.ask("GET", "/session", token).status_code == 401
    with desk.product.stores.database.read() as conn:
        assert not user_invitations.invitations(conn, OTHER, desk.clock.now())
        last_admin = users.get(conn, desk.person("admin").removeprefix("user:"))
    with pytest.raises(Conflict), desk.product.stores.database.write() as conn:
        delete(conn, desk.product, last_admin, made_by="cli:operator", now=desk.clock.now())


def claim(desk: Desk) -> str:
    stores = desk.product.stores
    with stores.database.write() as conn:
        return claim_of(
            conn, stores.settings, stores.cipher, OWN, made_by="hubspot:7", now=desk.clock.now()
        )


def without_admins(desk: Desk) -> None:
    with desk.product.stores.database.write() as conn:
        for subject in users.admins(conn, OWN):
            users.remove_role(conn, OWN, subject)


def test_the_installer_becomes_the_first_admin_once_with_an_address_of_their_own(
    desk: Desk,
) -> None:
    assert claim(desk) == ""  # the portal has an admin
    without_admins(desk)
    code = claim(desk)
    shown = desk.ask("POST", "/invitation/shown", body={"code": code}).get_json()
    assert (shown["email"], shown["role"]) == ("", "admin")
    body = {"code": code, "password": STRONG}
    assert desk.ask("POST", "/invitation/accepted", body=body).status_code == 400
    mine = body | {"email": "installer@x.example"}
    assert desk.ask("POST", "/invitation/accepted", body=mine).status_code == 201
    assert roles(desk, "installer@x.example") == {OWN: "admin"}
    assert desk.ask("POST", "/invitation/accepted", body=mine).status_code == 404


def test_a_claim_ends_when_the_portal_has_an_admin(desk: Desk) -> None:
    without_admins(desk)
    code = claim(desk)
    desk.person("admin")
    body = {"code": code, "password": STRONG, "email": "late@x.example"}
    assert desk.ask("POST", "/invitation/accepted", body=body).status_code == 404
    assert account(desk, "late@x.example") is None


def test_a_claim_takes_no_account_of_somebody_else(desk: Desk) -> None:
    accept(desk, invite(desk, OTHER))
    without_admins(desk)
    body = {"code": claim(desk), "password": "not the words of the victim", "email": VICTIM}
    assert desk.ask("POST", "/invitation/accepted", body=body).status_code == 401
    assert roles(desk) == {OTHER: "manager"}


def test_an_invitation_with_a_name_takes_no_other_address(desk: Desk) -> None:
    body = {"code": invite(desk), "password": STRONG, "email": "other@x.example"}
    assert desk.ask("POST", "/invitation/accepted", body=body).status_code == 201
    assert roles(desk) == {OWN: "manager"}
    assert account(desk, "other@x.example") is None
