"""Settings fail at start, naming all that is wrong; their documentation cannot drift."""

from __future__ import annotations

import base64
import re
from dataclasses import fields

import pytest

from backend.config import Settings
from backend.errors import BadSettings
from tests.conftest import ROOT

KEY = base64.b64encode(bytes(range(32))).decode()
GOOD = {
    "PUBLIC_BASE_URL": "http://localhost:8000",
    "ENCRYPTION_KEYS": f"k1:{KEY}",
    "SESSION_SECRET": "x" * 32,
    "HUBSPOT_CLIENT_ID": "id",
    "HUBSPOT_CLIENT_SECRET": "new,old",
    "HUBSPOT_APP_ID": "7",
}
NAMES = {f.name.upper() for f in fields(Settings)}


def test_every_setting_is_in_the_readme_and_the_example_and_no_other() -> None:
    table = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    example = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(table) == NAMES
    assert set(example) == NAMES


def test_all_missing_settings_are_named_at_once() -> None:
    with pytest.raises(BadSettings) as raised:
        Settings.from_env({})
    for name in GOOD:
        assert name in str(raised.value)


def test_a_good_environment_is_read() -> None:
    settings = Settings.from_env(GOOD)
    assert settings.hubspot_client_secret == ("new", "old")
    assert settings.encryption_keys[0].key == bytes(range(32))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ENCRYPTION_KEYS", "k1:" + base64.b64encode(bytes(31)).decode(), "31 bytes"),
        ("ENCRYPTION_KEYS", "k1:" + base64.b64encode(bytes(32)).decode(), "not random"),
        ("ENCRYPTION_KEYS", KEY, "id:base64key"),
        ("ENCRYPTION_KEYS", f"k1:{KEY},k1:{KEY}", "twice"),
        ("SESSION_SECRET", "short", "at least 32"),
        ("PUBLIC_BASE_URL", "leads.example.com", "not an http(s) address"),
        ("LOG_LEVEL", "LOUD", "DEBUG"),
    ],
)
def test_a_wrong_value_is_named_with_its_cure(name: str, value: str, words: str) -> None:
    with pytest.raises(BadSettings, match=re.escape(words)) as raised:
        Settings.from_env(GOOD | {name: value})
    assert name in str(raised.value)


def test_repr_hides_secrets() -> None:
    text = repr(Settings.from_env(GOOD))
    assert KEY not in text
    assert "x" * 32 not in text
    assert "new" not in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "redis://cache.example.com:6379/0"),
        ("DATABASE_URL", "postgresql://u:p@db.example.com/leads"),
        ("DATABASE_URL", "postgresql://u:p@db.example.com/leads?sslmode=prefer"),
        ("HUBSPOT_API_BASE", "http://api.hubapi.com"),
        ("OPENAI_BASE_URL", "http://models.example.com"),
    ],
)
def test_off_loopback_every_connection_is_encrypted(name: str, value: str) -> None:
    public = GOOD | {
        "PUBLIC_BASE_URL": "https://leads.example.com",
        "REDIS_URL": "rediss://cache.example.com:6379/0",
        "DATABASE_URL": "postgresql://u:p@db.example.com/leads?sslmode=require",
    }
    assert Settings.from_env(public)
    with pytest.raises(BadSettings, match=name):
        Settings.from_env(public | {name: value})


def test_a_plain_public_address_is_refused() -> None:
    with pytest.raises(BadSettings, match="https"):
        Settings.from_env(GOOD | {"PUBLIC_BASE_URL": "http://leads.example.com"})
