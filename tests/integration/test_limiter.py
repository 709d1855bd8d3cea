"""The shared bucket: never more than HubSpot allows in any ten seconds, and all of the refill."""

from __future__ import annotations

import pytest
from redis import Redis

from backend.clients.redis.limiter import RedisLimiter
from backend.config import BUCKET_BURST, BUCKET_REFILL_PER_S, SEARCH_PER_S
from backend.errors import Transient
from tests.conftest import FakeClock


class Standing(FakeClock):
    """Records what callers would wait, without letting real time pass."""


@pytest.fixture
def redis(valkey_url: str) -> Redis:
    found = Redis.from_url(valkey_url)
    found.flushall()
    yield found  # type: ignore[misc]
    found.close()


def waits(redis: Redis, calls: int, **how: bool) -> list[float]:
    limiter = RedisLimiter(redis, Standing())
    return [limiter.take(1, **how) for _ in range(calls)]


def test_a_burst_is_free_and_then_the_refill_paces(redis: Redis) -> None:
    found = waits(redis, 120)
    assert found[:BUCKET_BURST] == [0.0] * BUCKET_BURST
    # Within ten seconds of the first call no more than 110 may start.
    assert sum(wait <= 10 for wait in found) <= 110
    assert found[-1] == pytest.approx((120 - BUCKET_BURST) / BUCKET_REFILL_PER_S, abs=0.3)


def test_search_has_a_bucket_of_its_own(redis: Redis) -> None:
    waits(redis, 50)
    found = waits(redis, 9, search=True)
    assert found[-1] == pytest.approx(8 / SEARCH_PER_S, abs=0.2)


def test_the_background_leaves_room_while_people_call(redis: Redis) -> None:
    alone = waits(redis, 60, background=True)[-1]
    redis.flushall()
    waits(redis, 1)
    beside = waits(redis, 59, background=True)[-1]
    assert beside > alone * 1.15


def test_portals_do_not_share_a_bucket(redis: Redis) -> None:
    waits(redis, 50)
    assert RedisLimiter(redis, Standing()).take(2) == 0.0


def test_a_limiter_that_is_away_is_transient() -> None:
    away = Redis.from_url("redis://127.0.0.1:9/0", socket_connect_timeout=0.2)
    with pytest.raises(Transient):
        RedisLimiter(away, Standing()).take(1)
    away.close()
