"""What the backend answers, as people read it."""

from __future__ import annotations

import pytest

from console.client import ApiError


@pytest.mark.parametrize(
    ("answered", "read"),
    [
        ("model 1 did not beat the formula", "Model 1 did not beat the formula"),
        ("nothing was saved: contacts.email: no", "Nothing was saved: contacts.email: no"),
        ("contacts.email: who a person is", "contacts.email: who a person is"),
        ("", ""),
    ],
)
def test_an_error_is_a_sentence_and_a_name_stays_a_name(answered: str, read: str) -> None:
    assert str(ApiError(answered)) == read
