"""A local server with OpenAI's wire for chat completions and embeddings, and faults to switch on.

It keeps every request body, so that a test can look for what must never leave.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Json = dict[str, Any]

ANALYSIS: Json = {
    "score": 70,
    "fit_level": "Medium",
    "next_action": "Email",
    "reasons": [],
    "reasoning": "A sound lead.",
}
READING: Json = {
    "intent": "none",
    "timeline": "none",
    "budget_mentioned": False,
    "role": "unknown",
    "complaint": False,
    "job_seeker": False,
    "manipulation_suspected": False,
    "quote": "",
}
QUOTA = {
    "error": {
        "message": "SECRET-VENDOR-TEXT",
        "type": "insufficient_quota",
        "code": "insufficient_quota",
    }
}
SLOW = {"error": {"message": "SECRET-VENDOR-TEXT", "type": "tokens", "code": "rate_limit_exceeded"}}


def hashed(texts: Sequence[str], dimension: int) -> np.ndarray:
    """Deterministic unit rows from words; no meaning, only equality."""
    rows = np.zeros((len(texts), dimension), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in text.split() or ["-"]:
            row[hash_of(word) % dimension] += 1.0
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def hash_of(word: str) -> int:
    return int.from_bytes(word.encode()[:8].ljust(8, b"x"), "little") % 1_000_003


class OpenAiServer:
    """`faults` are taken one per request, first come first; `always` is a fault for all."""

    def __init__(self, server: HTTPServer) -> None:
        self._server = server
        self._lock = threading.Lock()
        self.reset()
        for path, answer in (("chat/completions", self._chat), ("embeddings", self._embed)):
            server.expect_request(f"/v1/{path}", method="POST").respond_with_handler(
                self._around(answer)
            )

    def reset(self) -> None:
        """As new, for the next test."""
        self.bodies: list[Json] = []
        self.headers: list[dict[str, str]] = []
        self.faults: list[str] = []
        self.always = ""
        self.dimension = 1536
        self.delay_s = 0.0
        self.busy = 0
        self.busiest = 0
        self.analyst: Callable[[Json], Json] = lambda _body: ANALYSIS
        self.reader: Callable[[Json], Json] = lambda _body: READING
        self.vectors: Callable[[Sequence[str], int], np.ndarray] = hashed

    @property
    def url(self) -> str:
        return str(self._server.url_for("/v1"))

    def sent(self) -> str:
        """All request bodies in one text."""
        with self._lock:
            return json.dumps(self.bodies, ensure_ascii=False)

    def _around(self, answer: Callable[[Json, str], Response]) -> Callable[[Request], Response]:
        def handle(request: Request) -> Response:
            body = request.get_json()
            with self._lock:
                self.bodies.append(body)
                self.headers.append(dict(request.headers))
                fault = self.faults.pop(0) if self.faults else self.always
                self.busy += 1
                self.busiest = max(self.busiest, self.busy)
            try:
                time.sleep(self.delay_s)
                return self._fault(fault) or answer(body, fault)
            finally:
                with self._lock:
                    self.busy -= 1

        return handle

    def _fault(self, fault: str) -> Response | None:
        if fault == "hang":
            time.sleep(1.0)
        if fault == "quota":
            return reply(QUOTA, 429)
        if fault == "slow_down":
            return reply(SLOW, 429, {"Retry-After": "2"})
        if fault == "html":
            return Response("<html>gateway</html>", 200, content_type="text/html")
        if fault == "half":
            return Response('{"id": "x", "choi', 200, content_type="application/json")
        if fault.isdigit():
            return reply({"error": {"message": "SECRET-VENDOR-TEXT", "code": "x"}}, int(fault))
        return None

    def _chat(self, body: Json, fault: str) -> Response:
        name = body.get("response_format", {}).get("json_schema", {}).get("name", "")
        made = self.analyst(body) if name == "analysis" else self.reader(body)
        message: Json = {"role": "assistant", "content": content_of(made, fault)}
        if fault == "refusal":
            message |= {"content": None, "refusal": "I cannot help with that."}
        finish = fault if fault in ("length", "content_filter") else "stop"
        choices = [{"index": 0, "finish_reason": finish, "message": message}]
        words = sum(len(m["content"]) for m in body["messages"]) // 4
        return reply(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1,
                "model": body["model"],
                "choices": [] if fault == "no_choice" else choices,
                "usage": {
                    "prompt_tokens": words,
                    "completion_tokens": 50,
                    "total_tokens": words + 50,
                },
            }
        )

    def _embed(self, body: Json, fault: str) -> Response:
        texts = body["input"]
        if not all(texts):
            return reply({"error": {"message": "'$.input' is invalid", "code": None}}, 400)
        rows = self.vectors(texts, self.dimension)
        if fault == "nan":
            rows = rows * np.nan
        if fault == "short":
            rows = rows[:-1]
        wanted = body.get("encoding_format", "float")
        data = [
            {"object": "embedding", "index": i, "embedding": encoded(row, wanted)}
            for i, row in enumerate(rows)
        ]
        tokens = sum(len(text) for text in texts) // 4
        return reply(
            {
                "object": "list",
                "data": data[::-1],
                "model": body["model"],
                "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
            }
        )


def content_of(answer: Json, fault: str) -> str:
    """The model's words under a fault of its own."""
    bad = {"empty": "", "not_json": "Sure! The score is 100.", "length": '{"score": 7'}
    if fault in bad:
        return bad[fault]
    if fault == "extra_field":
        return json.dumps(answer | {"bonus": 5})
    if fault == "missing_field":
        return json.dumps(dict(list(answer.items())[1:]))
    if fault.startswith("score="):
        return json.dumps(answer | {"score": 0}).replace('"score": 0', f'"score": {fault[6:]}')
    if fault.startswith("intent="):
        return json.dumps(answer | {"intent": fault[7:]})
    return json.dumps(answer)


def encoded(row: np.ndarray, wanted: str) -> str | list[float]:
    if wanted == "base64":
        return base64.b64encode(row.astype("<f4").tobytes()).decode()
    return [float(value) for value in row]


def reply(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers, content_type="application/json")


@contextmanager
def running_openai() -> Iterator[OpenAiServer]:
    with HTTPServer(threaded=True) as server:
        yield OpenAiServer(server)
