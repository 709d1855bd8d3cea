"""Settings fail at start, naming all that is wrong; their documentation cannot drift."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from dataclasses import fields

import pytest

from backend.config import Settings, port_of
from backend.errors import BadSettings
from tests.conftest import ROOT
from tests.support.environment import GOOD, KEY, SECRET

# of one process each, no part of `Settings`
PLATFORM = {
    "PORT",
    "WEB_HOST",
    "WEB_WORKERS",
    "CONSOLE_PORT",
    "CONSOLE_HOST",
    "CONSOLE_API_URL",
    "LEADLIGHT_API_URL",
    "LEADLIGHT_API_KEY",
    "MCP_HOST",
    "MCP_PORT",
}
NAMES = {f.name.upper() for f in fields(Settings)}


def test_every_setting_is_in_the_readme_and_the_example_and_no_other() -> None:
    table = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    example = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(table) == NAMES | PLATFORM
    assert set(example) == NAMES


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80 80", "８０"])
def test_a_port_that_is_none_is_told_in_a_sentence(text: str) -> None:
    with pytest.raises(BadSettings, match=r"PORT=.* is no port: give a number from 1 to 65535"):
        port_of({"PORT": text}, "PORT", 8000)


def test_a_port_is_read_or_left_at_its_default() -> None:
    assert port_of({"PORT": " 8010 "}, "PORT", 8000) == 8010
    assert port_of({"PORT": ""}, "PORT", 8000) == 8000


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


@pytest.mark.parametrize(
    "weak",
    [
        "s" * 32,
        "ab" * 20,
        "abc123xyz!" * 4,
        "aaaaaaaabbbbbbbbccccccccdddddddd",
        "0123456789abcdef0123456789abcdef",
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210",
        "qwertyuiopasdfghjklzxcvbnm123456",
        "password" * 4,
        "changeme-changeme-changeme-changeme",
        "correct horse battery staple correct",
        "correcthorsebatterystaplecorrect",
        "korrekt-Pferd-Batterie-Heftklammer-und-noch-mehr",
        "your-32-character-secret-goes-here!!",
        "SECRET_SESSION_KEY_FOR_PRODUCTION_USE",
        "32 random characters or more, e.g. openssl rand -hex 32",
        "$(openssl rand -hex 32) of .env.example",
    ],
)
def test_a_session_secret_that_is_easy_to_guess_is_refused(weak: str) -> None:
    with pytest.raises(BadSettings, match="SESSION_SECRET is easy to guess"):
        Settings.from_env(GOOD | {"SESSION_SECRET": weak})


@pytest.mark.parametrize(
    "make",
    [
        lambda: secrets.token_hex(16),
        lambda: secrets.token_hex(32),
        lambda: secrets.token_urlsafe(32),
        lambda: base64.b64encode(secrets.token_bytes(24)).decode(),
    ],
)
def test_a_random_session_secret_is_taken(make: Callable[[], str]) -> None:
    for _ in range(10):
        assert Settings.from_env(GOOD | {"SESSION_SECRET": make()})


def test_repr_hides_secrets() -> None:
    text = repr(Settings.from_env(GOOD))
    assert KEY not in text
    assert SECRET not in text
    assert "new" not in text


PUBLIC = GOOD | {
    "PUBLIC_BASE_URL": "https://leads.example.com",
    "REDIS_URL": "rediss://cache.example.com:6379/0",
    "DATABASE_URL": "postgresql://u:p@db.example.com/leads?sslmode=require",
}
DB = "DATABASE_URL"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "redis://cache.example.com:6379/0"),
        ("REDIS_URL", "REDISS://cache.example.com:6379/0"),
        ("REDIS_URL", "redis://localhost@cache.example.com:6379/0"),
        ("REDIS_URL", "redis:///0?host=cache.example.com"),
        ("REDIS_URL", "redis://localhost%2ecache.example.com/0"),
        ("REDIS_URL", "rediss://cache.example.com/0?ssl_cert_reqs=none"),
        ("REDIS_URL", "rediss://cache.example.com/0?ssl_check_hostname=false"),
        ("REDIS_URL", "http://cache.example.com"),
        (DB, "postgresql://u:p@db.example.com/leads"),
        (DB, "postgresql://u:p@db.example.com/leads?sslmode=prefer"),
        (DB, "postgresql://u:p@localhost/leads?host=db.example.com"),
        (DB, "postgres://u:p@localhost/leads?host=db.example.com"),
        (DB, "postgresql+psycopg://u:p@localhost/leads?host=db.example.com"),
        (DB, "postgresql+psycopg://u:p@db.example.com/leads"),
        (DB, "postgresql+psycopg2://u:p@db.example.com/leads"),
        (DB, "POSTGRESQL://u:p@db.example.com/leads"),
        (DB, "mysql://u:p@db.example.com/leads"),
        (DB, "postgresql://u:p@localhost/leads?hostaddr=203.0.113.5"),
        (DB, "postgresql:///leads?hostaddr=127.0.0.1,203.0.113.5"),
        (DB, "postgresql://u:p@/leads?host=localhost:5432&host=db.example.com:5432"),
        (DB, "postgresql://u:p@/leads?host=localhost,db.example.com"),
        (DB, "postgresql://u:p@localhost,db.example.com/leads"),
        (DB, "postgresql://u:p@localhost/leads?service=elsewhere"),
        (DB, "postgresql:///leads?conninfo=host%3Ddb.example.com"),
        (DB, "postgresql://u:p@localhost/leads?conninfo=hostaddr%3D203.0.113.5"),
        (DB, "postgresql://u:p@db.example.com/leads?sslmode=require&sslmode=disable"),
        (DB, "postgresql://u:p@db.example.com/leads?sslmode=require&sslmode=require"),
        (DB, "postgresql://u:p@db.example.com/leads?sslmode=disable&sslmode=require"),
        (DB, "postgresql://u:p@db.example.com/leads?SSLMODE=require"),
        (DB, "postgresql://u:p@db.example.com/leads?sslmode=REQUIRE"),
        (DB, "postgresql://u:p@localhost/leads?HOST=db.example.com"),
        (DB, "postgresql://u:p@db.example.com/leads?application_name=sslmode%3Drequire"),
        ("PGHOST", "db.example.com"),
        ("PGHOSTADDR", "203.0.113.5"),
        ("PGSERVICE", "elsewhere"),
        ("HUBSPOT_API_BASE", "http://api.hubapi.com"),
        ("OPENAI_BASE_URL", "http://models.example.com"),
    ],
)
def test_off_loopback_every_connection_is_encrypted(name: str, value: str) -> None:
    environ = PUBLIC | {name: value}
    if name.startswith("PG"):
        environ[DB] = "postgresql:///leads"
        name = DB
    with pytest.raises(BadSettings, match=name):
        Settings.from_env(environ)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (DB, "postgresql://u:p@db.example.com/leads?sslmode=require"),
        (
            DB,
            "postgresql+psycopg://u:p@db.example.com/leads?sslmode=verify-full&sslrootcert=system",
        ),
        (DB, "postgresql://u:p@/leads?host=a.example.com:1&host=b.example.com:2&sslmode=require"),
        (DB, "postgresql:///leads?service=elsewhere&sslmode=verify-ca"),
        (DB, "postgres://u:p@localhost:5432/leads"),
        (DB, "postgresql://u:p@[::1]/leads"),
        (DB, "postgresql:///leads?host=/var/run/postgresql"),
        (DB, "postgresql:///leads"),
        (DB, "sqlite:////srv/leadlight/leadlight.db"),
        ("REDIS_URL", "rediss://:p@cache.example.com:6379/0"),
        ("REDIS_URL", "redis://:p@127.0.0.1:6390/0"),
        ("REDIS_URL", "unix:///run/valkey.sock"),
    ],
)
def test_what_is_encrypted_or_stays_on_this_machine_is_taken(name: str, value: str) -> None:
    assert Settings.from_env(PUBLIC | {name: value})


def test_a_plain_public_address_is_refused() -> None:
    with pytest.raises(BadSettings, match="https"):
        Settings.from_env(GOOD | {"PUBLIC_BASE_URL": "http://leads.example.com"})
