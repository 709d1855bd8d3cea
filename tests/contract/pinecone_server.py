"""A local server that speaks Pinecone's data plane, with filters that really filter.

Shapes: docs.pinecone.io, API 2025 to 2026-07 (`/vectors/upsert`, `/query`, `/vectors/delete`,
`/describe_index_stats`). Similarity is the cosine; each namespace is its own world.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Json = dict[str, Any]
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda have, want: want in have if isinstance(have, list) else have == want,
    "$ne": lambda have, want: want not in have if isinstance(have, list) else have != want,
    "$in": lambda have, want: bool(set(have if isinstance(have, list) else [have]) & set(want)),
    "$nin": lambda have, want: not set(have if isinstance(have, list) else [have]) & set(want),
    "$gt": lambda have, want: have > want,
    "$gte": lambda have, want: have >= want,
    "$lt": lambda have, want: have < want,
    "$lte": lambda have, want: have <= want,
}


def matches(metadata: Json, wanted: Json) -> bool:
    """Pinecone's filter language; a missing field matches nothing."""
    for name, condition in wanted.items():
        if name in ("$and", "$or"):
            found = [matches(metadata, one) for one in condition]
            if not (all(found) if name == "$and" else any(found)):
                return False
        elif not _field_matches(metadata, name, condition):
            return False
    return True


def _field_matches(metadata: Json, name: str, condition: Any) -> bool:
    if not isinstance(condition, dict):
        condition = {"$eq": condition}
    if "$exists" in condition:
        return (name in metadata) is condition["$exists"]
    have = metadata.get(name)
    return have is not None and all(_COMPARE[op](have, want) for op, want in condition.items())


class PineconeServer:
    """`faults` are statuses taken one per request; `always` is one for all."""

    def __init__(self, server: HTTPServer) -> None:
        self._server = server
        self._lock = threading.Lock()
        self.reset()
        server.expect_request("/vectors/list", method="GET").respond_with_handler(self._list)
        for path, answer in (
            ("/vectors/upsert", self._upsert),
            ("/query", self._query),
            ("/vectors/delete", self._delete),
            ("/describe_index_stats", self._stats),
        ):
            server.expect_request(path, method="POST").respond_with_handler(
                self._around(path, answer)
            )

    def reset(self) -> None:
        """As new, for the next test."""
        self._spaces: dict[str, dict[str, Json]] = {}
        self.bodies: list[tuple[str, Json]] = []
        self.headers: list[dict[str, str]] = []
        self.faults: list[int] = []
        self.always = 0
        self.delay_s = 0.0
        self.dimension: int | None = None  # None: that of the first vector

    @property
    def url(self) -> str:
        return str(self._server.url_for("")).rstrip("/")

    def sent(self) -> str:
        """All request bodies in one text, without the vectors' numbers."""
        with self._lock:
            return json.dumps(self.bodies, ensure_ascii=False)

    def _around(self, path: str, answer: Callable[[Json], Response]) -> Any:
        def handle(request: Request) -> Response:
            body = json.loads(request.get_data() or b"{}")
            with self._lock:
                self.bodies.append((path, without_numbers(body)))
                self.headers.append(dict(request.headers))
                fault = self.faults.pop(0) if self.faults else self.always
            time.sleep(self.delay_s)
            if fault:
                return reply({"code": 0, "message": "SECRET-VENDOR-TEXT", "details": []}, fault)
            with self._lock:
                return answer(body)

        return handle

    def _upsert(self, body: Json) -> Response:
        for vector in body["vectors"]:
            problem = self._problem(vector["values"]) or _bad_metadata(vector.get("metadata", {}))
            if problem or not vector["id"].isascii() or len(vector["id"]) > 512:
                return refused(problem or "Vector IDs must be ASCII")
        space = self._spaces.setdefault(body.get("namespace", ""), {})
        space |= {vector["id"]: vector for vector in body["vectors"]}
        return reply({"upsertedCount": len(body["vectors"])})

    def _query(self, body: Json) -> Response:
        problem = self._problem(body["vector"])
        if problem:
            return refused(problem)
        asked = np.array(body["vector"])
        found = []
        for vector in self._spaces.get(body.get("namespace", ""), {}).values():
            if matches(vector.get("metadata", {}), body.get("filter") or {}):
                stored = np.array(vector["values"])
                score = float(asked @ stored / np.linalg.norm(asked) / np.linalg.norm(stored))
                found.append(
                    {"id": vector["id"], "score": score, "values": []}
                    | (
                        {"metadata": vector.get("metadata", {})}
                        if body.get("includeMetadata")
                        else {}
                    )
                )
        best = sorted(found, key=lambda match: -match["score"])[: body["topK"]]
        return reply(
            {"matches": best, "namespace": body.get("namespace", ""), "usage": {"readUnits": 5}}
        )

    def _delete(self, body: Json) -> Response:
        name = body.get("namespace", "")
        if name not in self._spaces:
            return reply({"code": 5, "message": "Namespace not found", "details": []}, 404)
        if body.get("deleteAll"):
            del self._spaces[name]
        else:
            for item_id in body.get("ids", ()):
                self._spaces[name].pop(item_id, None)
        return reply({})

    def _list(self, request: Request) -> Response:
        """Pages of two, so that more than one is always needed."""
        space = self._spaces.get(request.args.get("namespace", ""))
        if space is None:
            return reply({"code": 5, "message": "Namespace not found", "details": []}, 404)
        start = int(request.args.get("paginationToken") or 0)
        listed = sorted(space)
        page: Json = {"vectors": [{"id": name} for name in listed[start : start + 2]]}
        if start + 2 < len(listed):
            page["pagination"] = {"next": str(start + 2)}
        return reply(page | {"namespace": request.args.get("namespace", "")})

    def _stats(self, _body: Json) -> Response:
        spaces = {name: {"vectorCount": len(rows)} for name, rows in self._spaces.items()}
        return reply(
            {
                "namespaces": spaces,
                "dimension": self.dimension or 0,
                "indexFullness": 0,
                "totalVectorCount": sum(len(rows) for rows in self._spaces.values()),
                "metric": "cosine",
                "vectorType": "dense",
            }
        )

    def _problem(self, values: list[float]) -> str:
        self.dimension = self.dimension or len(values)
        if len(values) != self.dimension:
            return f"Vector dimension {len(values)} does not match the dimension of the index"
        return "" if any(values) else "Dense vectors must contain at least one non-zero value"


def _bad_metadata(metadata: Json) -> str:
    for value in metadata.values():
        listed = isinstance(value, list) and all(isinstance(v, str) for v in value)
        if not isinstance(value, str | int | float | bool) and not listed:
            return "Metadata value must be a string, number, boolean or list of strings"
    return ""


def without_numbers(body: Json) -> Json:
    """A body to keep: the vectors' values are only counted."""
    kept = {name: value for name, value in body.items() if name != "vector"}
    if "vectors" in kept:
        kept["vectors"] = [
            {name: value for name, value in vector.items() if name != "values"}
            for vector in kept["vectors"]
        ]
    return kept


def refused(message: str) -> Response:
    return reply({"code": 3, "message": message, "details": []}, 400)


def reply(body: Json, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


@contextmanager
def running_pinecone() -> Iterator[PineconeServer]:
    with HTTPServer(threaded=True) as server:
        yield PineconeServer(server)
