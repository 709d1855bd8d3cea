"""What a model takes is learned from its server's refusals, once, by all processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from redis import Redis

from backend.clients.openai.analyst import OpenAiAnalyst
from backend.clients.openai.api import OpenAiApi
from backend.clients.openai.models import SHUTDOWNS, problems_of
from backend.clients.redis.breaker import Breaker
from backend.config import Price, Settings, listed_price
from backend.errors import LeadlightError, Permanent, Unanswerable
from backend.model import Analysis
from tests.conftest import FakeClock
from tests.contract.openai_server import (
    OpenAiServer,
    newest,
    no_parameter,
    oldest,
    running_openai,
)
from tests.support.vendors import ENVIRON, REQUEST

SETTINGS = Settings.from_env(ENVIRON)
Judge = Callable[..., Analysis | LeadlightError]


@pytest.fixture(scope="module")
def running() -> Iterator[OpenAiServer]:
    with running_openai() as server:
        yield server


@pytest.fixture
def server(running: OpenAiServer) -> OpenAiServer:
    running.reset()
    return running


@pytest.fixture
def judge(server: OpenAiServer, valkey_url: str) -> Iterator[Judge]:
    """One question to a model, each time from a process that knows nothing but Redis."""
    with Redis.from_url(valkey_url) as redis:
        redis.flushall()

        def ask(model: str, times: int = 1) -> Analysis | LeadlightError:
            clock = FakeClock()
            breaker = Breaker("openai", redis, clock)
            api = OpenAiApi(
                api_key="k", base_url=server.url, breaker=breaker, clock=clock, redis=redis
            )
            found = OpenAiAnalyst(api, model, Price(0)).analyse([REQUEST] * times)
            api.close()
            return found[-1]

        yield ask


@pytest.mark.parametrize("model", ["gpt-6-luna", "gpt-9-nova", "some-other-name", "gpt-4o-mini"])
@pytest.mark.parametrize("rules", [newest, oldest, lambda _: None])
def test_every_server_is_understood_and_asked_rightly_from_then_on(
    server: OpenAiServer, judge: Judge, model: str, rules: Callable[[Any], Any]
) -> None:
    server.rules = rules
    assert isinstance(judge(model, 20), Analysis)
    refused = len(server.bodies) - 20
    assert refused <= 5
    server.bodies.clear()
    assert isinstance(judge(model), Analysis)
    assert len(server.bodies) == 1
    body = server.bodies[0]
    assert ("max_tokens" in body) != ("max_completion_tokens" in body)
    if rules is newest:
        assert body["reasoning_effort"] == "low"
    if rules is not oldest:
        assert body["store"] is False


@pytest.mark.parametrize(
    "message",
    [
        "`temperature` is deprecated for this model.",
        "'temperature' is no longer supported.",
        "The parameter `temperature` is not supported.",
        "This model does not support the 'temperature' option",
        "This model does not accept temperature.",
        "temperature: Only the default (1) value is supported",
        "Invalid value for 'temperature': only 1 is supported",
        "Invalid temperature for this model",
    ],
)
def test_a_refusal_is_understood_in_other_words(
    server: OpenAiServer, judge: Judge, message: str
) -> None:
    refusal = {"error": {"message": message, "param": None, "code": None}}
    server.rules = lambda body: refusal if "temperature" in body else None
    assert isinstance(judge("some-other-name"), Analysis)


@pytest.mark.parametrize(
    "message",
    [
        "Invalid value for reasoning_effort: 'none'. Expected one of: 'low', 'medium', 'high'.",
        "[{'type': 'literal_error', 'loc': ('body', 'reasoning_effort'), "
        "'msg': \"Input should be 'low', 'medium' or 'high'\", 'input': 'none'}]",
        "Invalid 'reasoning_effort': 'none' is not one of ['low', 'medium', 'high']",
        "reasoning_effort must be one of low, medium, high",
    ],
)
def test_the_lowest_effort_is_understood_in_other_words(
    server: OpenAiServer, judge: Judge, message: str
) -> None:
    refusal = {"error": {"message": message, "param": None, "code": 400}}
    low = ("none", "minimal")
    server.rules = lambda body: refusal if body.get("reasoning_effort") in low else None
    assert isinstance(judge("gpt-6-luna"), Analysis)
    assert [body.get("reasoning_effort") for body in server.bodies] == ["none", "low"]


def test_the_newest_models_we_know_of_cost_no_refusal(server: OpenAiServer, judge: Judge) -> None:
    assert isinstance(judge(SETTINGS.openai_chat_model), Analysis)
    [body] = server.bodies
    assert body["max_completion_tokens"] == 600
    assert body["reasoning_effort"] == "none"
    assert body["store"] is False
    assert not {"max_tokens", "temperature", "seed"} & set(body)


def test_the_default_model_lives_and_has_a_price() -> None:
    model = SETTINGS.openai_chat_model
    assert model not in SHUTDOWNS
    assert listed_price(model) is not None
    assert listed_price(SETTINGS.openai_embedding_model) is not None


def test_a_refusal_that_helps_nobody_teaches_nothing(server: OpenAiServer, judge: Judge) -> None:
    server.rules = lambda _: no_parameter("store")
    assert isinstance(judge("gpt-6-luna"), Permanent)
    server.rules = lambda _: None
    server.bodies.clear()
    judge("gpt-6-luna")
    assert server.bodies[0]["store"] is False


def test_a_400_of_a_model_that_answers_others_is_about_this_text(
    server: OpenAiServer, judge: Judge
) -> None:
    server.always = "400"
    found = judge("gpt-6-luna")
    assert isinstance(found, Permanent) and not isinstance(found, Unanswerable)
    server.always = ""
    judge("gpt-6-luna")
    server.always = "400"
    assert isinstance(judge("gpt-6-luna"), Unanswerable)
    server.always = "policy"
    assert isinstance(judge("gpt-6-luna"), Unanswerable)


def test_a_model_that_is_missing_or_ends_soon_is_named_with_its_cure() -> None:
    today = date(2026, 11, 29)
    chat, embedding = ("OPENAI_CHAT_MODEL", "a"), ("OPENAI_EMBEDDING_MODEL", "b")
    both = [{"id": "a"}, {"id": "b", "shutdown_date": None}]
    assert problems_of([chat, embedding], both, today, by_openai=True) == {}
    assert problems_of([chat, embedding], None, today, by_openai=False) == {}
    missing = problems_of([chat, embedding], both[1:], today, by_openai=False)
    assert list(missing) == ["a"] and "OPENAI_CHAT_MODEL" in missing["a"]
    for days, told in ((61, False), (60, True), (0, True), (-5, True)):
        ends_on = (today + timedelta(days)).isoformat()
        listed = [{"id": "a", "shutdown_date": ends_on}]
        assert bool(problems_of([chat], listed, today, by_openai=False)) is told
    timed = [{"id": "a", "shutdown_date": "2026-12-20T00:00:00Z"}]
    assert "2026-12-20" in problems_of([chat], timed, today, by_openai=False)["a"]
    known = problems_of([("OPENAI_CHAT_MODEL", "gpt-4o-mini")], None, today, by_openai=True)
    assert "2027-01-14" in known["gpt-4o-mini"] and "gpt-6-luna" in known["gpt-4o-mini"]
    dated = problems_of([("OPENAI_CHAT_MODEL", "gpt-5-2025-08-07")], None, today, by_openai=True)
    assert "2026-12-11" in dated["gpt-5-2025-08-07"]
