"""Which providers are chosen, and that choosing connects to nobody."""

from __future__ import annotations

import socket

import pytest

from backend.config import Settings
from backend.errors import BadSettings
from backend.wiring import Product, build
from tests.support.vendors import ENVIRON

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


def test_an_embedding_server_of_one_s_own_takes_the_place_of_any_other() -> None:
    server = {
        "EMBEDDING_SERVER_URL": "http://127.0.0.1:11434/v1",
        "EMBEDDING_SERVER_MODEL": "nomic",
        "EMBEDDING_SERVER_DIMENSION": "768",
    }
    found = built(**server, **OPENAI)
    assert names(found)[0] == "embedding-server/nomic-768"
    assert [vendor.name for vendor in found.ai.vendors] == ["openai", "embedding-server"]
    assert not found.ai.embedder.cost(1_000).cost_micro_usd
    with pytest.raises(BadSettings, match="EMBEDDING_SERVER_DIMENSION"):
        built(**{**server, "EMBEDDING_SERVER_DIMENSION": ""})


def test_a_model_without_a_price_is_named_at_the_start() -> None:
    model = {"OPENAI_CHAT_MODEL": "llama-9"}
    with pytest.raises(BadSettings, match="OPENAI_CHAT_PRICE"):
        built(**OPENAI, **model)
    assert built(**OPENAI, **model, OPENAI_CHAT_PRICE="0").ai.analyst.cost().cost_micro_usd == 0
    assert built(**model).ai.vendors == ()


def test_each_vendor_is_chosen_by_itself() -> None:
    assert names(built(**OPENAI))[1] == "embedded"
    assert names(built(**PINECONE))[0] == "use-multilingual-v3-512"
    assert names(built(PINECONE_API_KEY="pc-1"))[1] == "embedded"
