"""Caps on calls and money hold before anything is asked, over all workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from backend.clients.redis.meter import RedisMeter
from backend.errors import (
    BadAnswer,
    LeadlightError,
    OverBudget,
    QuotaUsedUp,
    Transient,
    Unanswerable,
)
from backend.model import Analysis, AnalystRequest, PortalSettings, TextReading, Usage
from backend.scoring.baseline import baseline
from backend.scoring.calculate import _analyst_points
from backend.scoring.similar import Similar
from backend.services.scoring.budget import day_turns
from backend.services.scoring.readers import Asked, analyse_all, read_all
from backend.storage.learning import analyses
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from tests.conftest import FakeClock
from tests.unit.scoring.make import analysis, comparison, lead, profile

COMPARISON = comparison()
USED = Usage(1, 700, 100, 200)
EXPECTED = Usage(1, 750, 200, 233)


@dataclass
class CountingAnalyst:
    """Counts what it is asked; answers, or fails with `error`."""

    name: str = "openai/gpt-4o-mini/analyst-1"
    asked: int = 0
    error: LeadlightError | None = None

    def cost(self) -> Usage:
        return Usage() if self.name == "rules" else EXPECTED

    def analyse(
        self, requests: Sequence[AnalystRequest], within_s: float = 15
    ) -> list[Analysis | LeadlightError]:
        self.asked += len(requests)
        return [
            self.error or analysis(usage=USED, reasons=(), provider="openai", model="gpt-4o-mini")
            for _ in requests
        ]


@dataclass
class CountingReader:
    name: str = "openai/gpt-4o-mini/reader-1"
    asked: list[str] = field(default_factory=list)

    def cost(self, text: str) -> Usage:
        return EXPECTED

    def read(
        self, texts: Sequence[str], within_s: float = 15
    ) -> list[TextReading | LeadlightError]:
        self.asked += texts
        return [TextReading(provider="openai", model="m", usage=USED) for _ in texts]


@dataclass
class World:
    """As much of the product as asking needs."""

    database: object
    clock: FakeClock
    redis: Redis
    analyst: CountingAnalyst
    reader: CountingReader
    portal: Portal
    meter: RedisMeter

    @property
    def stores(self) -> World:
        """Its own stores."""
        return self

    @property
    def ai(self) -> World:
        """Its own providers."""
        return self

    def analyse(self, contact_ids: Sequence[str], settings: PortalSettings | None = None):
        portal = replace(self.portal, settings=settings or self.portal.settings)
        leads = [lead(cid, company={"industry": "banking"}) for cid in contact_ids]
        bases = [baseline(one, COMPARISON) for one in leads]
        near = [Similar() for _ in leads]
        return analyse_all(self, portal, profile(), leads, bases, near)

    def spent(self) -> Usage:
        with self.database.read() as conn:
            return analyses.spent_today(conn, 1, self.clock.now())


@pytest.fixture
def world(sqlite_database, valkey_url: str, clock: FakeClock) -> Iterator[World]:
    with Redis.from_url(valkey_url) as redis:
        redis.flushall()
        with sqlite_database.write() as conn:
            portals.install(conn, 1, client_id="c", name="", now=clock.now())
            portal = portals.get(conn, 1)
        yield World(
            sqlite_database,
            clock,
            redis,
            CountingAnalyst(),
            CountingReader(),
            portal,
            RedisMeter(redis, clock),
        )


def calls(most: int) -> PortalSettings:
    return PortalSettings(daily_ai_calls=most)


def test_no_more_than_the_day_s_calls_are_made(world: World) -> None:
    found = world.analyse([str(i) for i in range(10)], calls(4))
    assert world.analyst.asked == 4
    assert [one.value is not None for one in found] == [True] * 4 + [False] * 6
    assert all(isinstance(one.error, OverBudget) for one in found[4:])


def test_money_is_a_cap_too(world: World) -> None:
    cap = PortalSettings(daily_ai_micro_usd=int(3.5 * EXPECTED.cost_micro_usd))
    world.analyse([str(i) for i in range(10)], cap)
    assert world.analyst.asked == 3


def test_what_was_used_takes_the_booking_s_place(world: World) -> None:
    world.analyse(["1", "2"])
    assert world.spent() == Usage(2, 1400, 200, 400)


def test_the_day_turns_and_leads_are_asked_about_again(world: World) -> None:
    world.analyse(["1"], calls(1))
    assert world.analyse(["2"], calls(1))[0].error is not None
    turn = day_turns(world.clock.now())
    assert timedelta(0) < turn - world.clock.now() <= timedelta(days=1)
    world.clock.at = turn
    assert world.analyse(["2"], calls(1))[0].value is not None


def test_nothing_is_asked_twice_for_an_unchanged_request(world: World) -> None:
    first = world.analyse(["1", "2"])
    second = world.analyse(["1", "2"])
    assert world.analyst.asked == 2
    assert second[0].value.usage == Usage()
    assert replace(second[0].value, usage=USED) == first[0].value


def test_another_model_or_prompt_is_asked_anew(world: World) -> None:
    world.analyse(["1"])
    world.analyst.name = "openai/gpt-4o-mini/analyst-2"
    world.analyse(["1"])
    assert world.analyst.asked == 2


def test_workers_at_once_share_one_cap(world: World) -> None:
    def work(worker: int) -> None:
        world.analyse([f"{worker}-{i}" for i in range(10)], calls(12))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert world.analyst.asked <= 12
    assert world.spent().calls == world.analyst.asked


def test_failures_cost_nothing_and_bad_answers_what_was_expected(world: World) -> None:
    world.analyst.error = Transient("down")
    world.analyse(["1"])
    assert world.spent() == Usage()
    world.analyst.error = BadAnswer("nonsense")
    world.analyse(["1"])
    assert world.spent() == EXPECTED


def test_what_a_failure_used_is_booked_as_it_says(world: World) -> None:
    failure = Unanswerable("never fits")
    failure.used = (2, 1500, 100, 260)
    world.analyst.error = failure
    world.analyse(["1"])
    assert world.spent() == Usage(2, 1500, 100, 260)


def test_a_vendor_s_used_up_quota_is_no_portal_s_and_no_day_s(world: World) -> None:
    world.analyst.error = QuotaUsedUp("quota")
    world.analyse(["1"])
    world.analyst.error = None
    assert world.analyse(["2"])[0].value is not None


def test_rules_are_free_and_have_no_cap(world: World) -> None:
    world.analyst.name = "rules"
    found = world.analyse(["1", "2"], calls(0))
    assert all(one.value is not None for one in found)
    assert world.spent() == Usage()


def test_only_leads_with_text_are_read_and_within_the_same_caps(world: World) -> None:
    leads = [lead(str(i), free_text={"message": f"hello {i}"} if i % 2 else {}) for i in range(8)]
    portal = replace(world.portal, settings=calls(3))
    found = read_all(world, portal, leads)
    assert len(world.reader.asked) == 3
    assert [one.value is not None for one in found] == [False, True] * 3 + [False, False]
    assert found[0].error is None
    assert isinstance(found[7].error, OverBudget)


@given(st.lists(st.integers(-60, 180), min_size=1, max_size=8), st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_analyst_that_agrees_moves_nobody_whatever_the_baseline_does(
    world: World, points: list[int], data: st.DataObject
) -> None:
    """Kept, asked anew by a person, or neither: analyst points are 0."""

    def agree(requests: Sequence[AnalystRequest], within_s: float = 15) -> list[Analysis]:
        return [
            analysis(r.baseline, usage=USED, provider="openai", model="gpt-4o-mini")
            for r in requests
        ]

    one = lead("agreed", company={"industry": "banking"})
    world.analyst.analyse = agree  # type: ignore[method-assign]
    for number in points:
        base = replace(baseline(one, COMPARISON), points=number, similarity_points=0)
        kept = {"agreed"} if data.draw(st.booleans()) else set()
        anew = {"agreed"} if data.draw(st.booleans()) else set()
        [found] = analyse_all(
            world, world.portal, profile(), [one], [base], [Similar()], kept, anew
        )
        assert found.value is not None
        assert _analyst_points(found.value, number) == 0


def test_page_views_that_move_no_point_ask_nobody_and_a_first_reply_does(world: World) -> None:
    def judged(anew: frozenset[str] = frozenset(), **contact: str) -> Asked[Analysis]:
        one = lead("1", company={"industry": "banking"}, contact=contact)
        base = replace(baseline(one, COMPARISON), points=60, similarity_points=0)
        world.analyst.asked = 0
        return analyse_all(world, world.portal, profile(), [one], [base], [Similar()], anew=anew)[0]

    viewed = {"page_views": "3", "last_visit_on": "2026-11-20"}
    words = judged(**viewed).value.reasoning
    assert world.analyst.asked == 1
    more = judged(**{**viewed, "page_views": "9"})
    assert world.analyst.asked == 0
    assert words and more.value.reasoning == ""
    judged(frozenset(["1"]), **{**viewed, "page_views": "9"})
    assert world.analyst.asked == 1
    judged(**viewed, replies="1", last_reply_on="2026-11-20")
    assert world.analyst.asked == 1
    judged(**viewed, replies="1", last_reply_on="2026-11-20", seniority="executive")
    assert world.analyst.asked == 1
