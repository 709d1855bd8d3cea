"""Which optional parameters a model takes, learned from the server's own refusals.

A 400 (or 422) that names a parameter of ours is an answer about the model, not about the lead: the
request is sent again without it, or with the value that the server names. What then worked is kept
in Redis, so that every process knows it; without Redis each process learns for itself. It is
forgotten after `KEPT_S`, because servers are upgraded and a parameter that was refused (`store`
above all) should be sent again then.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from backend.clients.openai.errors import BadRequest

KEPT_S: Final = 30 * 86_400
SEED: Final = 7
THINKING_TOKENS: Final = 4_000  # room for a model that cannot be kept from reasoning
EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
LEARNING_WAIT_S: Final = 5.0  # how long others wait for the first request to be understood
LEARNING_TRIES: Final = 10  # refusals of one request before it fails
# A first guess only: it spares the models that we know of a refused request or two.
_OPENAI: Final = re.compile(r"^(ft:)?(gpt-|o\d|chatgpt-)")
_REASONING: Final = re.compile(r"^(ft:)?(gpt-([5-9]|\d\d)|o\d)")
_LIMITS: Final = ("max_completion_tokens", "max_tokens")
_SPARED: Final = ("temperature", "seed", "store", "service_tier")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is sent to one model besides messages and form.

    `limit` names the parameter that bounds an answer, `effort` is the `reasoning_effort` ("": not
    sent), `without` holds what the server refuses, also of the request's own parameters. `works`: a
    request in it was answered.
    """

    limit: str
    effort: str
    without: frozenset[str] = frozenset()
    works: bool = False

    def parameters(self, most_tokens: int) -> dict[str, Any]:
        """For one request whose answer may have `most_tokens`."""
        thinks = self.effort not in ("", "none") or "reasoning_effort" in self.without
        most = most_tokens + (THINKING_TOKENS if thinks else 0)
        found: dict[str, Any] = {self.limit: most} if self.limit else {}
        if self.effort:
            found["reasoning_effort"] = self.effort
        values = {"temperature": 0, "seed": SEED, "store": False}
        return found | {n: v for n, v in values.items() if n not in self.without}

    def of_request(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The request's own parameters that the server takes."""
        return {name: value for name, value in request.items() if name not in self.without}

    def after(self, refusal: BadRequest, asked: Mapping[str, Any]) -> Dialect | None:
        """What to send next; None when the refusal is about nothing that could be changed.

        One that names no parameter may be about the price: not every model is to be had at half."""
        name = refusal.parameter or ("service_tier" if "service_tier" in asked else "")
        if name == "reasoning_effort" and self.effort:
            effort = _next_effort(self.effort, refusal)
            without = self.without if effort else self.without | {name}
            return replace(self, effort=effort, without=without)
        # whoever refuses sampling, or the old limit, is of the family that reasons by default
        reasons = name in ("temperature", "max_tokens") and not self.effort
        told = "reasoning_effort" in self.without
        effort = EFFORTS[0] if reasons and not told else self.effort
        if name in _SPARED and name not in self.without:
            return replace(self, without=self.without | {name}, effort=effort)
        if name not in _LIMITS or name != self.limit:
            return None
        other = _LIMITS[1 - _LIMITS.index(name)]
        without = self.without | {name}
        known = other not in without
        return replace(self, limit=other if known else "", without=without, effort=effort)


def first_guess(model: str) -> Dialect:
    """Before anything was learned. A server that is not OpenAI's may not know the newer name of
    the limit and would then ignore it, so that it is told the older one first."""
    limit = _LIMITS[0] if _OPENAI.match(model) else _LIMITS[1]
    if _REASONING.match(model):
        return Dialect(limit, EFFORTS[0], frozenset({"temperature", "seed"}))
    return Dialect(limit, "")


class Dialects:
    """The dialects of one server's models."""

    def __init__(self, server: str, redis: Redis | None = None) -> None:
        self._server = hashlib.sha256(server.encode()).hexdigest()[:16]
        self._redis = redis
        self._known: dict[str, Dialect] = {}
        self._learning = Lock()

    def of(self, model: str) -> Dialect:
        """What is known, else a guess."""
        found = self._known.get(model)
        if found is None or not found.works:
            found = self._stored(model) or found or first_guess(model)
            self._known[model] = found
        return found

    @contextmanager
    def one_learns(self, model: str, ends: float) -> Iterator[None]:
        """Until a request to the model was understood, the others wait for it, a while."""
        if self.of(model).works:
            yield
            return
        patience_s = min(LEARNING_WAIT_S, ends - time.monotonic())
        held = self._learning.acquire(timeout=max(0.0, patience_s))
        try:
            yield
        finally:
            if held:
                self._learning.release()

    def keep(self, model: str, dialect: Dialect) -> None:
        """A request in this dialect was answered."""
        worked = replace(dialect, works=True)
        if self._known.get(model) == worked:
            return
        self._known[model] = worked
        body = {"limit": worked.limit, "effort": worked.effort, "without": sorted(worked.without)}
        if self._redis is not None:
            with suppress(RedisError):
                self._redis.set(self._key(model), json.dumps(body), ex=KEPT_S)

    def _stored(self, model: str) -> Dialect | None:
        if self._redis is None:
            return None
        try:
            stored: Any = self._redis.get(self._key(model))
        except RedisError:
            return None
        if not stored:
            return None
        body = json.loads(stored)
        return Dialect(body["limit"], body["effort"], frozenset(body["without"]), works=True)

    def _key(self, model: str) -> str:
        return f"dialect:{self._server}:{model}"


def _next_effort(now: str, refusal: BadRequest) -> str:
    """The lowest that the server names, else the next higher one; "" when it takes none."""
    named = [effort for effort in EFFORTS if effort in refusal.supported and effort != now]
    if named:
        return named[0]
    higher = EFFORTS[EFFORTS.index(now) + 1 :]
    return higher[0] if higher and refusal.value_only else ""
