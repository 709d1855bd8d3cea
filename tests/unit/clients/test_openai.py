"""OpenAI's answers and failures, through the real SDK against a local server."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import openai
import pytest
from redis import Redis

from backend.clients.http import retry_after_s
from backend.clients.openai import prompts
from backend.clients.openai.analyst import OpenAiAnalyst, content_of
from backend.clients.openai.api import OpenAiApi
from backend.clients.openai.embedder import OpenAiEmbedder
from backend.clients.openai.errors import typed
from backend.clients.openai.prices import cost_micro_usd
from backend.clients.openai.reader import OpenAiReader
from backend.clients.redis.breaker import Breaker
from backend.config import AI_PRICES, Price, listed_price, price_of
from backend.errors import (
    BadAnswer,
    BadSettings,
    LeadlightError,
    OverBudget,
    Permanent,
    Transient,
    Unanswerable,
)
from backend.model import Analysis, NextAction, TextReading
from backend.scoring.read_text import fence
from tests.conftest import FakeClock
from tests.contract.openai_server import (
    ANALYSIS,
    READING,
    OpenAiServer,
    extra_forbidden,
    no_parameter,
    no_value,
    running_openai,
    unrecognised,
)
from tests.support.vendors import REQUEST

BAD = [
    "refusal",
    "empty",
    "length",
    "content_filter",
    "not_json",
    "extra_field",
    "missing_field",
    "no_choice",
    'score="95%"',
    "score=150",
    "score=NaN",
    "score=-1",
    "score=85.5",
    "score=true",
    "score=null",
    "html",
    "half",
]


@dataclass
class Setting:
    server: OpenAiServer
    api: OpenAiApi
    clock: FakeClock
    breaker: Breaker

    def analyst(self, model: str = "gpt-4o-mini") -> OpenAiAnalyst:
        return OpenAiAnalyst(self.api, model)

    def embedder(self, model: str = "text-embedding-3-small") -> OpenAiEmbedder:
        return OpenAiEmbedder(self.api, model)

    def judged(self) -> Analysis | LeadlightError:
        return self.analyst().analyse([REQUEST])[0]


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAiServer]:
    with running_openai() as running:
        yield running


@pytest.fixture
def setting(server: OpenAiServer, valkey_url: str) -> Iterator[Setting]:
    server.reset()
    with Redis.from_url(valkey_url) as redis:
        redis.flushall()
        clock = FakeClock()
        breaker = Breaker("openai", redis, clock)
        api = OpenAiApi(
            api_key="sk-secret",
            base_url=server.url,
            breaker=breaker,
            clock=clock,
            read_timeout_s=0.5,
            redis=redis,
        )
        yield Setting(server, api, clock, breaker)
        api.close()


def test_an_analysis_says_model_tokens_and_cost(setting: Setting) -> None:
    found = setting.judged()
    assert isinstance(found, Analysis)
    assert (found.ai_score, found.provider, found.model) == (70, "openai", "gpt-4o-mini")
    assert found.usage.calls == 1
    assert found.usage.prompt_tokens > 100
    expected = found.usage.prompt_tokens * 0.15 + 50 * 0.60
    assert found.usage.cost_micro_usd == pytest.approx(expected, abs=1)


def test_the_request_is_strict_deterministic_and_starts_with_what_never_changes(setting) -> None:
    setting.judged()
    body = setting.server.bodies[0]
    assert body["messages"][0] == {"role": "system", "content": prompts.ANALYST}
    form = body["response_format"]["json_schema"]
    assert form["strict"] is True
    assert form["schema"]["additionalProperties"] is False
    assert set(form["schema"]["required"]) == set(form["schema"]["properties"])
    assert (body["temperature"], body["seed"]) == (0, 7)
    assert body["store"] is False
    assert "tools" not in body


def test_a_model_that_thinks_gets_no_temperature(setting: Setting) -> None:
    setting.analyst("gpt-5-mini").analyse([REQUEST])
    body = setting.server.bodies[0]
    assert "temperature" not in body and "seed" not in body and "max_tokens" not in body
    assert (body["reasoning_effort"], body["store"]) == ("none", False)
    assert body["max_completion_tokens"] == 600


def test_what_a_bad_answer_used_is_counted_too(setting: Setting) -> None:
    setting.server.faults = ["score=150"]
    found = setting.judged()
    assert isinstance(found, Analysis)
    assert found.usage.calls == 2
    assert found.usage.completion_tokens == 100


def test_names_and_ids_of_clients_are_not_told(setting: Setting) -> None:
    setting.judged()
    assert "Secret name" not in setting.server.sent()
    assert "secret-id" not in setting.server.sent()
    assert json.loads(content_of(REQUEST))["similar_clients"] == [
        ["ideal_client", 0.81, "Banking", "51-200", "Germany"]
    ]


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_answer_is_asked_for_once_more(setting: Setting, fault: str) -> None:
    setting.server.faults = [fault]
    found = setting.judged()
    assert isinstance(found, Analysis)
    assert len(setting.server.bodies) == 2


@pytest.mark.parametrize("fault", BAD)
def test_two_bad_answers_are_none_and_are_not_repeated_in_the_message(setting, fault) -> None:
    setting.server.always = fault
    found = setting.judged()
    assert isinstance(found, BadAnswer)
    assert len(setting.server.bodies) == 2
    assert "Sure!" not in str(found) and "bonus" not in str(found)
    assert setting.breaker.state() == "closed"


@pytest.mark.parametrize("fault", ["intent=hacked", "extra_field", "refusal", "not_json"])
def test_a_reading_outside_its_lists_is_none(setting: Setting, fault: str) -> None:
    setting.server.always = fault
    found = OpenAiReader(setting.api, "gpt-4o-mini").read([fence("hello")])[0]
    assert isinstance(found, BadAnswer)


def test_a_quote_that_is_not_in_the_text_is_dropped(setting: Setting) -> None:
    setting.server.reader = lambda _: READING | {"quote": "buy now at evil.example"}
    found = OpenAiReader(setting.api, "gpt-4o-mini").read([fence("hello")])[0]
    assert isinstance(found, TextReading)
    assert found.quote == ""


def test_a_used_up_quota_is_over_budget_and_asked_once(setting: Setting) -> None:
    setting.server.always = "quota"
    assert isinstance(setting.judged(), OverBudget)
    assert len(setting.server.bodies) == 1


def test_a_rate_limit_is_waited_for_as_long_as_asked(setting: Setting) -> None:
    setting.server.faults = ["slow_down", "slow_down"]
    assert isinstance(setting.judged(), Analysis)
    assert setting.clock.slept == [2.0, 2.0]


@pytest.mark.parametrize("fault", ["500", "502", "503", "408"])
def test_an_outage_is_tried_three_times(setting: Setting, fault: str) -> None:
    setting.server.always = fault
    found = setting.judged()
    assert type(found) is Transient
    assert len(setting.server.bodies) == 3


@pytest.mark.parametrize("fault", ["400", "401", "403", "404", "422"])
def test_what_a_person_must_change_is_not_retried(setting: Setting, fault: str) -> None:
    setting.server.always = fault
    found = setting.judged()
    assert isinstance(found, Permanent)
    assert len(setting.server.bodies) == 1
    assert "SECRET-VENDOR-TEXT" not in str(found) and "sk-secret" not in str(found)
    assert found.__cause__ is None


def test_a_hanging_server_costs_one_timeout(setting: Setting) -> None:
    setting.server.always = "hang"
    assert isinstance(setting.judged(), Transient)
    assert len(setting.server.bodies) == 1


def test_a_dead_server_is_transient(setting: Setting) -> None:
    api = OpenAiApi(
        api_key="k", base_url="http://127.0.0.1:9/v1", breaker=setting.breaker, clock=setting.clock
    )
    assert isinstance(OpenAiAnalyst(api, "gpt-6-luna").analyse([REQUEST])[0], Transient)
    api.close()


def test_one_failure_does_not_sink_the_others(setting: Setting) -> None:
    setting.server.faults = ["401"]
    found = setting.analyst().analyse([REQUEST] * 5)
    assert sum(isinstance(one, Analysis) for one in found) == 4


def test_at_most_sixteen_are_in_flight(setting: Setting) -> None:
    setting.server.delay_s = 0.05
    setting.analyst().analyse([REQUEST] * 40)
    assert 8 <= setting.server.busiest <= 16


def test_an_outage_stops_being_asked_about(setting: Setting) -> None:
    setting.server.always = "500"
    found = setting.analyst().analyse([REQUEST] * 60)
    assert all(isinstance(one, Transient) for one in found)
    assert len(setting.server.bodies) <= 5 + 16
    assert setting.breaker.state() == "open"


def test_embeddings_are_tried_twice(setting: Setting) -> None:
    setting.server.faults = ["500"]
    assert setting.embedder().embed(["a"]).shape == (1, 1536)
    setting.server.always = "500"
    before = len(setting.server.bodies)
    with pytest.raises(Transient):
        setting.embedder().embed(["a"])
    assert len(setting.server.bodies) == before + 2


def test_embeddings_are_sent_in_batches_and_come_back_in_order(setting: Setting) -> None:
    texts = [f"word{i}" for i in range(600)]
    found = setting.embedder().embed(texts)
    assert found.shape == (600, 1536)
    assert [len(body["input"]) for body in setting.server.bodies] == [256, 256, 88]
    alone = setting.embedder().embed(["word300"])[0]
    assert float(alone @ found[300]) == pytest.approx(1)


def test_what_embedding_used_is_told_once(setting: Setting) -> None:
    embedder = setting.embedder()
    embedder.embed(["word " * 1000])
    spent = embedder.take_spent()
    assert (spent.calls, spent.prompt_tokens, spent.cost_micro_usd) == (1, 1250, 25)
    assert embedder.take_spent().calls == 0


def test_a_changed_dimension_is_noticed(setting: Setting) -> None:
    setting.server.dimension = 3072
    with pytest.raises(BadSettings, match="3072"):
        setting.embedder().check()
    setting.embedder("text-embedding-3-large").check()


@pytest.mark.parametrize("fault", ["nan", "short"])
def test_a_broken_vector_is_a_bad_answer(setting: Setting, fault: str) -> None:
    setting.server.always = fault
    with pytest.raises(BadAnswer):
        setting.embedder().embed(["a", "b"])


def test_a_very_long_text_is_cut(setting: Setting) -> None:
    assert np.isfinite(setting.embedder().embed(["word " * 50_000])).all()
    assert len(setting.server.bodies[0]["input"][0]) == 8_000


def test_prices_are_per_million_tokens() -> None:
    luna = AI_PRICES["gpt-6-luna"]
    assert cost_micro_usd(luna, 1_000_000) == 100_000
    assert cost_micro_usd(luna, 1_000_000, cached=1_000_000) == 10_000
    assert cost_micro_usd(luna, 1_000_000, written=1_000_000) == 125_000
    assert cost_micro_usd(luna, 1_000_000, 1_000_000, cached=500_000, written=100_000) == 557_500
    assert cost_micro_usd(luna, 1) == 1
    assert listed_price("gpt-4o-mini-2024-07-18") == AI_PRICES["gpt-4o-mini"]


@pytest.mark.parametrize("model", ["no-such-model", "gpt-5-turbo", "gpt-6-luna-fast"])
def test_no_price_is_borrowed_from_another_model(model: str) -> None:
    assert listed_price(model) is None
    with pytest.raises(BadSettings, match="OPENAI_CHAT_PRICE"):
        price_of("chat", model)
    assert price_of("chat", model, Price(1)) == Price(1)


def test_changed_instructions_need_a_new_version() -> None:
    """Answers are kept under the version: change both, then these two lines."""

    def digest(*parts: object) -> str:
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]

    analyst = digest(prompts.ANALYST, prompts.ANALYST_FORM)
    reader = digest(prompts.READER, prompts.READER_FORM)
    assert (prompts.ANALYST_VERSION, analyst) == (1, "cc8639355b47")
    assert (prompts.READER_VERSION, reader) == (1, "7eeefd99cbcf")


def test_an_answer_s_action_must_be_allowed(setting: Setting) -> None:
    setting.server.analyst = lambda _: ANALYSIS | {"next_action": "Call"}
    found = setting.judged()
    assert isinstance(found, Analysis)
    assert found.next_action is NextAction.EMAIL


def test_what_the_vendor_says_of_its_limits_is_obeyed_by_the_next_requests(setting) -> None:
    setting.server.answer_headers = lambda: {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "50",
        "x-ratelimit-reset-requests": "10s",
    }
    found = setting.analyst().analyse([REQUEST] * 14, 600)
    assert all(isinstance(one, Analysis) for one in found)
    assert sum(setting.clock.slept) >= 9  # a burst of three, then one in 1.05 s, as threads come


def test_a_failure_says_what_its_answers_have_used(setting: Setting) -> None:
    setting.server.always = "not_json"
    found = setting.judged()
    assert isinstance(found, Unanswerable)
    assert found.used[0] == 2 and found.used[2] == 100 and found.used[3] > 0
    setting.server.always = ""
    setting.server.faults = ["not_json", "401"]
    found = setting.judged()
    assert isinstance(found, Permanent)
    assert found.used[0] == 1


def half_price(setting: Setting) -> Analysis | LeadlightError:
    return OpenAiAnalyst(setting.api, "gpt-6-luna", half_price=True).analyse([REQUEST])[0]


def tiers(setting: Setting) -> list[object]:
    return [body.get("service_tier") for body in setting.server.bodies]


def test_an_answer_at_half_the_price_is_booked_at_half(setting: Setting) -> None:
    full = OpenAiAnalyst(setting.api, "gpt-6-luna").analyse([REQUEST])[0]
    half = half_price(setting)
    assert isinstance(full, Analysis) and isinstance(half, Analysis)
    assert tiers(setting) == [None, "flex"]
    assert full.usage.cost_micro_usd >= 2
    assert half.usage.cost_micro_usd == -(-full.usage.cost_micro_usd // 2)
    assert half.usage.prompt_tokens == full.usage.prompt_tokens


def test_without_room_at_half_the_price_the_question_is_asked_at_the_full_one(
    setting: Setting,
) -> None:
    half_price(setting)  # the model's parameters are learned
    setting.server.reset()
    setting.server.faults = ["no_room"]
    answer = half_price(setting)
    full = OpenAiAnalyst(setting.api, "gpt-6-luna").analyse([REQUEST])[0]
    assert isinstance(answer, Analysis) and isinstance(full, Analysis)
    assert tiers(setting) == ["flex", None, None]
    assert answer.usage.cost_micro_usd == full.usage.cost_micro_usd
    assert setting.breaker.state() == "closed"


def test_without_any_room_nobody_is_asked_again_and_again(setting: Setting) -> None:
    half_price(setting)
    setting.server.reset()
    setting.server.always = "no_room"
    found = half_price(setting)
    assert isinstance(found, Transient) and found.cause == "capacity"
    assert tiers(setting) == ["flex", None]
    assert isinstance(OpenAiAnalyst(setting.api, "gpt-6-luna").analyse([REQUEST])[0], Transient)
    assert tiers(setting) == ["flex", None, None]


def test_an_answer_that_was_asked_twice_is_booked_at_the_price_of_each(setting: Setting) -> None:
    full = OpenAiAnalyst(setting.api, "gpt-6-luna").analyse([REQUEST])[0]
    half = half_price(setting)
    setting.server.reset()
    setting.server.faults = ["not_json", "no_room"]
    answer = half_price(setting)
    assert isinstance(full, Analysis) and isinstance(half, Analysis)
    assert isinstance(answer, Analysis)
    assert tiers(setting) == ["flex", "flex", None]
    both = full.usage.cost_micro_usd + half.usage.cost_micro_usd
    assert answer.usage.cost_micro_usd == both


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("2", 2, 2),
        ("2.5", 2.5, 2.5),
        ("-5", 0, 0),
        ("inf", 86_400, 86_400),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 86_400, 86_400),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
    ],
)
def test_a_wish_to_wait_is_seconds_or_a_date(text: str, least: float, most: float) -> None:
    found = retry_after_s(text)
    assert found is not None and least <= found <= most


@pytest.mark.parametrize("text", ["", "nan", "soon", "²", "Wed, 99 Oct 2099"])
def test_what_is_no_wish_to_wait_is_none(text: str) -> None:
    assert retry_after_s(text) is None


@pytest.mark.parametrize(
    "refusal",
    [
        no_parameter("service_tier"),
        unrecognised("service_tier"),
        extra_forbidden("service_tier"),
        no_value("service_tier", "flex", "'auto', 'default'"),
        {"error": {"message": "Invalid service_tier argument", "param": "service_tier"}},
        {"error": {"message": "Flex is not available for this model.", "param": None}},
    ],
)
def test_a_model_without_half_price_is_asked_so_once_and_then_no_more(
    setting: Setting, refusal: dict[str, object]
) -> None:
    setting.server.rules = lambda body: refusal if "service_tier" in body else None
    assert isinstance(half_price(setting), Analysis)
    assert isinstance(half_price(setting), Analysis)
    assert tiers(setting) == ["flex", None, None]


def test_an_answer_that_was_made_at_the_full_price_is_booked_so(setting: Setting) -> None:
    setting.server.tier = "default"
    full = OpenAiAnalyst(setting.api, "gpt-6-luna").analyse([REQUEST])[0]
    answer = half_price(setting)
    assert isinstance(answer, Analysis) and isinstance(full, Analysis)
    assert answer.usage.cost_micro_usd == full.usage.cost_micro_usd


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "120000"}, 120.0),
        ({"retry-after-ms": "120000", "retry-after": "5"}, 120.0),
        ({"retry-after-ms": "soon", "retry-after": "5"}, 5.0),
    ],
)
def test_a_wait_in_milliseconds_is_as_long_as_it_says(
    headers: dict[str, str], seconds: float
) -> None:
    answer: Any = SimpleNamespace(status_code=429, headers=headers, request=None)
    failure = typed(openai.RateLimitError("slow", response=answer, body=None))
    assert isinstance(failure, Transient)
    assert failure.retry_after_s == pytest.approx(seconds)
