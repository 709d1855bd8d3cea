"""What runs out is said and waited for: no traceback, no lost event, the last score stays on the
card."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from redis import Redis
from werkzeug.test import TestResponse

from backend.errors import Outage
from backend.jobs.sweep import sweep
from backend.model import Urgency
from backend.security.signature import sign_v3
from backend.storage.leads import due_leads, inbox
from bench.small_disk import SmallDisk
from tests.conftest import database_on, run_on_server
from tests.integration.conftest import ENVIRON, PORTAL, Connected, Prepared
from tests.support.card import ask, some_lead
from tests.support.small_disk import small_disk, sqlite_on, tablespace


@pytest.fixture(scope="module")
def disk() -> Iterator[SmallDisk]:
    with small_disk() as found:
        yield found


@pytest.fixture(scope="module")
def small_space(disk: SmallDisk, postgres_url: str) -> Iterator[str]:
    with tablespace(disk, postgres_url) as name:
        yield name


@pytest.fixture(scope="module")
def prepared() -> dict[tuple[str, int, int | str, bool], Prepared]:
    """Of its own: what is prepared here lies on the small disk."""
    return {}


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, disk: SmallDisk) -> Iterator[str]:
    """A fresh, migrated database of each kind on the small disk."""
    name = f"s{time.monotonic_ns()}"
    if request.param == "sqlite":
        yield sqlite_on(disk, request.getfixturevalue("sqlite_template"), name)
        return
    space = request.getfixturevalue("small_space")
    server = request.getfixturevalue("postgres_url")
    template = request.getfixturevalue("postgres_template")
    run_on_server(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" TABLESPACE {space}')
    yield database_on(server, name)
    run_on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def full_disk(connected: Connected, disk: SmallDisk, server: str) -> Iterator[None]:
    disk.fill()
    try:
        yield
    finally:
        disk.free()


@contextmanager
def read_only(connected: Connected, disk: SmallDisk, server: str) -> Iterator[None]:
    engine = connected.product.stores.database.engine
    if connected.product.stores.database.on_sqlite:

        def refuse(conn: Any, _record: Any) -> None:
            conn.execute("PRAGMA query_only=ON")

        engine.dispose()
        sa.event.listen(engine, "connect", refuse)
        try:
            yield
        finally:
            sa.event.remove(engine, "connect", refuse)
            engine.dispose()
        return
    name = engine.url.database
    run_on_server(server, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    engine.dispose()
    try:
        yield
    finally:
        run_on_server(server, f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        engine.dispose()


FAULTS = {"database_full": full_disk, "read_only": read_only}


@pytest.fixture(params=list(FAULTS))
def cause(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def fault(
    cause: str, connected: Connected, disk: SmallDisk, postgres_url: str
) -> Callable[[], AbstractContextManager[None]]:
    """Begins the outage of a database that goes on being read."""
    return lambda: FAULTS[cause](connected, disk, postgres_url)


def deliver(connected: Connected, first: int, events: int = 100) -> TestResponse:
    """A signed batch of new events; rows of a kind that need room of their own."""
    batch = [
        {
            "eventId": first + number,
            "subscriptionId": 5,
            "portalId": PORTAL,
            "appId": int(ENVIRON["HUBSPOT_APP_ID"]),
            "occurredAt": 1_763_000_000_000 + first + number,
            "subscriptionType": "object.propertyChange",
            "objectTypeId": "0-1",
            "objectId": 900_000 + first + number,
            "propertyName": "jobtitle",
            "propertyValue": "CTO",
            "changeSource": "CRM_UI",
        }
        for number in range(events)
    ]
    raw = json.dumps(batch).encode()
    at = int(time.time() * 1000)
    url = f"{connected.product.stores.settings.public_base_url[0]}/webhooks/hubspot"
    headers = {
        "X-HubSpot-Signature-v3": sign_v3(ENVIRON["HUBSPOT_CLIENT_SECRET"], "POST", url, raw, at),
        "X-HubSpot-Request-Timestamp": str(at),
    }
    return connected.app.test_client().post("/webhooks/hubspot", data=raw, headers=headers)


def accepted(connected: Connected) -> int:
    with connected.product.stores.database.read() as conn:
        return inbox.count(conn, PORTAL, None)


def deliver_until_refused(connected: Connected, most: int = 60) -> tuple[int, TestResponse]:
    """Batches that were accepted, and the first answer that refused one."""
    for number in range(most):
        answer = deliver(connected, 1_000 * (number + 1))
        if answer.status_code != 204:
            return number, answer
    raise AssertionError("the database went on taking events")


def test_webhooks_wait_the_card_goes_on_and_health_says_why(
    connected: Connected, fault: Callable[[], AbstractContextManager[None]], cause: str
) -> None:
    contact_id = some_lead(connected)
    score = ask(connected, f"/card/lead?contactId={contact_id}")[1]["lead"]["score"]
    before = accepted(connected)
    web = connected.app.test_client()
    with fault():
        taken, refused = deliver_until_refused(connected)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        shown = ask(connected, f"/card/lead?contactId={contact_id}")
        assert (shown[0], shown[1]["lead"]["score"]) == (200, score)
        assert ask(connected, "/card/rescore", method="POST", body={"contactId": contact_id})[
            0
        ] in (200, 503)
        assert web.get("/health/ready").status_code == 503
        health = web.get("/health")
        assert health.status_code == 503
        database = health.get_json()["database"]
        assert database["cause"] == cause
        assert database["cure"]
    assert accepted(connected) == before + 100 * taken  # all of a batch, or nothing of it
    assert deliver(connected, 900_000).status_code == 204


def test_workers_and_cron_wait_and_what_was_due_is_scored_afterwards(
    connected: Connected, fault: Callable[[], AbstractContextManager[None]]
) -> None:
    product = connected.product
    ids = sorted(connected.scores())
    with product.stores.database.write() as conn:
        now = product.stores.clock.now()
        due_leads.mark_due(
            conn, PORTAL, ids, Urgency.BACKFILL, now, cause="backfill", refresh=False
        )
    with fault():
        product.stores.jobs.enqueue("score_due", portal_id=PORTAL, urgency="backfill")
        connected.burst()
        with suppress(Outage):
            sweep(product)
    connected.run()
    assert connected.unfinished() == 0
    with product.stores.database.read() as conn:
        assert due_leads.parked(conn, PORTAL) == 0


@contextmanager
def full_redis(redis: Redis) -> Iterator[None]:
    redis.config_set("maxmemory-policy", "noeviction")
    redis.config_set("maxmemory", "1")
    try:
        yield
    finally:
        redis.config_set("maxmemory", "0")


def test_redis_without_memory_is_said_and_loses_nothing(connected: Connected) -> None:
    web = connected.app.test_client()
    contact_id = some_lead(connected)
    with full_redis(connected.redis):
        assert deliver(connected, 1_000).status_code == 204
        assert ask(connected, f"/card/lead?contactId={contact_id}")[0] == 200
        assert web.get("/health/ready").status_code == 503
        queue = web.get("/health").get_json()["queue"]
        assert (queue["cause"], bool(queue["cure"])) == ("redis_full", True)
        sweep(connected.product)
    connected.run()
    with connected.product.stores.database.read() as conn:
        assert inbox.portals_waiting(conn, connected.product.stores.clock.now()) == []


def test_no_free_connection_is_a_503_with_its_cause(connected: Connected) -> None:
    product = connected.product
    product.stores.database.engine.dispose()
    with ExitStack() as taken:
        if product.stores.database.on_sqlite:
            pool = product.stores.database.engine.pool
            pool._timeout = 0.1  # type: ignore[attr-defined]
            for _ in range(26):  # of ours: 16 and 10 more
                taken.enter_context(product.stores.database.engine.connect())
        else:
            with suppress(psycopg.OperationalError):
                url = product.stores.database.engine.url.set(drivername="postgresql")
                while True:
                    address = url.render_as_string(hide_password=False)
                    taken.enter_context(psycopg.connect(address))
        answer = deliver(connected, 1_000)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        health = connected.app.test_client().get("/health")
        assert health.status_code == 503
        assert health.get_json()["database"]["cause"] == "no_connection"
    assert deliver(connected, 1_000).status_code == 204


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOSPC, errno.ENOMEM])
def test_what_the_machine_lacks_is_a_503(connected: Connected, number: int) -> None:
    """File handles, the temporary folder, memory: whatever a request was doing just then."""

    def lacking() -> str:
        raise OSError(number, os.strerror(number))

    connected.app.add_url_rule("/lacking", view_func=lacking)
    answer = connected.app.test_client().get("/lacking")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
