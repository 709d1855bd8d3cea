"""Which providers are chosen, and that choosing connects to nobody."""

from __future__ import annotations

import base64
import socket

import pytest

from backend.config import Settings
from backend.wiring import Product, build

ENVIRON = {
    "PUBLIC_BASE_URL": "http://localhost:8000",
    "ENCRYPTION_KEYS": f"k1:{base64.b64encode(bytes(range(32))).decode()}",
    "SESSION_SECRET": "kV9w3sQ0ZrT7xYb2LnC5mJd8HfGp1aEu4iWo6tRq",
    "HUBSPOT_CLIENT_ID": "c",
    "HUBSPOT_CLIENT_SECRET": "s",
    "HUBSPOT_APP_ID": "1",
    "DATABASE_URL": "sqlite:///unused.db",
}
OPENAI = {"OPENAI_API_KEY": "sk-1"}
PINECONE = {"PINECONE_API_KEY": "pc-1", "PINECONE_INDEX_HOST": "leads.svc.pinecone.io"}


def built(**more: str) -> Product:
    product = build(Settings.from_env({**ENVIRON, **more}))
    product.stores.redis.close()
    product.stores.database.dispose()
    return product


def names(product: Product) -> list[str]:
    return [
        product.ai.embedder.name,
        product.ai.index.name,
        product.ai.analyst.name,
        product.ai.reader.name,
    ]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise AssertionError("building connected to somebody")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_without_keys_everything_is_embedded() -> None:
    found = built()
    assert names(found) == ["use-multilingual-v3-512", "embedded", "rules", "rules"]
    assert found.ai.vendors == ()


def test_with_keys_the_vendors_are_asked() -> None:
    found = built(**OPENAI, **PINECONE)
    assert names(found) == [
        "openai/text-embedding-3-small-1536",
        "pinecone",
        "openai/gpt-6-luna/analyst-1",
        "openai/gpt-6-luna/reader-1",
    ]
    assert [vendor.name for vendor in found.ai.vendors] == ["openai", "pinecone"]


def test_each_vendor_is_chosen_by_itself() -> None:
    assert names(built(**OPENAI))[1] == "embedded"
    assert names(built(**PINECONE))[0] == "use-multilingual-v3-512"
    assert names(built(PINECONE_API_KEY="pc-1"))[1] == "embedded"
