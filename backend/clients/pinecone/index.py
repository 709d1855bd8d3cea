"""Similar clients in Pinecone: one namespace per portal, through the real SDK.

Always by the index's own host: a look-up by name would need the control plane. The SDK retries
three times by itself (network, 408, 429, 5xx). What leaves is an allow-list: no label, no name, no
text.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, Final, TypeVar
from urllib.parse import quote, unquote

import numpy as np
from pinecone import Index
from pinecone.errors import NotFoundError, PineconeError

from backend.clients.pinecone.errors import answered, typed
from backend.clients.redis.breaker import Breaker
from backend.config import (
    AI_CONCURRENCY,
    PINECONE_DELETE_IDS,
    PINECONE_UPSERT_ITEMS,
    VECTOR_READ_TIMEOUT_S,
)
from backend.errors import BadSettings, Permanent
from backend.model import Neighbour
from backend.ports import Metadata, Meter, Vector, VectorItem
from backend.slices import slices

ALLOWED: Final = (
    "client_id",
    "industry",
    "size",
    "location",
    "status",
    "type",
    "outcome",
    "tags",
    "segment",
)

T = TypeVar("T")


class PineconeIndex:
    """The VectorIndex port. Reads may lag writes by seconds; nothing here waits for them."""

    name = "pinecone"

    def __init__(
        self,
        *,
        api_key: str,
        host: str,
        breaker: Breaker,
        timeout_s: float = VECTOR_READ_TIMEOUT_S,
        meter: Meter | None = None,
    ) -> None:
        self._api_key = api_key
        self._host = host
        self._breaker = breaker
        self._timeout_s = timeout_s
        self._meter = meter
        self._lock = Lock()
        self._sdk: tuple[int, Index] | None = None  # (process id, its client)

    def upsert(self, portal_id: int, items: Sequence[VectorItem]) -> None:
        """Store or replace by id. Raises Permanent for a vector that is zero or not a number."""
        vectors = [
            {"id": _quoted(i.item_id), "values": _values(i), "metadata": _metadata(i.metadata)}
            for i in items
        ]
        for batch in slices(vectors, PINECONE_UPSERT_ITEMS):
            self._call("upsert", partial(self._upsert, batch, _namespace(portal_id)))

    def query(
        self, portal_id: int, vectors: Vector, top_k: int, where: Mapping[str, str]
    ) -> list[list[Neighbour]]:
        """For each row the `top_k` nearest by cosine whose metadata equal `where`, best first."""
        rows = np.atleast_2d(np.asarray(vectors, dtype=np.float32))
        if top_k < 1 or not len(rows):
            return [[] for _ in rows]
        wanted = {name: {"$eq": value} for name, value in sorted(where.items())}

        def one(row: Vector) -> list[Neighbour]:
            return self._call(
                "query", partial(self._query, _namespace(portal_id), row, top_k, wanted)
            )

        pool = ThreadPoolExecutor(min(AI_CONCURRENCY, len(rows)))
        try:
            return list(pool.map(one, rows))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def delete(self, portal_id: int, item_ids: Sequence[str] | None = None) -> None:
        """Remove the named items, or with None all of the portal's; unknown ones are fine."""
        namespace = _namespace(portal_id)
        if item_ids is None:
            self._call(
                "delete", lambda index: _absent_is_fine(index.delete, namespace, delete_all=True)
            )
            return
        for batch in slices([_quoted(i) for i in item_ids], PINECONE_DELETE_IDS):
            self._call("delete", partial(self._delete_ids, batch, namespace))

    def count(self, portal_id: int) -> int:
        """Number of stored items of the portal, as far as Pinecone has counted."""
        stats = self._call("stats", lambda index: index.describe_index_stats())
        found = stats.namespaces.get(_namespace(portal_id))
        return int(found.vector_count) if found else 0

    def item_ids(self, portal_id: int) -> set[str]:
        """Ids of all stored items of the portal, read a page at a time."""
        return self._call("list", partial(self._list, _namespace(portal_id)))

    def check(self, dimension: int) -> None:
        """Raises BadSettings when the index is of another dimension, Transient when away."""
        stats = self._call("stats", lambda index: index.describe_index_stats())
        if stats.dimension and int(stats.dimension) != dimension:
            raise BadSettings(
                f"the Pinecone index holds {stats.dimension} dimensions and the embeddings have "
                f"{dimension}: make an index for the model of OPENAI_EMBEDDING_MODEL, "
                "set PINECONE_INDEX_HOST"
            )

    def close(self) -> None:
        """Drop pooled connections; the next call opens new ones."""
        with self._lock:
            sdk, self._sdk = self._sdk, None
        if sdk is not None and sdk[0] == os.getpid():
            sdk[1].close()

    @staticmethod
    def _upsert(batch: Sequence[dict[str, Any]], namespace: str, index: Index) -> None:
        index.upsert(vectors=batch, namespace=namespace)

    @staticmethod
    def _delete_ids(batch: Sequence[str], namespace: str, index: Index) -> None:
        _absent_is_fine(index.delete, namespace, ids=batch)

    @staticmethod
    def _list(namespace: str, index: Index) -> set[str]:
        try:
            pages = list(index.list(namespace=namespace))
        except NotFoundError:
            return set()  # the portal has stored nothing yet
        return {unquote(one.id or "") for page in pages for one in page.vectors}

    @staticmethod
    def _query(
        namespace: str, row: Vector, top_k: int, wanted: Mapping[str, Any], index: Index
    ) -> list[Neighbour]:
        try:
            answer = index.query(
                namespace=namespace,
                vector=[float(value) for value in row],
                top_k=top_k,
                filter=wanted or None,
                include_metadata=True,
                include_values=False,
            )
        except NotFoundError:
            return []  # the portal has stored nothing yet
        found = [_neighbour(match) for match in answer.matches]
        return sorted(found, key=lambda n: (-n.similarity, n.neighbour_id))[:top_k]

    def _call(self, endpoint: str, ask: Callable[[Index], T]) -> T:
        self._breaker.check()
        began = time.perf_counter()
        try:
            result = ask(self._index())
        except (PineconeError, ValueError) as error:
            (self._breaker.succeeded if answered(error) else self._breaker.failed)()
            self._measured(endpoint, began, ok=False)
            raise typed(error) from None
        self._breaker.succeeded()
        self._measured(endpoint, began, ok=True)
        return result

    def _measured(self, endpoint: str, began: float, *, ok: bool) -> None:
        if self._meter:
            self._meter.called("pinecone", endpoint, time.perf_counter() - began, ok=ok)

    def _index(self) -> Index:
        """The process's own client: connections do not survive a fork."""
        with self._lock:
            if self._sdk is None or self._sdk[0] != os.getpid():
                index = Index(host=self._host, api_key=self._api_key, timeout=self._timeout_s)
                self._sdk = (os.getpid(), index)
            return self._sdk[1]


def _namespace(portal_id: int) -> str:
    return f"portal-{portal_id}"


def _quoted(item_id: str) -> str:
    """Pinecone's ids are ASCII."""
    return quote(item_id, safe=":-_.")


def _absent_is_fine(delete: Callable[..., object], namespace: str, **what: Any) -> None:
    try:
        delete(namespace=namespace, **what)
    except NotFoundError:
        return


def _metadata(given: Metadata) -> dict[str, str | list[str]]:
    return {name: value for name in ALLOWED if (value := given.get(name))}


def _values(item: VectorItem) -> list[float]:
    vector = np.asarray(item.vector, dtype=np.float32)
    if vector.ndim != 1 or not np.isfinite(vector).all() or not vector.any():
        raise Permanent(f"the vector of {item.item_id} is empty, zero or not a number")
    return [float(value) for value in vector / np.linalg.norm(vector)]


def _neighbour(match: Any) -> Neighbour:
    metadata = dict(match.metadata or {})
    texts = {name: value for name, value in metadata.items() if isinstance(value, str) and value}
    kind = texts.get("outcome") if texts.get("type") == "lead" else texts.get("type")
    return Neighbour(
        neighbour_id=unquote(match.id),
        kind=kind or "",
        similarity=min(max(float(match.score), -1.0), 1.0),
        facts=texts,
    )
