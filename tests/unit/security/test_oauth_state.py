from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import BadInput
from backend.security import oauth_state

SECRET = "s" * 40
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def make(**changes) -> str:
    given_values = {"browser": "cookie", "invitation": "inv", "now": NOW} | changes
    return oauth_state.make(SECRET, **given_values)


def check(text: str, secret: str = SECRET, browser: str = "cookie", after_s: float = 1):
    return oauth_state.check(secret, text, browser=browser, now=NOW + timedelta(seconds=after_s))


def test_a_state_comes_back_with_its_nonce_and_invitation() -> None:
    text = make()
    state = check(text)
    assert state.invitation == "inv"
    assert len(state.nonce) >= 22  # 128 bits in base64
    assert text.isascii() and not set(text) & set("+/=&?#% ")


def test_every_state_is_another() -> None:
    assert len({check(make()).nonce for _ in range(50)}) == 50


@pytest.mark.parametrize("after_s", [601, 100_000, -60])
def test_it_lives_ten_minutes(after_s: float) -> None:
    check(make(), after_s=599)
    with pytest.raises(BadInput):
        check(make(), after_s=after_s)


def test_another_browser_another_secret_or_no_cookie_are_refused() -> None:
    for wrong in ({"browser": "other"}, {"browser": ""}, {"secret": "t" * 40}):
        with pytest.raises(BadInput):
            check(make(), **wrong)


def test_any_changed_character_is_refused() -> None:
    text = make()
    for position in range(len(text)):
        other = "A" if text[position] != "A" else "B"
        changed = text[:position] + other + text[position + 1 :]
        if changed.rstrip("=") != text:
            with pytest.raises(BadInput):
                check(changed)


@given(st.text(max_size=200))
def test_no_text_raises_anything_else(text: str) -> None:
    with pytest.raises(BadInput):
        check(text)
