"""What a server of one's own answers, and what that means."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.clients.embedding_server.embedder import EmbeddingServer, ServerEmbedder
from backend.clients.http import Http
from backend.errors import BadAnswer, BadSettings, LeadlightError, Permanent, Transient
from tests.conftest import FakeClock
from tests.contract.openai_server import OpenAiServer, running_openai


@pytest.fixture
def asked() -> Iterator[tuple[OpenAiServer, ServerEmbedder]]:
    http = Http(read_timeout_s=0.5)
    with running_openai() as server:
        server.dimension = 8
        yield server, ServerEmbedder(url=server.url, model="m", dimension=8, http=http)
    http.close()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("500", Transient),
        ("slow_down", Transient),
        ("hang", Transient),
        ("404", Permanent),
        ("400", Permanent),
        ("html", BadAnswer),
        ("half", BadAnswer),
        ("short", BadAnswer),
        ("nan", LeadlightError),
    ],
)
def test_failures_are_ours_and_quote_nobody(
    asked: tuple[OpenAiServer, ServerEmbedder], fault: str, kind: type[LeadlightError]
) -> None:
    server, embedder = asked
    server.always = fault
    with pytest.raises(kind) as caught:
        embedder.embed(["a lead", "another"])
    assert "SECRET-VENDOR-TEXT" not in str(caught.value)


def test_another_dimension_is_a_setting_to_correct(
    asked: tuple[OpenAiServer, ServerEmbedder],
) -> None:
    server, embedder = asked
    assert EmbeddingServer(embedder).check(FakeClock().now()) == {}
    server.dimension = 16
    with pytest.raises(BadSettings, match="EMBEDDING_SERVER_DIMENSION"):
        EmbeddingServer(embedder).check(FakeClock().now())
