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


NO_ROOM = {
    "error": {
        "message": "Resource Unavailable: SECRET-VENDOR-TEXT",
        "type": "invalid_request_error",
        "code": "resource_unavailable",
    }
}
POLICY = {
    "error": {
        "message": "SECRET-VENDOR-TEXT",
        "type": "invalid_request_error",
        "param": "prompt",
        "code": "content_filter",
    }
}


def trickled() -> Iterator[str]:
    """One byte at a time, for as long as somebody listens."""
    for _ in range(600):
        yield " "
        time.sleep(0.1)


def no_parameter(name: str, hint: str = "") -> Json:
    """OpenAI's refusal of a parameter that a model does not have."""
    return {
        "error": {
            "message": f"Unsupported parameter: '{name}' is not supported with this model.{hint}",
            "type": "invalid_request_error",
            "param": name,
            "code": "unsupported_parameter",
        }
    }


def unrecognised(name: str) -> Json:
    """OpenAI's refusal of a parameter that an older model does not know: it names no `param`."""
    return {
        "error": {
            "message": f"Unrecognized request argument supplied: {name}",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }
    }


def no_value(name: str, value: str, supported: str) -> Json:
    """OpenAI's refusal of a parameter's value."""
    return {
        "error": {
            "message": f"Unsupported value: '{name}' does not support '{value}' with this model. "
            f"Supported values are: {supported}.",
            "type": "invalid_request_error",
            "param": name,
            "code": "unsupported_value",
        }
    }


def extra_forbidden(name: str) -> Json:
    """What vLLM with a strict schema answered."""
    return {
        "object": "error",
        "message": f"[{{'type': 'extra_forbidden', 'loc': ('body', '{name}'), "
        "'msg': 'Extra inputs are not permitted', 'input': False}]",
        "type": "BadRequestError",
        "param": None,
        "code": 400,
    }


def newest(body: Json) -> Json | None:
    """A model of the newest family: no old limit, no sampling, reasoning from `low` on."""
    if "max_tokens" in body:
        return no_parameter("max_tokens", " Use 'max_completion_tokens' instead.")
    if "temperature" in body:
        return no_value("temperature", "0", "1")
    if "seed" in body:
        return no_parameter("seed")
    if body.get("reasoning_effort") in ("none", "minimal"):
        return no_value("reasoning_effort", body["reasoning_effort"], "'low', 'medium', and 'high'")
    return None


def oldest(body: Json) -> Json | None:
    """A strict server from before: it knows `max_tokens` and sampling, and nothing new."""
    for name in ("max_completion_tokens", "reasoning_effort"):
        if name in body:
            return unrecognised(name)
    return extra_forbidden("store") if "store" in body else None


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
        server.expect_request("/v1/models", method="GET").respond_with_handler(self._models)
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
        self.reading_fault = ""  # of questions to the text reader alone
        self.half_price_fault = ""  # of questions that may be answered slowly
        self.rules: Callable[[Json], Json | None] = lambda _body: None  # a 400's error, or None
        self.answer_headers: Callable[[], dict[str, str]] = dict
        self.tier = ""  # what the answer says it was made at; "": what was asked for
        self.models: list[Json] | None = None  # None: this server has no list of its models
        self.listed = 0
        self.trickle_models = False
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
                if name_of(body) == "reading":
                    fault = self.reading_fault or fault
                if "service_tier" in body:
                    fault = self.half_price_fault or fault
                refused = self.rules(body)
                if refused:
                    return reply(refused, 400)
                given = self._fault(fault) or answer(body, fault)
                given.headers.extend(self.answer_headers())
                return given
            finally:
                with self._lock:
                    self.busy -= 1

        return handle

    def _models(self, _request: Request) -> Response:
        self.listed += 1
        if self.trickle_models:
            return Response(trickled(), 200, content_type="application/json")
        if self.always.isdigit():
            return reply({"error": {"message": "SECRET-VENDOR-TEXT"}}, int(self.always))
        if self.models is None:
            return reply({"error": {"message": "Not found"}}, 404)
        return reply({"object": "list", "data": self.models})

    def _fault(self, fault: str) -> Response | None:
        if fault == "hang":
            time.sleep(1.0)
        if fault in ("quota", "no_room"):
            return reply(QUOTA if fault == "quota" else NO_ROOM, 429)
        if fault == "slow_down":
            return reply(SLOW, 429, {"Retry-After": "2"})
        if fault == "hang_long":
            time.sleep(12.0)
        if fault == "trickle":
            return Response(trickled(), 200, content_type="application/json")
        if fault == "policy":
            return reply(POLICY, 400)
        if fault == "html":
            return Response("<html>gateway</html>", 200, content_type="text/html")
        if fault == "half":
            return Response('{"id": "x", "choi', 200, content_type="application/json")
        if fault.isdigit():
            return reply({"error": {"message": "SECRET-VENDOR-TEXT", "code": "x"}}, int(fault))
        return None

    def _chat(self, body: Json, fault: str) -> Response:
        made = self.analyst(body) if name_of(body) == "analysis" else self.reader(body)
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
                "service_tier": self.tier or body.get("service_tier") or "default",
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


def name_of(body: Json) -> str:
    """Of the form that is asked for."""
    return str(body.get("response_format", {}).get("json_schema", {}).get("name", ""))


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
