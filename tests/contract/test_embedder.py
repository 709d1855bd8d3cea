"""What every Embedder keeps: the packaged one, and OpenAI's SDK against a local server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from redis import Redis

from backend.clients.embedding_server.embedder import ServerEmbedder
from backend.clients.http import Http
from backend.clients.openai.api import OpenAiApi
from backend.clients.openai.embedder import OpenAiEmbedder
from backend.clients.redis.breaker import Breaker
from backend.embedded.use_embedder import UseEmbedder
from backend.ports import Embedder
from tests.conftest import FakeClock
from tests.contract.openai_server import running_openai


@pytest.fixture(scope="module", params=["use", "openai", "server"])
def embedder(request, valkey_url: str) -> Iterator[Embedder]:
    packaged = UseEmbedder()
    if request.param == "use":
        yield packaged
        return

    def padded(texts: Sequence[str], dimension: int) -> np.ndarray:
        rows = packaged.embed(texts)
        return np.pad(rows, ((0, 0), (0, dimension - rows.shape[1])))

    with running_openai() as server, Redis.from_url(valkey_url) as redis:
        server.vectors = padded
        if request.param == "server":
            http = Http()
            yield ServerEmbedder(url=server.url, model="m", dimension=1536, http=http)
            http.close()
            return
        clock = FakeClock()
        api = OpenAiApi(
            api_key="key", base_url=server.url, clock=clock, breaker=Breaker("o", redis, clock)
        )
        yield OpenAiEmbedder(api, "text-embedding-3-small")
        api.close()


def test_rows_are_unit_vectors_of_the_named_dimension(embedder: Embedder) -> None:
    found = embedder.embed(["Logistics software", "a", "Bäckerei in Köln", "x" * 20_000])
    assert found.shape == (4, embedder.dimension)
    assert found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)


def test_no_texts_are_no_rows(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimension)


@pytest.mark.parametrize("text", ["", " ", "\x00", "🦊", "\u200b", "١٢٣", "-" * 500])
def test_odd_texts_have_a_direction_too(embedder: Embedder, text: str) -> None:
    assert np.isfinite(embedder.embed([text])).all()


def test_the_same_text_has_the_same_vector_in_any_batch(embedder: Embedder) -> None:
    alone = embedder.embed(["cold chain logistics"])[0]
    among = embedder.embed(["bakery", "cold chain logistics", "a much longer text " * 20])[1]
    assert float(alone @ among) > 0.999


def test_meaning_is_nearer_than_another_trade_also_across_languages(embedder: Embedder) -> None:
    texts = ["Freight forwarding and warehousing", "Spedition und Lagerhaltung", "Dental practice"]
    first, translated, other = embedder.embed(texts)
    assert float(first @ translated) > float(first @ other) + 0.2


def test_threads_may_share_one(embedder: Embedder) -> None:
    texts = [f"company number {i} moves boxes" for i in range(8)]
    alone = [embedder.embed([text])[0] for text in texts]
    with ThreadPoolExecutor(4) as pool:
        shared = list(pool.map(lambda text: embedder.embed([text])[0], texts))
    assert all(float(a @ b) > 0.999 for a, b in zip(alone, shared, strict=True))


def test_its_name_says_model_and_dimension(embedder: Embedder) -> None:
    assert str(embedder.dimension) in embedder.name
