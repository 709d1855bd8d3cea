"""cron survives whatever a task raises, and no access is lost or stored twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.job import Callback
from rq.serializers import JSONSerializer

from backend.clients.redis import access_buffer
from backend.jobs.carry_accesses import carry_accesses
from backend.jobs.cron import attempt, run
from backend.jobs.worker import job_class
from backend.services.health.report import report
from backend.storage.access import access_log
from backend.storage.portals import portals
from backend.wiring import Product, build
from tests.integration.conftest import PORTAL, QuietWorker, settings_for


@pytest.fixture
def product(database_url: str, valkey_url: str) -> Iterator[Product]:
    Redis.from_url(valkey_url).flushall()
    found = build(
        settings_for(database_url, valkey_url, "http://localhost:9", "http://localhost:8")
    )
    with found.stores.database.write() as conn:
        portals.install(conn, PORTAL, client_id="c", name="", now=found.stores.clock.now())
    yield found
    found.stores.redis.close()
    found.hubspot.http.close()
    found.stores.database.engine.dispose()


def push(product: Product, subject: str, portal_id: int = PORTAL) -> None:
    entry = (portal_id, product.stores.clock.now(), "user:1", "GET /x", subject, 200)
    access_buffer.push(product.stores.redis, entry)


def stored(product: Product, portal_id: int = PORTAL) -> list[str]:
    with product.stores.database.read() as conn:
        return sorted(a.subject for _, a in access_log.listed(conn, portal_id))


POISON: tuple[Any, ...] = (
    b"not json",
    b"\xff\xfe",
    b"[" * 10_000,
    b"null",
    b"{}",
    b"[]",
    b"[1,2,3,4,5,6,7]",
    ["0" * 32, 10**25, "2026-01-01T00:00:00+00:00", "a", "b", "c", 200],
    ["0" * 32, -1, "2026-01-01T00:00:00+00:00", "a", "b", "c", 200],
    ["0" * 32, 1, "9999-12-31T23:59:59-12:00", "a", "b", "c", 200],
    ["0" * 32, 1, "2026-01-01T00:00:00", "a", "b", "c", 200],
    ["0" * 32, 1, "yesterday", "a", "b", "c", 200],
    ["0" * 32, 1, "2026-01-01T00:00:00+00:00", "a" * 129, "b", "c", 200],
    ["0" * 32, 1, "2026-01-01T00:00:00+00:00", "a", "b\x00", "c", 200],
    ["0" * 32, 1, "2026-01-01T00:00:00+00:00", "a", "b", "\ud800", 200],
    ["0" * 32, 1, "2026-01-01T00:00:00+00:00", "a", "b", "c", 10**6],
    ["x", 1, "2026-01-01T00:00:00+00:00", "a", "b", "c", 200],
    ["0" * 32, True, "2026-01-01T00:00:00+00:00", None, "b", "c", 200],
    [[["deep"]], 1, 2, 3, 4, 5, 6],
)


def test_a_poisoned_entry_is_dropped_alone(product: Product) -> None:
    for number, poison in enumerate(POISON):
        raw = poison if isinstance(poison, bytes) else json.dumps(poison).encode()
        push(product, str(number))
        product.stores.redis.rpush(access_buffer.KEY, raw)
    assert attempt(product.stores.meter, "accesses", lambda: carry_accesses(product.stores))
    assert stored(product) == sorted(str(number) for number in range(len(POISON)))
    assert product.stores.redis.llen(access_buffer.KEY) == 0


def test_a_list_that_is_no_list_ends_nothing(product: Product) -> None:
    product.stores.redis.set(access_buffer.KEY, "x")
    assert attempt(product.stores.meter, "accesses", lambda: carry_accesses(product.stores))


def test_an_entry_is_removed_after_it_is_stored_and_stored_once(product: Product) -> None:
    for number in range(3):
        push(product, str(number))
    kept = access_buffer.waiting(product.stores.redis)
    assert len(access_buffer.waiting(product.stores.redis)) == 3  # looking takes nothing away
    carry_accesses(product.stores)
    product.stores.redis.rpush(
        access_buffer.KEY, *kept
    )  # as after a crash before they were removed
    push(product, "3")
    carry_accesses(product.stores)
    assert stored(product) == ["0", "1", "2", "3"]
    assert product.stores.redis.llen(access_buffer.KEY) == 0


def test_cron_goes_on_after_any_exception_and_says_so_in_health(product: Product) -> None:
    stop = Event()
    asked = []

    class Beats(Event):
        def wait(self, timeout: float | None = None) -> bool:
            asked.append(timeout)
            if len(asked) == 3:
                stop.set()
            return True

        def is_set(self) -> bool:
            return stop.is_set()

    def broken(*_: Any, **__: Any) -> Any:
        raise OverflowError("Python int too large to convert to SQLite INTEGER")

    product.stores.leases.take = broken  # type: ignore[method-assign]
    run(product, Beats(), interval_s=0.01)
    assert len(asked) == 3
    product.stores.meter.send()
    rate = report(product)["error_rate"]["cron_tasks"]
    assert rate["failed"] >= 3


def test_a_job_on_the_queue_cannot_name_code_or_an_address(product: Product) -> None:
    own = job_class(product)
    queue = Queue("event", connection=product.stores.redis, serializer=JSONSerializer)
    callback = Callback("os.mkdir")
    for name in ("leadlight.fan_out", "leadlight.nothing"):
        job = queue.enqueue_call(
            func=name,
            kwargs={"portal_id": PORTAL},
            on_success=callback,
            on_failure=callback,
            on_stopped=callback,
        )
        found = own.fetch(job.id, connection=product.stores.redis, serializer=JSONSerializer)
        assert found.success_callback is None
        assert found.failure_callback is None
        assert found.stopped_callback is None
    queues = [
        Queue("event", connection=product.stores.redis, serializer=JSONSerializer, job_class=own)
    ]
    worker = QuietWorker(
        queues, connection=product.stores.redis, serializer=JSONSerializer, job_class=own
    )
    worker.work(burst=True, logging_level="ERROR")
    assert product.stores.redis.llen("rq:queue:event") == 0
