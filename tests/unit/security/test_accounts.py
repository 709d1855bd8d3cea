from __future__ import annotations

import pytest

from backend.errors import BadInput, Forbidden
from backend.security import api_keys, passwords
from backend.security.roles import PERMISSIONS, Permission, Role, may, require
from backend.security.tombstone import tombstone

PASSWORD = "correct horse battery staple"


def test_a_password_is_hashed_with_argon2id_and_matches_only_itself() -> None:
    stored = passwords.hash_password(PASSWORD)
    assert stored.startswith("$argon2id$") and PASSWORD not in stored
    assert stored != passwords.hash_password(PASSWORD)
    assert passwords.matches(PASSWORD, stored)
    assert not passwords.matches(PASSWORD + " ", stored)
    assert not passwords.needs_rehash(stored)


def test_nobody_s_password_never_matches() -> None:
    assert not passwords.matches(PASSWORD, None)
    assert not passwords.matches("", None)
    assert not passwords.matches(PASSWORD, "not a hash")
    assert not passwords.matches("x" * 10_000_000, None)


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "x" * 513])
def test_too_short_and_absurdly_long_passwords_are_refused(password: str) -> None:
    with pytest.raises(BadInput):
        passwords.hash_password(password)


def test_an_api_key_is_found_by_prefix_and_proved_by_hash() -> None:
    made = api_keys.make()
    assert api_keys.prefix_of(made.text) == made.prefix
    assert api_keys.matches(made.text, made.key_hash)
    assert not api_keys.matches(api_keys.make().text, made.key_hash)
    assert made.text not in repr(made) and made.text not in made.key_hash


@pytest.mark.parametrize(
    "text", ["", "ll_", "Bearer x", "ü", "ll_0123456789ab_", "\udcff", "x" * 10**6]
)
def test_what_is_no_key_of_ours_has_no_prefix_and_matches_nothing(text: str) -> None:
    assert api_keys.prefix_of(text) == ""
    assert not api_keys.matches(text, api_keys.make().key_hash)
    assert not api_keys.matches(text, api_keys.hash_of(text))


def test_roles_are_those_of_the_design() -> None:
    assert PERMISSIONS[Role.REP] < PERMISSIONS[Role.MANAGER] < PERMISSIONS[Role.ADMIN]
    assert PERMISSIONS[Role.ADMIN] == frozenset(Permission)
    assert PERMISSIONS[Role.AUDITOR] == {Permission.READ_AUDIT}
    assert not may("rep", Permission.REPLAY)
    assert may("manager", Permission.REPLAY)
    assert not may("manager", Permission.MANAGE_USERS)
    assert not may("root", Permission.READ_LEADS)


def test_a_missing_right_is_named() -> None:
    require("admin", Permission.ERASE)
    with pytest.raises(Forbidden, match="manage keys"):
        require("manager", Permission.MANAGE_KEYS)


def test_a_tombstone_is_the_same_for_the_same_contact_and_tells_nothing() -> None:
    stone = tombstone("secret", 1, "23")
    assert stone == tombstone("secret", 1, "23")
    others = {
        tombstone("other", 1, "23"),
        tombstone("secret", 12, "3"),
        tombstone("secret", 1, "24"),
    }
    assert stone not in others and len(others) == 3
    assert len(stone) == 64
