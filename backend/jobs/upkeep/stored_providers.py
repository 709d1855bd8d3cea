"""Providers that answer only from what is stored: a run with them costs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from backend.errors import LeadlightError, Permanent
from backend.model import Analysis, AnalystRequest, TextReading
from backend.ports import Vector
from backend.services.scoring.budget import FREE
from backend.wiring import Product

_UNASKED: Final = Permanent("not asked in a run without requests")


class _Embedder:
    def __init__(self, name: str, dimension: int) -> None:
        self.name = name
        self.dimension = dimension

    def embed(self, texts: Sequence[str]) -> Vector:
        raise _UNASKED


class _Analyst:
    def __init__(self, name: str) -> None:
        self.name = name

    def analyse(self, requests: Sequence[AnalystRequest]) -> list[Analysis | LeadlightError]:
        return [_UNASKED for _ in requests]


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name

    def read(self, texts: Sequence[str]) -> list[TextReading | LeadlightError]:
        return [_UNASKED for _ in texts]


def offline(product: Product) -> Product:
    """The product with silent vendors; the embedded rules cost nothing and go on answering."""
    analyst, reader = product.ai.analyst, product.ai.reader
    ai = replace(
        product.ai,
        embedder=_Embedder(product.ai.embedder.name, product.ai.embedder.dimension),
        analyst=analyst if analyst.name == FREE else _Analyst(analyst.name),
        reader=reader if reader.name == FREE else _Reader(reader.name),
    )
    return replace(product, ai=ai)
