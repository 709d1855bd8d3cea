"""What every Analyst keeps: the rules, and OpenAI's SDK against a local server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from backend.clients.openai.analyst import OpenAiAnalyst
from backend.clients.openai.api import OpenAiApi
from backend.clients.redis.breaker import Breaker
from backend.embedded.rule_analyst import RuleAnalyst
from backend.model import Analysis, AnalystRequest, Band, Factor, NextAction
from backend.ports import Analyst
from backend.scoring.analyse import check_analysis
from tests.conftest import FakeClock
from tests.contract.openai_server import running_openai


@pytest.fixture(params=["rules", "openai"])
def analyst(request, valkey_url: str) -> Iterator[Analyst]:
    if request.param == "rules":
        yield RuleAnalyst()
        return
    with running_openai() as server, Redis.from_url(valkey_url) as redis:
        clock = FakeClock()
        api = OpenAiApi(
            api_key="key", base_url=server.url, clock=clock, breaker=Breaker("o", redis, clock)
        )
        yield OpenAiAnalyst(api, "gpt-4o-mini")
        api.close()


def request(baseline: int = 60, **facts: str) -> AnalystRequest:
    return AnalystRequest(
        facts={"industry": "Banking", **facts},
        similar=(),
        ideal_profile={"industry": ("Banking",)},
        factors=(Factor("industry", "Banking", 8, "profile"),),
        baseline=baseline,
        allowed_actions=(NextAction.EMAIL, NextAction.NURTURE),
    )


def test_one_answer_per_request_in_order(analyst: Analyst) -> None:
    found = analyst.analyse([request(baseline) for baseline in range(30, 70)])
    assert len(found) == 40
    assert all(isinstance(one, Analysis) for one in found)


def test_nothing_asked_is_nothing_answered(analyst: Analyst) -> None:
    assert analyst.analyse([]) == []


def test_an_answer_passes_its_own_check(analyst: Analyst) -> None:
    asked = request(seniority="executive")
    found = analyst.analyse([asked])[0]
    assert isinstance(found, Analysis)
    assert check_analysis(found, asked) == found
    assert 0 <= found.ai_score <= 100
    assert isinstance(found.fit_level, Band)
    assert found.next_action in asked.allowed_actions


def test_the_same_request_has_the_same_answer(analyst: Analyst) -> None:
    first, second = analyst.analyse([request(), request()])
    assert first == second


def test_it_says_who_it_is(analyst: Analyst) -> None:
    found = analyst.analyse([request()])[0]
    assert isinstance(found, Analysis)
    assert analyst.name.startswith(found.provider)
    assert found.model
