"""The sandbox signs as HubSpot's published vectors say."""

from __future__ import annotations

import pytest

from sandbox.webhooks.signature import signature_v1, signature_v2, signature_v3, signed_uri

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
URL = "https://www.example.com/webhook_uri"


def test_v3_matches_hubspots_vector() -> None:
    body = b"{'example_field':'example_value'}"
    found = signature_v3(SECRET, "POST", URL, body, 1_693_657_560_000)
    assert found == "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="


def test_v2_matches_hubspots_vector() -> None:
    found = signature_v2(SECRET, "POST", URL, b'{"example_field":"example_value"}')
    assert found == "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900"


def test_v1_is_secret_and_body() -> None:
    assert signature_v1("", b"").startswith("e3b0c44298fc1c14")


@pytest.mark.parametrize(
    ("escape", "sign"),
    [
        ("3A", ":"),
        ("2F", "/"),
        ("3F", "?"),
        ("40", "@"),
        ("21", "!"),
        ("24", "$"),
        ("27", "'"),
        ("28", "("),
        ("29", ")"),
        ("2A", "*"),
        ("2C", ","),
        ("3B", ";"),
    ],
)
def test_twelve_escapes_of_the_query_are_decoded(escape: str, sign: str) -> None:
    assert signed_uri(f"https://x.example/p?q=%{escape}") == f"https://x.example/p?q={sign}"
    lower = escape.lower()
    assert signed_uri(f"https://x.example/p?q=%{lower}") == f"https://x.example/p?q={sign}"


def test_other_escapes_and_the_path_stay() -> None:
    url = "https://x.example/a%40b?q=%20%26%3D%2B"
    assert signed_uri(url) == url
