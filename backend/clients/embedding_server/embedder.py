"""Embeddings by a server of one's own, and that server as one of the vendors.

It costs nothing and has no account: a call that fails is not repeated here, the lead comes again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Annotated, Any, Final

import numpy as np
from pydantic import BaseModel, Field, ValidationError

from backend.clients.http import Answer, Http
from backend.config import CHARACTERS_PER_TOKEN, EMBEDDING_TEXT_MAX
from backend.errors import BadAnswer, BadSettings, LeadlightError, Permanent, Transient
from backend.model import Usage
from backend.ports import Vector
from backend.slices import slices

TEXTS: Final = 32  # of one request: a small machine answers within the read time-out
BLANK: Final = "-"  # some servers refuse an empty text


class _Row(BaseModel):
    index: int
    embedding: Annotated[list[float], Field(min_length=1)]


class _Rows(BaseModel):
    data: list[_Row]


class ServerEmbedder:
    """The Embedder port over one server's `POST /embeddings`."""

    def __init__(self, *, url: str, model: str, dimension: int, http: Http) -> None:
        self._url = f"{url.rstrip('/')}/embeddings"
        self._model = model
        self._http = http
        self.dimension = dimension
        self.name = f"embedding-server/{model}-{dimension}"

    def embed(self, texts: Sequence[str]) -> Vector:
        """Shape (len(texts), dimension), rows of length 1. Raises Transient, Permanent, BadAnswer.

        BadSettings when the server answers another dimension than is configured.
        """
        rows = [self._batch(part) for part in slices(texts, TEXTS)]
        return np.vstack(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)

    def cost(self, characters: int) -> Usage:
        """Tokens, and no money."""
        return Usage(0, ceil(characters / CHARACTERS_PER_TOKEN))

    def take_spent(self) -> Usage:
        """No money."""
        return Usage()

    def check(self) -> None:
        """Embed a word. Raises BadSettings for another dimension, LeadlightError otherwise."""
        self._batch(["dimension check"])

    def _batch(self, texts: Sequence[str]) -> Vector:
        asked = [text[:EMBEDDING_TEXT_MAX] if text.strip() else BLANK for text in texts]
        answer = self._http.send("POST", self._url, json={"model": self._model, "input": asked})
        rows = _rows(answer)
        if len(rows) != len(texts):
            raise BadAnswer(
                f"the embedding server answered {len(rows)} rows for {len(texts)} texts"
            )
        if {len(row) for row in rows} != {self.dimension}:
            raise BadSettings(
                f"the embedding server answers {len(rows[0])} dimensions, not {self.dimension}: "
                "correct EMBEDDING_SERVER_DIMENSION"
            )
        found = np.array(rows, dtype=np.float32)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not (lengths > 0).all():
            raise BadAnswer("the embedding server answered a vector without direction")
        return np.asarray(found / lengths, dtype=np.float32)


class EmbeddingServer:
    """The Vendor port: a server without an account, whose failed calls cost little."""

    name = "embedding-server"
    keeps = "nothing, unless whoever runs it keeps its requests"

    def __init__(self, embedder: ServerEmbedder) -> None:
        self._embedder = embedder

    def check(self, now: datetime) -> Mapping[str, Any]:
        """Embed a word. Raises BadSettings for another dimension, LeadlightError otherwise."""
        self._embedder.check()
        return {}

    def breakers(self) -> Mapping[str, str]:
        """None."""
        return {}

    def try_now(self) -> None:
        """There is no account to top up."""

    def close(self) -> None:
        """The connections are the product's own."""


def _rows(answer: Answer) -> list[list[float]]:
    if answer.status >= 400:
        raise _failure(answer.status)
    try:
        rows = sorted(_Rows.model_validate(answer.json).data, key=lambda row: row.index)
    except ValidationError:
        raise BadAnswer("the embedding server answered something else than embeddings") from None
    return [row.embedding for row in rows]


def _failure(status: int) -> LeadlightError:
    message = f"the embedding server answered {status}"
    if status >= 500 or status in (408, 429):
        failure: LeadlightError = Transient(message)
        failure.cause = "server"
        return failure
    failure = Permanent(f"{message}: check EMBEDDING_SERVER_URL and EMBEDDING_SERVER_MODEL")
    failure.cause = "model"
    return failure
