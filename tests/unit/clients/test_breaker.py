from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from backend.clients.redis.breaker import Breaker
from backend.config import BREAKER_FAILURES, BREAKER_OPEN_S
from backend.errors import Transient
from tests.conftest import FakeClock


@pytest.fixture
def redis(valkey_url: str) -> Iterator[Redis]:
    with Redis.from_url(valkey_url) as found:
        found.flushall()
        yield found


def opened(redis: Redis, clock: FakeClock) -> Breaker:
    breaker = Breaker("v", redis, clock)
    for _ in range(BREAKER_FAILURES):
        breaker.check()
        breaker.failed()
    return breaker


def test_five_failures_in_a_row_open_it_for_a_minute(redis: Redis, clock: FakeClock) -> None:
    breaker = opened(redis, clock)
    assert breaker.state() == "open"
    with pytest.raises(Transient) as caught:
        breaker.check()
    assert caught.value.retry_after_s == pytest.approx(BREAKER_OPEN_S, abs=1)


def test_a_success_in_between_starts_the_count_again(redis: Redis, clock: FakeClock) -> None:
    breaker = Breaker("v", redis, clock)
    for _ in range(3 * BREAKER_FAILURES):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    breaker.check()
    assert breaker.state() == "closed"


def test_after_a_minute_one_caller_probes_and_success_closes_it(redis, clock) -> None:
    breaker = opened(redis, clock)
    clock.forward(BREAKER_OPEN_S + 1)
    breaker.check()
    assert breaker.state() == "probing"
    with pytest.raises(Transient):
        breaker.check()
    breaker.succeeded()
    breaker.check()
    assert breaker.state() == "closed"


def test_a_failed_probe_opens_it_for_another_minute(redis: Redis, clock: FakeClock) -> None:
    breaker = opened(redis, clock)
    clock.forward(BREAKER_OPEN_S + 1)
    breaker.check()
    breaker.failed()
    with pytest.raises(Transient):
        breaker.check()
    clock.forward(BREAKER_OPEN_S + 1)
    breaker.check()


def test_other_processes_know_and_other_vendors_do_not_care(redis, clock) -> None:
    opened(redis, clock)
    with pytest.raises(Transient):
        Breaker("v", redis, clock).check()
    Breaker("w", redis, clock).check()


def test_without_redis_every_call_goes_through(clock: FakeClock) -> None:
    with Redis.from_url("redis://127.0.0.1:9/0") as away:
        breaker = Breaker("v", away, clock)
        for _ in range(2 * BREAKER_FAILURES):
            breaker.failed()
        breaker.check()
        breaker.succeeded()
        assert breaker.state() == "closed"
