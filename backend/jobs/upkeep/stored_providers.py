"""Providers that answer only from what is stored: a run with them costs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from backend.config import ANSWER_WITHIN_S
from backend.errors import LeadlightError, Permanent
from backend.model import Analysis, AnalystRequest, TextReading, Usage
from backend.ports import Vector
from backend.services.scoring.budget import is_free
from backend.wiring import Product

_UNASKED: Final = Permanent("not asked in a run without requests")
_ASKED: Final = Usage(calls=1)  # a paid provider's answers are kept while its model stays the same


class _Embedder:
    def __init__(self, name: str, dimension: int) -> None:
        self.name = name
        self.dimension = dimension

    def cost(self, characters: int) -> Usage:
        return Usage()

    def take_spent(self) -> Usage:
        return Usage()

    def check(self) -> None:
        raise _UNASKED

    def embed(self, texts: Sequence[str]) -> Vector:
        raise _UNASKED


class _Analyst:
    def __init__(self, name: str) -> None:
        self.name = name

    def cost(self) -> Usage:
        return _ASKED

    def analyse(
        self, requests: Sequence[AnalystRequest], within_s: float = ANSWER_WITHIN_S
    ) -> list[Analysis | LeadlightError]:
        return [_UNASKED for _ in requests]


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name

    def cost(self, text: str) -> Usage:
        return _ASKED

    def read(
        self, texts: Sequence[str], within_s: float = ANSWER_WITHIN_S
    ) -> list[TextReading | LeadlightError]:
        return [_UNASKED for _ in texts]


def offline(product: Product) -> Product:
    """The product with silent vendors; the embedded rules cost nothing and go on answering."""
    analyst, reader = product.ai.analyst, product.ai.reader
    ai = replace(
        product.ai,
        embedder=_Embedder(product.ai.embedder.name, product.ai.embedder.dimension),
        analyst=analyst if is_free([analyst.cost()]) else _Analyst(analyst.name),
        reader=reader if is_free([reader.cost("")]) else _Reader(reader.name),
    )
    return replace(product, ai=ai)
