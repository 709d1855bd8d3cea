"""Pinecone as one of the services that providers depend on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.clients.pinecone.index import PineconeIndex
from backend.clients.redis.breaker import Breaker
from backend.ports import STORED


class PineconeVendor:
    """The Vendor port over one index, whose vectors have `dimension` numbers."""

    name = "pinecone"
    keeps = "unreachable at once, in its backups for at most 90 days"

    def __init__(self, index: PineconeIndex, dimension: int, breaker: Breaker) -> None:
        self._index = index
        self._dimension = dimension
        self._breaker = breaker

    def check(self, now: datetime) -> Mapping[str, Any]:
        """Read the index's numbers. Raises LeadlightError, BadSettings for another dimension."""
        return {STORED: self._index.check(self._dimension)}

    def breakers(self) -> Mapping[str, str]:
        """One."""
        return {self._breaker.vendor: self._breaker.state()}

    def try_now(self) -> None:
        """Ask again although the plan was used up a moment ago."""
        self._breaker.try_now()

    def close(self) -> None:
        """Drop pooled connections."""
        self._index.close()
