"""One OpenAI account (or a compatible server) through its own SDK. Vendor exceptions end here.

The SDK's own retries are off: ours ask the breaker and the shared pace before each attempt and
obey `Retry-After`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any, Final, TypeVar

import openai
from openai import OpenAI, Timeout
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion
from redis import Redis

from backend.clients.openai.dialect import LEARNING_TRIES, Dialect, Dialects
from backend.clients.openai.errors import BadRequest, NoCapacity, answered, typed
from backend.clients.redis.breaker import Breaker
from backend.clients.redis.pace import Pace
from backend.config import (
    AI_ATTEMPTS,
    AI_BACKOFF_S,
    AI_CONNECT_TIMEOUT_S,
    AI_READ_TIMEOUT_S,
    EMBEDDING_ATTEMPTS,
    EMBEDDING_READ_TIMEOUT_S,
)
from backend.errors import (
    BadAnswer,
    LeadlightError,
    QuotaUsedUp,
    SlowAnswer,
    Transient,
    Unanswerable,
)
from backend.ports import Clock, Meter
from backend.retries import backoff_s

T = TypeVar("T")
_NOT_OF_ITS_API: Final = "OpenAI answered something that is not of its API: check OPENAI_BASE_URL"


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
        redis: Redis | None = None,
        account: str = "",
    ) -> None:
        """`account`: whose request limit is shared, where it is not the breaker's vendor."""
        self._api_key = api_key
        self._base_url = base_url or None
        self._breaker = breaker
        self._clock = clock
        self._read_timeout_s = read_timeout_s
        self._meter = meter
        self._pace = None if redis is None else Pace(account or breaker.vendor, redis, clock)
        self._dialects = Dialects(base_url, redis)
        self._lock = Lock()
        self._sdk: tuple[int, OpenAI] | None = None  # (process id, its client)

    def embeddings(self, model: str, texts: Sequence[str]) -> CreateEmbeddingResponse:
        """Raises Transient, Permanent, OverBudget or BadAnswer."""
        read_s = min(self._read_timeout_s, EMBEDDING_READ_TIMEOUT_S)
        return self._call(
            lambda sdk, timeout: sdk.embeddings.with_raw_response.create(
                model=model, input=list(texts), timeout=timeout
            ),
            CreateEmbeddingResponse,
            EMBEDDING_ATTEMPTS,
            time.monotonic() + read_s * (EMBEDDING_ATTEMPTS + 1),
            read_s,
        )

    def chat(self, model: str, most_tokens: int, ends: float, **request: Any) -> ChatCompletion:
        """One chat completion, over by `ends` (of the monotonic clock), in the parameters that the
        model takes. Where there is no room at half the price (`service_tier`), at the full one.

        Raises Transient, Permanent, OverBudget or BadAnswer; Unanswerable when the server refuses
        this very request.
        """
        with self._dialects.one_learns(model, ends):
            dialect = self._dialects.of(model)
            if not dialect.works:
                return self._understood(dialect, model, most_tokens, ends, request)
        return self._understood(dialect, model, most_tokens, ends, request)

    def close(self) -> None:
        """Drop pooled connections; the next call opens new ones."""
        with self._lock:
            sdk, self._sdk = self._sdk, None
        if sdk is not None and sdk[0] == os.getpid():
            sdk[1].close()

    def _understood(
        self, dialect: Dialect, model: str, most_tokens: int, ends: float, request: dict[str, Any]
    ) -> ChatCompletion:
        """Ask, and ask otherwise as long as the server says what it does not take."""
        for _ in range(LEARNING_TRIES):
            asked = dialect.of_request(request) | {"model": model}
            try:
                answer = self._chat(asked | dialect.parameters(most_tokens), ends)
            except NoCapacity:
                if "service_tier" not in asked:
                    raise
                request = {name: value for name, value in request.items() if name != "service_tier"}
                continue
            except BadRequest as refusal:
                other = dialect.after(refusal, asked)
                if other is None:
                    raise Unanswerable(str(refusal)) if dialect.works else refusal from None
                dialect = other
                continue
            self._dialects.keep(model, dialect)
            return answer
        raise BadRequest("OpenAI's server refuses every form of the request: check the model")

    def _chat(self, request: dict[str, Any], ends: float) -> ChatCompletion:
        return self._call(
            lambda sdk, timeout: sdk.chat.completions.with_raw_response.create(
                **request, timeout=timeout
            ),
            ChatCompletion,
            AI_ATTEMPTS,
            ends,
            self._read_timeout_s,
        )

    def _call(
        self,
        ask: Callable[[OpenAI, Timeout], Any],
        kind: type[T],
        attempts: int,
        ends: float,
        read_s: float,
    ) -> T:
        for attempt in range(1, attempts + 1):
            self._breaker.check()
            self._wait(ends)
            began = time.perf_counter()
            failure = self._try(ask, kind, min(read_s, ends - time.monotonic()))
            if self._meter:
                endpoint = "embeddings" if kind is CreateEmbeddingResponse else "chat"
                ok = not isinstance(failure, LeadlightError)
                self._meter.called("openai", endpoint, time.perf_counter() - began, ok=ok)
            if not isinstance(failure, LeadlightError):
                return failure
            pause_s = _pause_s(failure, attempt)
            last = attempt == attempts or time.monotonic() + pause_s >= ends
            if last or not _worth_another(failure):
                raise failure
            self._clock.sleep(pause_s)
        raise AssertionError("unreachable: attempts is at least 1")

    def _wait(self, ends: float) -> None:
        """For the shared pace; raises SlowAnswer when the time is over."""
        if self._pace is not None:
            self._pace.take(max(0.0, ends - time.monotonic()))
        if time.monotonic() >= ends:
            raise SlowAnswer("there was no time left to ask OpenAI")

    def _try(
        self, ask: Callable[[OpenAI, Timeout], Any], kind: type[T], read_s: float
    ) -> T | LeadlightError:
        """The answer, or the failure in our words, and breaker and pace told of either."""
        try:
            raw = ask(self._client(), Timeout(read_s, connect=min(AI_CONNECT_TIMEOUT_S, read_s)))
            answer = _parsed(raw)
        except (openai.OpenAIError, ValueError) as error:
            failure = typed(error)
            self._told(error, failure)
            return failure
        self._breaker.succeeded()
        if self._pace is not None:
            self._pace.learn(raw.headers)
        if not isinstance(answer, kind):
            return BadAnswer(_NOT_OF_ITS_API)
        return answer

    def _told(self, error: Exception, failure: LeadlightError) -> None:
        if isinstance(failure, QuotaUsedUp):
            self._breaker.used_up()
        elif answered(failure):
            self._breaker.succeeded()
        else:
            self._breaker.failed(str(failure))
        if self._pace is not None and isinstance(error, openai.APIStatusError):
            with suppress(AttributeError):
                self._pace.learn(error.response.headers)
            if failure.cause == "rate_limit" and isinstance(failure, Transient):
                self._pace.stop(failure.retry_after_s or AI_BACKOFF_S)

    def _client(self) -> OpenAI:
        """The process's own client: connections do not survive a fork."""
        with self._lock:
            if self._sdk is None or self._sdk[0] != os.getpid():
                sdk = OpenAI(api_key=self._api_key, base_url=self._base_url, max_retries=0)
                self._sdk = (os.getpid(), sdk)
            return self._sdk[1]


def _parsed(raw: Any) -> object:
    """The SDK's value; for an answer of another form, which it trips over, none of its values."""
    try:
        return raw.parse()
    except (AttributeError, TypeError, ValueError):
        return None


def _worth_another(failure: LeadlightError) -> bool:
    if isinstance(failure, SlowAnswer | BadAnswer | QuotaUsedUp | NoCapacity):
        return False  # a time-out has cost enough; whoever asked knows what to do with an answer
    return isinstance(failure, Transient)


def _pause_s(failure: LeadlightError, attempt: int) -> float:
    wish_s = failure.retry_after_s if isinstance(failure, Transient) else None
    return backoff_s(AI_BACKOFF_S, attempt, wish_s)
