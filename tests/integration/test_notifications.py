"""What a portal's channel hears, how often, and what happens when it does not answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from backend.jobs.flush_routes import flush_routes
from backend.services.routing.summary import begin_summaries
from backend.storage.outbox import notifications, routes
from backend.storage.portals.portals import NOTIFICATION_URL
from tests.integration.conftest import PORTAL, Connected
from tests.integration.crashing import Killed, dying
from tests.integration.routes import flush, routes_of, score_as, set_routing

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Channel:
    """Keeps what it gets, Monday's summaries apart: whether one comes depends on the day the tests
    run. Answers 200 unless told otherwise."""

    def __init__(self, server: HTTPServer) -> None:
        self.heard: list[dict[str, Any]] = []
        self.summaries: list[dict[str, Any]] = []
        self.status = 200
        server.expect_request("/hook").respond_with_handler(self._take)
        self.url = server.url_for("/hook")

    def _take(self, request: Request) -> Response:
        message = json.loads(request.get_data())
        if self.status < 300:
            summary = message["text"].startswith("Leads of the week")
            (self.summaries if summary else self.heard).append(message)
        return Response("", self.status)

    def texts(self) -> list[str]:
        return [message["text"] for message in self.heard]


@pytest.fixture
def channel(live: Connected, httpserver: HTTPServer) -> Iterator[Channel]:
    found = Channel(httpserver)
    sealed = live.product.stores.cipher.seal(found.url, portal_id=PORTAL, purpose=NOTIFICATION_URL)
    set_routing(live, notification_url_sealed=sealed, digest_above=3)
    yield found


def become_high(live: Connected, contact_ids: list[str]) -> None:
    score_as(live, dict.fromkeys(contact_ids, 20))
    score_as(live, dict.fromkeys(contact_ids, 90))


def all_due(live: Connected) -> None:
    with live.product.stores.database.write() as conn:
        conn.exec_driver_sql(
            "UPDATE notifications SET due_at = created_at WHERE due_at IS NOT NULL"
        )


@ON_SQLITE
def test_one_message_per_lead_then_a_digest_and_every_message_has_its_id(
    live: Connected, channel: Channel
) -> None:
    some = sorted(live.scores())[:12]
    live.ui(
        "POST",
        f"/contacts/{some[0]}/properties",
        {"firstname": "<!channel> <https://evil.example|Click>", "lastname": "*x*\n\u202e"},
    )
    live.sandbox.control("POST", "/webhooks/flush", {})
    live.run()
    become_high(live, some[:2])
    flush(live)
    assert len(channel.heard) == 2
    told = {r.route_id for c in some[:2] for r in routes_of(live, c) if r.kind == "notification"}
    assert {t.rpartition(" ")[2].rstrip(")") for t in channel.texts()} == told
    hostile = next(m for m in channel.heard if "evil" in json.dumps(m))
    assert "<!channel>" not in hostile["text"]
    assert {b["text"]["type"] for b in hostile["blocks"] if "evil" in json.dumps(b)} == {
        "plain_text"
    }
    become_high(live, some[2:8])
    flush(live)
    assert channel.texts()[2].startswith("6 leads became High")
    become_high(live, some[8:10])
    flush(live)
    assert len(channel.heard) == 3  # in the hour after a digest they gather
    with live.product.stores.database.write() as conn:
        hour_ago = (datetime.now(UTC) - timedelta(hours=2)).strftime("%Y-%m-%d %H:%M:%S.%f")
        conn.exec_driver_sql(
            "UPDATE notifications SET sent_at = ? WHERE sent_at IS NOT NULL", (hour_ago,)
        )
    all_due(live)
    flush(live)
    assert len(channel.heard) == 5
    with live.product.stores.database.read() as conn:
        assert routes.counts(conn, PORTAL)["notifications"] == 0
    states = {r.state for c in some[:10] for r in routes_of(live, c) if r.kind == "notification"}
    assert states == {"done"}


@ON_SQLITE
def test_a_silent_channel_is_retried_parked_and_replayed(live: Connected, channel: Channel) -> None:
    (contact_id,) = sorted(live.scores())[:1]
    channel.status = 503
    become_high(live, [contact_id])
    for _ in range(8):
        flush(live)
        all_due(live)
    with live.product.stores.database.read() as conn:
        assert routes.counts(conn, PORTAL, parked=True)["notifications"] == 1
    route = next(r for r in routes_of(live, contact_id) if r.kind == "notification")
    assert route.state == "parked"
    assert "503" in route.problem
    channel.status = 200
    with live.product.stores.database.write() as conn:
        assert routes.replay(conn, PORTAL, live.product.stores.clock.now()) == 1
    flush(live)
    flush(live)
    assert len(channel.heard) == 1


@ON_SQLITE
def test_a_crash_doubles_a_message_at_most_once_and_loses_none(
    live: Connected, channel: Channel
) -> None:
    some = sorted(live.scores())[:10]
    set_routing(live, digest_above=100)
    for step, contact_id in enumerate(some, start=1):
        become_high(live, [contact_id])
        product, _ = dying(live.product, step)
        try:
            flush_routes(product, PORTAL)
        except Killed:
            flush(live)
        flush(live)
    ids = [text.rpartition(" ")[2] for text in channel.texts()]
    assert len(set(ids)) == len(some)
    assert max(ids.count(one) for one in ids) <= 2


@ON_SQLITE
def test_monday_brings_one_summary_without_names(live: Connected, channel: Channel) -> None:
    product = live.product
    monday = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    assert (
        begin_summaries(product.stores.database, product.stores.jobs, monday - timedelta(days=1))
        == 0
    )
    assert begin_summaries(product.stores.database, product.stores.jobs, monday) == 1
    assert (
        begin_summaries(product.stores.database, product.stores.jobs, monday + timedelta(minutes=5))
        == 0
    )
    all_due(live)
    with product.stores.database.write() as conn:
        conn.exec_driver_sql("UPDATE notifications SET due_at = '2026-01-01 00:00:00.000000'")
    flush(live)
    (message,) = channel.summaries
    assert "Leads today: High" in json.dumps(message)
    with product.stores.database.read() as conn:
        assert notifications.due(conn, PORTAL, monday) == []
