from __future__ import annotations

import base64
import secrets

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.config import EncryptionKey
from backend.errors import BadSettings, Undecipherable
from backend.model import Person
from backend.security.cipher import Cipher, key_check_value
from backend.storage.leads import people


def key(name: str = "k1") -> EncryptionKey:
    return EncryptionKey(name, secrets.token_bytes(32))


OLD, NEW = key("k1"), key("k2")
CIPHER = Cipher([OLD])


def sealed(text: str = "token") -> str:
    return CIPHER.seal(text, portal_id=1, purpose="access_token")


def opened(text: str, cipher: Cipher = CIPHER, portal_id: int = 1, purpose: str = "access_token"):
    return cipher.open(text, portal_id=portal_id, purpose=purpose)


@settings(max_examples=50)
@given(st.text(max_size=3000).filter(lambda t: t.isprintable()))
def test_what_is_sealed_opens_whole(text: str) -> None:
    assert opened(sealed(text)) == text


def test_the_text_does_not_show_and_no_two_sealings_are_equal() -> None:
    assert "token-canary" not in sealed("token-canary")
    assert len({sealed() for _ in range(100)}) == 100


def test_a_row_moved_to_another_portal_or_purpose_does_not_open() -> None:
    for wrong in ({"portal_id": 2}, {"purpose": "refresh_token"}):
        with pytest.raises(Undecipherable):
            opened(sealed(), **wrong)


def unbound(text: str, one: EncryptionKey, purpose: str) -> str:
    """As version 1 of the format had it: no row is named."""
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(one.key).encrypt(nonce, text.encode(), f"leadlight:1:{purpose}:k1".encode())
    return f"v1:k1:{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def test_a_value_moved_to_another_row_of_its_portal_does_not_open() -> None:
    text = people.seal(CIPHER, 1, people.of_contact("7"), Person("Ann", "ann@example.com"))
    assert people.unseal(CIPHER, 1, people.of_contact("7"), text).name == "Ann"
    for other in (people.of_contact("8"), people.of_contact("77"), people.of_owner("7"), ""):
        with pytest.raises(Undecipherable):
            people.unseal(CIPHER, 1, other, text)
        with pytest.raises(Undecipherable):
            people.unseal(CIPHER, 1, other, text.replace("v2:", "v1:", 1))


def test_a_value_that_names_no_row_is_read_and_asks_to_be_sealed_again() -> None:
    text = unbound('["Ann", ""]', OLD, "person")
    assert people.unseal(CIPHER, 1, people.of_contact("7"), text).name == "Ann"
    assert CIPHER.needs_rewrite(text)
    assert not CIPHER.needs_rewrite(sealed())


def test_any_altered_byte_of_nonce_text_or_tag_is_noticed() -> None:
    version, key_id, body = sealed().split(":")
    raw = bytearray(base64.urlsafe_b64decode(body))
    for position in range(len(raw)):
        raw[position] ^= 1
        altered = f"{version}:{key_id}:{base64.urlsafe_b64encode(bytes(raw)).decode()}"
        with pytest.raises(Undecipherable):
            opened(altered)
        raw[position] ^= 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v1",
        "v1:k1",
        "v1:k1:",
        "v1:k1:!!!",
        "v1:k1:AAAA",
        "v9:k1:AAAA",
        "v1:zz:AAAA",
        "token",
        "v1:k1:" + "A" * 100,
        "ü:ü:ü",
    ],
)
def test_anything_else_is_undecipherable_and_says_no_secret(text: str) -> None:
    with pytest.raises(Undecipherable):
        opened(text)


def test_after_rotation_old_rows_open_and_are_known_to_need_rewriting() -> None:
    before = sealed()
    rotated = Cipher([NEW, OLD])
    assert opened(before, rotated) == "token"
    assert rotated.needs_rewrite(before)
    after = rotated.seal("token", portal_id=1, purpose="access_token")
    assert not rotated.needs_rewrite(after)
    with pytest.raises(Undecipherable, match="add the key"):
        opened(after)


def test_another_key_of_the_same_name_is_noticed_at_start() -> None:
    stored = CIPHER.check_values()
    CIPHER.compare(stored)
    CIPHER.compare({})
    Cipher([NEW, OLD]).compare(stored)
    with pytest.raises(BadSettings, match="k1"):
        Cipher([key("k1")]).compare(stored)
    with pytest.raises(Undecipherable):
        opened(sealed(), Cipher([key("k1")]))


def test_neither_repr_nor_check_value_shows_a_key() -> None:
    assert OLD.key.hex() not in repr(CIPHER) + repr(OLD)
    assert len(key_check_value(OLD)) == 16
    assert key_check_value(OLD) != key_check_value(NEW)


def test_without_a_key_nothing_starts() -> None:
    with pytest.raises(BadSettings):
        Cipher([])
