"""One OpenAI account (or a compatible server) through its own SDK. Vendor exceptions end here.

The SDK's own retries are off: ours ask the breaker before each attempt and obey `Retry-After`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

import openai
from openai import OpenAI, Timeout
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion

from backend.clients.openai.errors import SlowAnswer, typed
from backend.clients.redis.breaker import Breaker
from backend.config import (
    AI_ATTEMPTS,
    AI_BACKOFF_S,
    AI_CONCURRENCY,
    AI_CONNECT_TIMEOUT_S,
    AI_READ_TIMEOUT_S,
    AI_RETRY_AFTER_CAP_S,
    EMBEDDING_ATTEMPTS,
)
from backend.errors import BadAnswer, LeadlightError, OverBudget, Transient
from backend.ports import Clock, Meter
from backend.retries import backoff_s

T = TypeVar("T")
Item = TypeVar("Item")


class OpenAiApi:
    """Sends requests; raises only our own errors. Nothing is connected before the first call."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        breaker: Breaker,
        clock: Clock,
        read_timeout_s: float = AI_READ_TIMEOUT_S,
        meter: Meter | None = None,
    ) -> None:
        self._api_key = api_key
        self._base_url = base_url or None
        self._breaker = breaker
        self._clock = clock
        self._timeout = Timeout(read_timeout_s, connect=AI_CONNECT_TIMEOUT_S)
        self._meter = meter
        self._lock = Lock()
        self._sdk: tuple[int, OpenAI] | None = None  # (process id, its client)

    def embeddings(self, model: str, texts: Sequence[str]) -> CreateEmbeddingResponse:
        """Raises Transient, Permanent, OverBudget or BadAnswer."""
        return self._call(
            lambda sdk: sdk.embeddings.create(model=model, input=list(texts)),
            CreateEmbeddingResponse,
            EMBEDDING_ATTEMPTS,
        )

    def chat(self, **request: Any) -> ChatCompletion:
        """One chat completion. Raises Transient, Permanent, OverBudget or BadAnswer."""
        return self._call(
            lambda sdk: sdk.chat.completions.create(**request), ChatCompletion, AI_ATTEMPTS
        )

    def close(self) -> None:
        """Drop pooled connections; the next call opens new ones."""
        with self._lock:
            sdk, self._sdk = self._sdk, None
        if sdk is not None and sdk[0] == os.getpid():
            sdk[1].close()

    def _call(self, ask: Callable[[OpenAI], object], kind: type[T], attempts: int) -> T:
        for attempt in range(1, attempts + 1):
            self._breaker.check()
            began = time.perf_counter()
            failure = self._try(ask, kind)
            if self._meter:
                endpoint = "embeddings" if kind is CreateEmbeddingResponse else "chat"
                answered = not isinstance(failure, LeadlightError)
                self._meter.called("openai", endpoint, time.perf_counter() - began, ok=answered)
            if not isinstance(failure, LeadlightError):
                return failure
            if attempt == attempts or not _worth_another(failure):
                raise failure
            wish_s = failure.retry_after_s if isinstance(failure, Transient) else None
            self._clock.sleep(backoff_s(AI_BACKOFF_S, attempt, wish_s))
        raise AssertionError("unreachable: attempts is at least 1")

    def _try(self, ask: Callable[[OpenAI], object], kind: type[T]) -> T | LeadlightError:
        """The answer, or the failure in our words, and the breaker told of either."""
        try:
            answer = ask(self._client())
        except (openai.OpenAIError, ValueError) as error:
            failure = typed(error)
            if isinstance(failure, BadAnswer | OverBudget) or _is_rate_limit(error):
                self._breaker.succeeded()  # it is there, and answers in milliseconds
            else:
                self._breaker.failed()
            return failure
        self._breaker.succeeded()
        if not isinstance(answer, kind):
            return BadAnswer("OpenAI answered something that is not of its API: check the base URL")
        return answer

    def _client(self) -> OpenAI:
        """The process's own client: connections do not survive a fork."""
        with self._lock:
            if self._sdk is None or self._sdk[0] != os.getpid():
                sdk = OpenAI(
                    api_key=self._api_key,
                    base_url=self._base_url,
                    timeout=self._timeout,
                    max_retries=0,
                )
                self._sdk = (os.getpid(), sdk)
            return self._sdk[1]


def side_by_side(ask: Callable[[Item], T], items: Sequence[Item]) -> list[T | LeadlightError]:
    """One answer or failure per item, in order, at most AI_CONCURRENCY at a time.

    A job that runs out of time does not wait for calls in flight.
    """

    def one(item: Item) -> T | LeadlightError:
        try:
            return ask(item)
        except LeadlightError as error:
            return error

    if not items:
        return []
    pool = ThreadPoolExecutor(min(AI_CONCURRENCY, len(items)))
    try:
        return list(pool.map(one, items))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _is_rate_limit(error: Exception) -> bool:
    return isinstance(error, openai.RateLimitError)


def _worth_another(failure: LeadlightError) -> bool:
    if isinstance(failure, SlowAnswer | BadAnswer) or not isinstance(failure, Transient):
        return False  # a time-out has cost enough; whoever asked knows what to do with an answer
    return (failure.retry_after_s or 0.0) <= AI_RETRY_AFTER_CAP_S
