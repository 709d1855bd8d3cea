"""A judgement belongs to the baseline that it saw: with an analyst that agrees with whatever it is
shown, no lead ever carries analyst points, whatever happened since."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.clients.clock import SystemClock
from backend.jobs.upkeep import decay
from backend.model import Score, Urgency
from backend.services.learning import profile_changes, training
from backend.storage import runs
from backend.storage.leads import due_leads
from backend.storage.learning import models
from backend.storage.migrate import upgrade
from backend.storage.portals import portals
from backend.wiring import providers
from tests.contract.openai_server import ANALYSIS, Json, OpenAiServer, running_openai
from tests.integration.conftest import CLIENTS, PORTAL, Connected, install
from tests.support.product import changed

OTHER_CLIENTS = tuple(replace(c, client_id=f"x{c.client_id}", location="france") for c in CLIENTS)


class Later(SystemClock):
    """So many days ahead."""

    days = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(days=self.days)


def shown_baseline(body: Json) -> int:
    return int(json.loads(body["messages"][1]["content"])["baseline"])


@dataclass
class Judged:
    """A portal that nobody has connected yet, with OpenAI's analyst on a local server."""

    connected: Connected
    openai: OpenAiServer
    clock: Later

    def connect(self) -> None:
        install(self.connected)
        self.connected.run()

    def profile(self, clients: Any = CLIENTS) -> None:
        stores = self.connected.product.stores
        version = profile_changes.store(
            stores.database, stores.clock, PORTAL, clients, source="t", actor="t"
        )
        profile_changes.activate(stores, PORTAL, version, actor="t")
        self.connected.run()

    def other_profile(self) -> None:
        self.profile(OTHER_CLIENTS)

    def publish(self) -> None:
        stores = self.connected.product.stores
        with stores.database.write() as conn:
            training.begin(conn, PORTAL, stores.clock.now())
        stores.jobs.enqueue("train", portal_id=PORTAL)
        self.connected.run()
        with stores.database.write() as conn:
            models.publish(conn, PORTAL, 1, stores.clock.now())
            runs.restart(conn, PORTAL, "population", stores.clock.now())
        stores.jobs.enqueue("population", portal_id=PORTAL)
        self.connected.run()

    def time_passes(self) -> None:
        self.clock.days += 25
        product = self.connected.product
        with product.stores.database.read() as conn:
            portal = portals.get(conn, PORTAL)
        decay.decay(product, portal, lambda: True)
        self.connected.burst()

    def rescore(self, contact_id: str) -> Score:
        stores = self.connected.product.stores
        now = stores.clock.now()
        with stores.database.write() as conn:
            due_leads.mark_due(
                conn, PORTAL, [contact_id], Urgency.PERSON, now, cause="person", refresh=False
            )
        stores.jobs.enqueue("score_due", portal_id=PORTAL, urgency="person")
        self.connected.burst()
        return self.connected.scores()[contact_id]

    def analyses(self) -> int:
        names = [b["response_format"]["json_schema"]["name"] for b in self.chats()]
        return names.count("analysis")

    def chats(self) -> list[Json]:
        return [body for body in self.openai.bodies if "messages" in body]

    def points(self) -> set[int]:
        return {score.analyst_points for score in self.connected.scores().values()}


@pytest.fixture
def judged(unconnected: Connected) -> Iterator[Judged]:
    product = unconnected.product
    with running_openai() as openai:
        settings = replace(
            product.stores.settings, openai_api_key="sk-1", openai_base_url=openai.url
        )
        stores, clock = product.stores, Later()
        chosen = providers(settings, stores.database, stores.redis, clock)
        openai.analyst = lambda body: ANALYSIS | {"score": shown_baseline(body)}
        unconnected.product = changed(
            product,
            settings=settings,
            clock=clock,
            analyst=chosen.analyst,
            reader=chosen.reader,
            vendors=chosen.vendors,
        )
        yield Judged(unconnected, openai, clock)
        chosen.close()


@pytest.fixture
def database_url(tmp_path) -> str:
    url = f"sqlite:///{tmp_path / 'leadlight.db'}"
    upgrade(url)
    return url


def steps(judged: Judged, *names: str) -> Iterator[str]:
    for name in names:
        step: Callable[[], None] = getattr(judged, name)
        step()
        yield name


@pytest.mark.parametrize("contacts", [250])
def test_with_an_agreeing_analyst_no_lead_has_analyst_points_after_any_step(
    judged: Judged,
) -> None:
    order = ("connect", "profile", "time_passes", "publish", "time_passes", "other_profile")
    for step in steps(judged, *order):
        found = judged.connected.scores().values()
        assert judged.points() == {0}, step
        assert all(s.score == 50 + sum(f.points for f in s.factors) for s in found), step


def test_nobody_is_analysed_before_there_is_a_profile_and_then_once(judged: Judged) -> None:
    judged.connect()
    assert judged.analyses() == 0
    found = judged.connected.scores().values()
    assert found and {score.source for score in found} == {"model"}
    assert not any(flag.endswith("_away") for score in found for flag in score.flags)
    assert judged.connected.unfinished() == 0
    judged.profile()
    found = judged.connected.scores().values()
    assert {score.source for score in found} == {"ai"}
    assert judged.analyses() <= 1.02 * len(found)


def test_a_kept_analysis_gives_its_difference_and_not_its_words(judged: Judged) -> None:
    words = "This lead looks sound."
    judged.openai.analyst = lambda body: (
        ANALYSIS | {"score": min(100, shown_baseline(body) + 9), "reasoning": words}
    )
    judged.connect()
    judged.profile()
    before = judged.connected.scores()
    assert {s.analyst_points for s in before.values() if s.baseline < 88} == {3}
    asked = judged.analyses()
    judged.time_passes()
    assert judged.analyses() == asked
    after = judged.connected.scores()
    moved = [cid for cid in after if after[cid].baseline != before[cid].baseline]
    assert moved
    for contact_id in moved:
        assert after[contact_id].analyst_points == before[contact_id].analyst_points
        assert words not in after[contact_id].reasoning
    # a person asks: there is something new to judge, once
    again = judged.rescore(moved[0])
    assert judged.analyses() == asked + 1
    assert words in again.reasoning
    judged.rescore(moved[0])
    assert judged.analyses() == asked + 1


def test_what_moves_no_point_asks_nobody(judged: Judged) -> None:
    judged.connect()
    judged.profile()
    asked = len(judged.chats())
    contact_id, before = next(iter(judged.connected.scores().items()))
    after = judged.rescore(contact_id)
    assert after == replace(before, scored_at=after.scored_at)
    assert len(judged.chats()) == asked
