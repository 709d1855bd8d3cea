"""Pinecone's failures and what leaves for it, through the real SDK against a local server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from redis import Redis

from backend.clients.pinecone.index import PineconeIndex
from backend.clients.redis.breaker import Breaker
from backend.errors import (
    BadSettings,
    LeadlightError,
    OverBudget,
    Permanent,
    QuotaUsedUp,
    Transient,
)
from backend.ports import VectorItem
from tests.conftest import FakeClock
from tests.contract.pinecone_server import PineconeServer, running_pinecone

ROW = np.array([[1.0, 0.0]], dtype=np.float32)
ITEM = VectorItem(
    "ideal:1",
    ROW[0],
    {
        "type": "ideal_client",
        "status": "active",
        "industry": "x",
        "label": "Secret name",
        "outcome": "",
        "note": "secret",
        "tags": ["profile-3"],
        "client_id": "1",
    },
)


@dataclass
class Setting:
    server: PineconeServer
    index: PineconeIndex
    breaker: Breaker
    clock: FakeClock


@pytest.fixture(scope="module")
def server() -> Iterator[PineconeServer]:
    with running_pinecone() as running:
        yield running


@pytest.fixture
def setting(server: PineconeServer, valkey_url: str) -> Iterator[Setting]:
    server.reset()
    with Redis.from_url(valkey_url) as redis:
        redis.flushall()
        clock = FakeClock()
        breaker = Breaker("pinecone", redis, clock)
        index = PineconeIndex(
            api_key="pc-secret",
            host=server.url,
            breaker=breaker,
            clock=clock,
            redis=redis,
            timeout_s=0.5,
        )
        yield Setting(server, index, breaker, clock)
        index.close()


def asked(setting: Setting) -> object:
    return setting.index.query(1, ROW, 5, {"type": "ideal_client"})


def test_only_allowed_metadata_leaves_and_nothing_empty(setting: Setting) -> None:
    setting.index.upsert(7, [ITEM])
    path, body = setting.server.bodies[0]
    assert (path, body["namespace"]) == ("/vectors/upsert", "portal-7")
    assert body["vectors"][0]["metadata"] == {
        "client_id": "1",
        "industry": "x",
        "status": "active",
        "type": "ideal_client",
        "tags": ["profile-3"],
    }
    assert "secret" not in setting.server.sent().casefold()


def test_a_query_filters_by_equality_in_the_portal_s_namespace(setting: Setting) -> None:
    setting.index.upsert(7, [ITEM])
    setting.index.query(7, ROW, 5, {"status": "active", "type": "ideal_client"})
    _, body = setting.server.bodies[-1]
    assert body["filter"] == {"status": {"$eq": "active"}, "type": {"$eq": "ideal_client"}}
    assert (body["topK"], body["namespace"], body["includeMetadata"]) == (5, "portal-7", True)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, Transient),
        (503, Transient),
        (429, Transient),
        (401, Permanent),
        (403, Permanent),
        (400, Permanent),
        (402, OverBudget),
    ],
)
def test_statuses_become_our_errors_without_the_vendor_s_words(setting, status, kind) -> None:
    setting.server.always = status
    with pytest.raises(kind) as caught:
        asked(setting)
    assert "SECRET-VENDOR-TEXT" not in str(caught.value)
    assert "pc-secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_slow_or_dead_server_is_transient(setting: Setting) -> None:
    setting.server.delay_s = 1.0
    with pytest.raises(Transient):
        asked(setting)
    dead = PineconeIndex(
        api_key="k", host="http://127.0.0.1:9", breaker=setting.breaker, clock=FakeClock()
    )
    with pytest.raises(Transient):
        dead.count(1)
    dead.close()


def test_an_outage_costs_milliseconds_once_it_is_known(setting: Setting) -> None:
    setting.server.always = 503
    for _ in range(5):
        with pytest.raises(Transient):
            asked(setting)
    before, started = len(setting.server.bodies), time.perf_counter()
    for _ in range(20):
        with pytest.raises(LeadlightError):
            asked(setting)
    assert len(setting.server.bodies) == before
    assert time.perf_counter() - started < 1


def test_a_hiccup_is_tried_again_three_times_at_most(setting: Setting) -> None:
    setting.server.faults = [503, 503]
    assert asked(setting) == [[]]
    setting.server.bodies.clear()
    setting.server.always = 503
    with pytest.raises(Transient):
        asked(setting)
    assert len(setting.server.bodies) == 3


def test_leads_that_say_the_same_are_asked_about_once(setting: Setting) -> None:
    setting.index.upsert(7, [ITEM])
    setting.server.bodies.clear()
    rows = np.vstack([ROW, ROW[:, ::-1], ROW])
    found = setting.index.query(7, rows, 5, {})
    assert len(setting.server.bodies) == 2
    assert found[0] == found[2]
    assert [len(one) for one in found] == [1, 1, 1]


def test_a_used_up_plan_is_left_alone_for_1_5_and_15_minutes_and_tried_at_once_when_asked(
    setting: Setting,
) -> None:
    clock = setting.clock
    setting.server.always = 402
    for minutes in (1, 5, 15, 15):
        setting.server.bodies.clear()
        with pytest.raises(QuotaUsedUp):
            asked(setting)
        with pytest.raises(QuotaUsedUp):
            asked(setting)
        assert len(setting.server.bodies) == 1
        clock.forward(minutes * 60 - 1)
        with pytest.raises(QuotaUsedUp):
            asked(setting)
        assert len(setting.server.bodies) == 1
        clock.forward(2)
    with pytest.raises(QuotaUsedUp):
        asked(setting)
    setting.server.always = 0
    setting.breaker.try_now()
    assert asked(setting) == [[]]
    assert setting.breaker.state() == "closed"


def test_an_index_of_another_dimension_stops_the_start(setting: Setting) -> None:
    setting.server.dimension = 1536
    setting.index.check(1536)
    with pytest.raises(BadSettings, match="1536"):
        setting.index.check(3072)


def test_a_portal_that_never_stored_anything_can_be_erased(setting: Setting) -> None:
    setting.index.delete(9)
    setting.index.delete(9, ["lead:1"])
    assert setting.index.count(9) == 0
