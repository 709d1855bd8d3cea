"""Vendors that hang, trickle, refuse or slow us down cost a bounded time and a bounded number of
requests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from redis import Redis

from backend.clients.pinecone.index import PineconeIndex
from backend.clients.pinecone.vendor import PineconeVendor
from backend.clients.redis.breaker import Breaker
from backend.clients.redis.pace import Pace
from backend.clients.side_by_side import in_time, side_by_side
from backend.embedded.use_embedder import UseEmbedder
from backend.errors import SlowAnswer, Transient
from backend.jobs import score_due as score_due_module
from backend.jobs.population import refill_empty
from backend.jobs.renewing import renewing
from backend.model import Urgency
from backend.ports import Vector
from backend.services.health import connectivity
from backend.storage import runs
from backend.storage.leads import due_leads, mirror
from backend.storage.migrate import upgrade
from backend.storage.portals import portals
from backend.wiring import Product, Providers, providers
from tests.conftest import FakeClock
from tests.contract.openai_server import OpenAiServer, running_openai
from tests.contract.pinecone_server import PineconeServer, running_pinecone
from tests.integration.conftest import PORTAL, Connected
from tests.support.product import changed


class Outside:
    """A scored portal whose vendors are on local servers from now on."""

    def __init__(
        self, connected: Connected, openai: OpenAiServer, pinecone: PineconeServer
    ) -> None:
        self.connected = connected
        self.openai = openai
        self.pinecone = pinecone

    def due(self, urgency: Urgency, ids: list[str] | None = None) -> list[str]:
        """These leads, or all, are due for something that needs new answers."""
        stores = self.connected.product.stores
        chosen = ids or sorted(self.connected.scores())
        now = stores.clock.now()
        with stores.database.write() as conn:
            conn.exec_driver_sql("UPDATE scores SET input_hash = 'x'")
            due_leads.mark_due(conn, PORTAL, chosen, urgency, now, cause="event", refresh=False)
        return chosen

    def score(self, urgency: Urgency) -> float:
        """One job; the seconds it took."""
        started = time.monotonic()
        score_due_module.score_due(self.connected.product, PORTAL, urgency.value)
        return time.monotonic() - started

    def write_text(self, texts: dict[str, str]) -> None:
        """What these contacts wrote in a form."""
        stores = self.connected.product.stores
        with stores.database.write() as conn:
            found = mirror.records(conn, PORTAL, "contacts", list(texts))
            mirror.save(
                conn,
                PORTAL,
                [
                    replace(record, facts={**record.facts, "text.message": texts[cid]})
                    for cid, record in found.items()
                ],
            )

    def read_messages_only(self) -> None:
        """Otherwise a company's description makes each text another one."""
        with self.connected.product.stores.database.write() as conn:
            settings = portals.get(conn, PORTAL).settings
            portals.set_settings(conn, PORTAL, replace(settings, read_free_text=("message",)))

    def count_again(self) -> None:
        """A new population, against which every lead is scored."""
        stores = self.connected.product.stores
        with stores.database.write() as conn:
            runs.restart(conn, PORTAL, "population", stores.clock.now())
        stores.jobs.enqueue("population", portal_id=PORTAL)
        self.connected.burst()

    def readings_asked(self) -> list[str]:
        chats = [body for body in self.openai.bodies if "messages" in body]
        return [
            body["messages"][1]["content"]
            for body in chats
            if body["response_format"]["json_schema"]["name"] == "reading"
        ]


def pinecone_vendor(product: Product, chosen: Providers) -> PineconeVendor:
    """Over vectors of the embedded model."""
    assert isinstance(chosen.index, PineconeIndex)
    breaker = Breaker("pinecone", product.stores.redis, product.stores.clock)
    return PineconeVendor(chosen.index, product.ai.embedder.dimension, breaker)


@pytest.fixture
def outside(connected: Connected) -> Iterator[Outside]:
    stores = connected.product.stores
    with running_openai() as openai, running_pinecone() as pinecone:
        settings = replace(
            stores.settings,
            openai_api_key="sk-1",
            openai_base_url=openai.url,
            pinecone_api_key="pc-1",
            pinecone_index_host=pinecone.url,
        )
        chosen = providers(settings, stores.database, stores.redis, stores.clock)
        connected.product = changed(
            connected.product,
            settings=settings,
            index=chosen.index,
            analyst=chosen.analyst,
            reader=chosen.reader,
            vendors=(chosen.vendors[0], pinecone_vendor(connected.product, chosen)),
        )
        yield Outside(connected, openai, pinecone)
        chosen.close()


@pytest.fixture
def database_url(tmp_path) -> str:
    url = f"sqlite:///{tmp_path / 'leadlight.db'}"
    upgrade(url)
    return url


@pytest.mark.parametrize("fault", ["hang_long", "trickle"])
def test_a_vendor_that_never_ends_costs_an_event_its_time_and_no_more(
    outside: Outside, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(score_due_module, "ANSWER_WITHIN_S", 3.0)
    contact_id = sorted(outside.connected.scores())[0]
    outside.write_text({contact_id: "we want to buy"})
    outside.due(Urgency.EVENT, [contact_id])
    outside.openai.always = fault
    took = outside.score(Urgency.EVENT)
    assert took < 3.0 + 6.0  # settling and this machine's load; it was four minutes
    score = outside.connected.scores()[contact_id]
    assert score.source == "model"
    assert {"analyst_away", "reader_away"} <= set(score.flags)
    assert outside.connected.unfinished() == 1  # it comes again by itself


def test_a_claim_is_kept_while_its_leads_are_scored(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = outside.connected.product.stores
    clock = FakeClock(stores.clock.now())
    [contact_id, *_] = outside.due(Urgency.EVENT)
    clock.forward(1)
    with stores.database.write() as conn:
        [claimed] = due_leads.claim(
            conn, PORTAL, Urgency.EVENT, clock.now(), contact_ids=[contact_id]
        )
    with renewing(stores.database, clock, PORTAL, claimed.token, every_s=0.02):
        for _ in range(5):
            clock.forward(50)
            time.sleep(0.2)
            with stores.database.write() as conn:
                assert not due_leads.claim(
                    conn, PORTAL, Urgency.EVENT, clock.now(), contact_ids=[contact_id]
                )
    clock.forward(61)
    with stores.database.write() as conn:
        assert due_leads.claim(conn, PORTAL, Urgency.EVENT, clock.now(), contact_ids=[contact_id])


def test_identical_texts_are_asked_once_and_refused_ones_never_again(outside: Outside) -> None:
    ids = outside.due(Urgency.BACKFILL)
    outside.write_text(
        {cid: "the same form letter" if n % 2 else f"words {n % 4}" for n, cid in enumerate(ids)}
    )
    outside.read_messages_only()
    outside.score(Urgency.BACKFILL)
    asked = outside.readings_asked()
    assert len(asked) == len(set(asked)) == 3
    # a lead that comes later with the same text costs nothing either
    outside.write_text({ids[0]: "the same form letter"})
    outside.due(Urgency.BACKFILL)
    outside.score(Urgency.BACKFILL)
    assert len(outside.readings_asked()) == 3


@pytest.mark.parametrize("fault", ["policy", "400", "refusal", "not_json", "content_filter"])
def test_a_text_that_the_model_refuses_is_asked_at_most_twice(outside: Outside, fault: str) -> None:
    first, second, *_ = sorted(outside.connected.scores())
    outside.due(Urgency.BACKFILL, [first])
    outside.score(Urgency.BACKFILL)  # the model answers others
    outside.write_text({first: "a text it will not read", second: "a text it will not read"})
    outside.openai.reading_fault = fault
    for _ in range(3):
        outside.due(Urgency.BACKFILL, [first, second])
        outside.score(Urgency.BACKFILL)
    assert 1 <= len(outside.readings_asked()) <= 2
    found = outside.connected.scores()
    for contact_id in (first, second):
        assert "reader_refused" in found[contact_id].flags
        assert "reader_away" not in found[contact_id].flags
        assert found[contact_id].source == "ai"
    assert outside.connected.unfinished() == 0


def test_the_index_is_asked_only_when_there_is_something_new_to_find(outside: Outside) -> None:
    outside.count_again()
    queries = [body for path, body in outside.pinecone.bodies if path == "/query"]
    leads = len(outside.connected.scores())
    assert 0 < len(queries) <= 1.5 * leads
    outside.pinecone.bodies.clear()
    outside.due(Urgency.BACKFILL)
    outside.score(Urgency.BACKFILL)
    assert outside.pinecone.bodies == []


def test_an_index_that_lost_its_vectors_is_filled_again(outside: Outside) -> None:
    product = outside.connected.product
    stored = connectivity.check(product)["pinecone"]["stored"]
    assert stored == {}
    just_now = product.stores.clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")
    with product.stores.database.write() as conn:
        conn.exec_driver_sql(f"UPDATE runs SET finished_at = '{just_now}'")  # noqa: S608
    assert refill_empty(product, stored) == 0  # counted just now: the index may lag
    with product.stores.database.write() as conn:
        conn.exec_driver_sql("UPDATE runs SET finished_at = '2026-01-01 00:00:00.000000'")
    assert refill_empty(product, stored) == 1
    outside.connected.run()
    stored = connectivity.check(product)["pinecone"]["stored"]
    assert stored[PORTAL] > 0
    assert refill_empty(product, stored) == 0
    assert "stored" not in json.dumps(connectivity.known(product.stores.redis))


def test_one_pace_holds_for_all_workers(valkey_url: str) -> None:
    """60 requests a minute: no minute has more, none is refused, and nearly all are used."""
    with Redis.from_url(valkey_url) as redis:
        redis.flushall()
        clock = FakeClock()
        paces = [Pace("v", redis, clock) for _ in range(4)]
        paces[0].learn({"x-ratelimit-limit-requests": "60"})
        times = []
        for n in range(200):
            paces[n % 4].take(600)
            times.append(clock.now().timestamp())
    for n, at in enumerate(times):
        assert sum(at <= later < at + 60 for later in times[n:]) <= 60
    assert times[-1] - times[0] < 200 * 1.06


def test_a_retry_after_stops_everybody_and_whoever_cannot_wait_is_told(valkey_url: str) -> None:
    with Redis.from_url(valkey_url) as redis:
        redis.flushall()
        clock = FakeClock()
        one, other = Pace("v", redis, clock), Pace("v", redis, clock)
        one.stop(20)
        with pytest.raises(Transient) as caught:
            other.take(5)
        assert caught.value.retry_after_s == pytest.approx(20)
        assert clock.slept == []
        other.take(30)
        assert sum(clock.slept) == pytest.approx(20)


@pytest.mark.parametrize(
    ("headers", "pause_s"),
    [
        ({"remaining-requests": "0", "limit-requests": "60", "reset-requests": "1m0s"}, 1.0),
        ({"remaining-tokens": "1000", "limit-tokens": "31000", "reset-tokens": "30s"}, 2.0),
        ({"remaining-requests": "0", "limit-requests": "60", "reset-requests": "60"}, 1.0),
        ({"remaining-tokens": "9000", "limit-tokens": "31000", "reset-tokens": "30s"}, 0.0),
        ({"remaining-requests": "x", "limit-requests": "", "reset-requests": "?"}, 0.0),
        ({}, 0.0),
    ],
)
def test_a_used_up_budget_is_waited_for(valkey_url: str, headers: dict, pause_s: float) -> None:
    with Redis.from_url(valkey_url) as redis:
        redis.flushall()
        clock = FakeClock()
        pace = Pace("v", redis, clock)
        pace.learn({f"x-ratelimit-{name}": value for name, value in headers.items()})
        pace.take(600)
        assert sum(clock.slept) == pytest.approx(pause_s, abs=0.01)


def test_whoever_waits_stops_waiting_in_time() -> None:
    over = threading.Event()

    def ask(n: int) -> int:
        if n == 2:
            over.wait(30)
        return n

    started = time.monotonic()
    found = side_by_side(ask, [0, 1, 2, 3], 2, 0.5)
    assert time.monotonic() - started < 5
    assert found[:2] == [0, 1] and found[3] == 3
    assert isinstance(found[2], SlowAnswer)
    over.set()
    with pytest.raises(ValueError, match="defect"):
        in_time(_raises, 5)


def _raises() -> Callable[[], None]:
    raise ValueError("defect")


def test_neighbours_are_looked_for_when_embeddings_are_back(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = outside.connected.product

    class Away(UseEmbedder):
        name = product.ai.embedder.name

        def embed(self, texts: Sequence[str]) -> Vector:
            raise Transient("away")

    stores = product.stores
    outside.count_again()
    with stores.database.write() as conn:
        conn.exec_driver_sql("DELETE FROM embeddings")
        conn.exec_driver_sql("UPDATE populations SET version = version + 100")
    outside.connected.product = changed(product, embedder=Away())
    outside.due(Urgency.BACKFILL)
    outside.score(Urgency.BACKFILL)
    found = outside.connected.scores().values()
    without = [score.contact_id for score in found if "embeddings_away" in score.flags]
    assert without and not any(s.neighbours for s in found if s.contact_id in without)
    outside.connected.product = product
    outside.due(Urgency.BACKFILL, without)
    outside.score(Urgency.BACKFILL)
    after = outside.connected.scores()
    assert any(after[contact_id].neighbours for contact_id in without)


def test_an_index_that_hangs_costs_an_event_its_share_of_the_time(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(score_due_module, "ANSWER_WITHIN_S", 3.0)
    outside.count_again()
    with outside.connected.product.stores.database.write() as conn:
        conn.exec_driver_sql("UPDATE populations SET version = version + 100")
    contact_id = next(s.contact_id for s in outside.connected.scores().values() if s.neighbours)
    outside.due(Urgency.EVENT, [contact_id])
    outside.pinecone.delay_s = 20.0
    took = outside.score(Urgency.EVENT)
    outside.pinecone.delay_s = 0.0
    assert took < 3.0 + 6.0
    score = outside.connected.scores()[contact_id]
    assert "index_away" in score.flags
    assert score.source == "ai"
