"""Embeddings by OpenAI: batches, two attempts, and a notice when model and dimension disagree."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
from openai.types import CreateEmbeddingResponse

from backend.clients.openai.api import OpenAiApi
from backend.clients.openai.prices import cost_micro_usd
from backend.config import EMBEDDING_DIMENSIONS, EMBEDDING_TEXT_MAX, EMBEDDING_TEXTS
from backend.errors import BadAnswer, BadSettings
from backend.model import Usage
from backend.ports import Vector
from backend.scoring.cost import added
from backend.slices import slices

BLANK = "-"  # the API refuses an empty text
DIMENSION = 1536  # of a model that is not listed


class OpenAiEmbedder:
    """The Embedder port over `POST /embeddings`."""

    def __init__(self, api: OpenAiApi, model: str) -> None:
        self._api = api
        self._model = model
        self.dimension = EMBEDDING_DIMENSIONS.get(model, DIMENSION)
        self.name = f"openai/{model}-{self.dimension}"
        self._lock = Lock()
        self._spent = Usage()

    def embed(self, texts: Sequence[str]) -> Vector:
        """Shape (len(texts), dimension), rows of length 1. Raises Transient, Permanent, OverBudget.

        BadSettings when the model answers another dimension than its name promises.
        """
        rows = [self._batch(part) for part in slices(texts, EMBEDDING_TEXTS)]
        return np.vstack(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)

    def check(self) -> None:
        """Ask once: raises BadSettings when model and dimension disagree, Transient when away."""
        self._batch(["dimension check"])

    def take_spent(self) -> Usage:
        """What was used since the last call of this method, in this process."""
        with self._lock:
            spent, self._spent = self._spent, Usage()
        return spent

    def _batch(self, texts: Sequence[str]) -> Vector:
        asked = [text[:EMBEDDING_TEXT_MAX] if text.strip() else BLANK for text in texts]
        answer = self._api.embeddings(self._model, asked)
        self._count(answer)
        return self._checked(answer, len(texts))

    def _count(self, answer: CreateEmbeddingResponse) -> None:
        tokens = answer.usage.prompt_tokens if answer.usage else 0
        used = Usage(1, tokens, 0, cost_micro_usd(self._model, tokens, 0))
        with self._lock:
            self._spent = added(self._spent, used)

    def _checked(self, answer: CreateEmbeddingResponse, texts: int) -> Vector:
        data = sorted(answer.data or (), key=lambda one: one.index)
        if [one.index for one in data] != list(range(texts)):
            raise BadAnswer(f"{self.name} answered {len(data)} rows for {texts} texts")
        for one in data:
            if len(one.embedding) != self.dimension:
                raise BadSettings(
                    f"{self._model} answers {len(one.embedding)} dimensions where "
                    f"{self.dimension} are expected: set OPENAI_EMBEDDING_MODEL to a model whose "
                    "dimension fits the index, then embed again"
                )
        rows = np.array([one.embedding for one in data], dtype=np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not (lengths > 0).all():
            raise BadAnswer(f"{self.name} answered a vector without direction")
        return np.asarray(rows / lengths, dtype=np.float32)
