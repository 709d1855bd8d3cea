"""Intake: nothing accepted is lost, nothing unsigned is accepted. On SQLite and Postgres."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from backend.model import Urgency
from backend.security.signature import sign_v3
from backend.storage.leads import due_leads, inbox
from backend.storage.portals import portals
from backend.web.app import create
from backend.wiring import Product, build
from tests.integration.conftest import ENVIRON, PORTAL, settings_for

WEB = "http://localhost:8000"
URL = f"{WEB}/webhooks/hubspot"


@pytest.fixture
def product(database_url: str, valkey_url: str) -> Iterator[Product]:
    Redis.from_url(valkey_url).flushall()
    found = build(settings_for(database_url, valkey_url, "http://localhost:9", WEB), db_wait_s=1.0)
    with found.stores.database.write() as conn:
        portals.install(conn, PORTAL, client_id="c", name="", now=found.stores.clock.now())
    yield found
    found.stores.redis.close()
    found.hubspot.http.close()
    found.stores.database.engine.dispose()


@pytest.fixture
def app(product: Product) -> Flask:
    return create(product)


@pytest.fixture
def web(app: Flask) -> FlaskClient:
    return app.test_client()


def event(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "eventId": number,
        "subscriptionId": 5,
        "portalId": PORTAL,
        "appId": 1001,
        "occurredAt": 1_763_000_000_000 + number,
        "subscriptionType": "object.propertyChange",
        "objectTypeId": "0-1",
        "objectId": 100 + number,
        "propertyName": "jobtitle",
        "propertyValue": "CTO",
        "changeSource": "CRM_UI",
        **changes,
    }


def send(
    web: FlaskClient,
    body: Any,
    *,
    secret: str = ENVIRON["HUBSPOT_CLIENT_SECRET"],
    age_s: float = 0,
    **headers: str | None,
) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = int((time.time() - age_s) * 1000)
    named: dict[str, str | None] = {
        "X-HubSpot-Signature-v3": sign_v3(secret, "POST", URL, raw, at),
        "X-HubSpot-Request-Timestamp": str(at),
    }
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in named.items() if value is not None}
    return web.post("/webhooks/hubspot", data=raw, headers=sent).status_code


def stored(product: Product, state: str | None = None) -> int:
    with product.stores.database.read() as conn:
        return inbox.count(conn, PORTAL, state)


def due(product: Product) -> int:
    with product.stores.database.read() as conn:
        return due_leads.unfinished(conn, PORTAL)


def test_a_signed_batch_is_stored_and_its_leads_are_due(web: FlaskClient, product: Product) -> None:
    assert send(web, [event(n) for n in range(100)]) == 204
    assert stored(product) == due(product) == 100
    assert product.stores.jobs.depth()["event"] == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"X_HubSpot_Signature_v3": None},
        {"X_HubSpot_Request_Timestamp": None},
        {"X_HubSpot_Signature_v3": None, "X_HubSpot_Request_Timestamp": None},
        {"X_HubSpot_Request_Timestamp": "hello"},
        {"X_HubSpot_Request_Timestamp": ""},
        {"X_HubSpot_Request_Timestamp": "1e400"},
        {"X_HubSpot_Request_Timestamp": "-1"},
        {"X_HubSpot_Signature_v3": "ü"},
        {"X_HubSpot_Signature_v3": "AAAA"},
    ],
)
def test_what_does_not_prove_itself_is_401_and_stores_nothing(
    web: FlaskClient, product: Product, headers: dict[str, str | None]
) -> None:
    assert send(web, [event()], **headers) == 401
    assert stored(product) == 0


@pytest.mark.parametrize(("age_s", "status"), [(299, 204), (302, 401), (-299, 204), (-302, 401)])
def test_the_clock_tolerance_is_five_minutes_both_ways(
    web: FlaskClient, age_s: float, status: int
) -> None:
    assert send(web, [event()], age_s=age_s) == status


def test_another_secret_or_a_forged_host_is_401(web: FlaskClient) -> None:
    assert send(web, [event()], secret="other") == 401
    assert send(web, [event()], X_Forwarded_Host="evil.example") == 204  # never asked
    body = json.dumps([event()]).encode()
    at = int(time.time() * 1000)
    forged = sign_v3(
        ENVIRON["HUBSPOT_CLIENT_SECRET"], "POST", "http://evil.example/webhooks/hubspot", body, at
    )
    headers = {
        "X-HubSpot-Signature-v3": forged,
        "X-HubSpot-Request-Timestamp": str(at),
        "X-Forwarded-Host": "evil.example",
        "Host": "evil.example",
    }
    assert web.post("/webhooks/hubspot", data=body, headers=headers).status_code == 401


def test_a_malformed_element_among_99_good_ones_is_quarantined_alone(
    web: FlaskClient, product: Product
) -> None:
    events: list[Any] = [event(n) for n in range(100)]
    events[57] = event(57, occurredAt="yesterday")
    assert send(web, events) == 204
    assert due(product) == 99
    assert stored(product, "quarantined") == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"[]", 204), (b"{}", 400), (b"\xff\xfe[", 400), (b"not json", 400), (b"[1, null, []]", 204)],
)
def test_odd_bodies_have_plain_answers(web: FlaskClient, body: bytes, status: int) -> None:
    assert send(web, body) == status


def test_a_body_of_two_megabytes_is_refused(web: FlaskClient, product: Product) -> None:
    assert send(web, b"[" + b" " * 2_000_000 + b"]") == 413
    assert stored(product) == 0


def test_an_unknown_portal_is_acknowledged_and_stored_nowhere(
    web: FlaskClient, product: Product
) -> None:
    assert send(web, [event(portalId=99), event(2)]) == 204
    with product.stores.database.read() as conn:
        assert inbox.count(conn) == 1


def test_the_same_delivery_five_times_at_once_is_one_event(app: Flask, product: Product) -> None:
    with ThreadPoolExecutor(5) as pool:
        statuses = list(pool.map(lambda _: send(app.test_client(), [event()]), range(5)))
    assert statuses == [204] * 5
    assert stored(product) == 1
    with product.stores.database.read() as conn:
        row = due_leads.row(conn, PORTAL, "101")
    assert row is not None
    assert row["due_version"] == 1


def test_a_retry_of_a_stored_event_is_not_due_again(web: FlaskClient, product: Product) -> None:
    send(web, [event()])
    send(web, [event(attemptNumber=3)])
    with product.stores.database.read() as conn:
        row = due_leads.row(conn, PORTAL, "101")
    assert row is not None
    assert row["due_version"] == 1


def test_our_own_writes_are_not_even_stored(web: FlaskClient, product: Product) -> None:
    own = event(changeSource="INTEGRATION", sourceId="1001")
    assert send(web, [own, event(2, propertyName="ai_lead_score")]) == 204
    assert stored(product) == 0


def test_a_database_that_is_away_is_503_and_half_of_nothing(app: Flask, product: Product) -> None:
    # A second writer holds the table's lock for longer than a web request may wait.
    with product.stores.database.write() as conn:
        due_leads.mark_due(
            conn, PORTAL, ["101"], Urgency.EVENT, datetime.now(UTC), cause="t", refresh=False
        )
        if not product.stores.database.on_sqlite:
            conn.exec_driver_sql("LOCK TABLE inbox_events IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        assert send(app.test_client(), [event()]) == 503
        assert time.monotonic() - began < 5
    assert stored(product) == 0
    assert send(app.test_client(), [event()]) == 204


def test_redis_away_is_still_204_and_the_lead_stays_due(app: Flask, product: Product) -> None:
    product.stores.redis.connection_pool.connection_kwargs["port"] = 9
    product.stores.redis.connection_pool.disconnect()
    assert send(app.test_client(), [event()]) == 204
    assert due(product) == 1


def test_nothing_of_an_event_is_kept_but_ids(web: FlaskClient, product: Product) -> None:
    send(web, [event(propertyValue="Ana Canary ana@canary.example")])
    with product.stores.database.read() as conn:
        tables = [t for t in ("inbox_events", "leads")]
        dump = "".join(
            repr(conn.exec_driver_sql(f"SELECT * FROM {t}").all())  # noqa: S608
            for t in tables
        )
    assert "anary" not in dump
