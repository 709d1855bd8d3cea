"""The stand-in's `hubspot.fetch`: HubSpot's limits, its one retry and its translation of failures,
held against a server that misbehaves and against the product's own signature check."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from backend.security.signature import verify_v3
from sandbox.pages.card_proxy import CONCURRENT_MAX, PAYLOAD_MAX, CardProxy, Viewer
from sandbox.settings import AppSettings

VIEWER = Viewer(portal_id=4400001, user_id=77, email="rep@example.com")
NOW_MS = 1_790_000_000_000
SECRET = "card-proxy-test-secret"


@pytest.fixture
def app() -> Iterator[HTTPServer]:
    with HTTPServer(threaded=True) as server:
        yield server


@pytest.fixture
def proxy(app: HTTPServer) -> CardProxy:
    settings = AppSettings(client_secret=SECRET, webhook_url=app.url_for("/webhooks/hubspot"))
    return CardProxy(settings, lambda: NOW_MS)


def wanted(app: HTTPServer, **changes: Any) -> dict[str, Any]:
    return {"method": "GET", "requestUri": app.url_for("/card/lead") + "?contactId=7"} | changes


def test_the_product_accepts_the_signature_and_the_viewer(
    app: HTTPServer, proxy: CardProxy
) -> None:
    seen: list[Request] = []
    app.expect_request("/card/lead").respond_with_handler(
        lambda request: seen.append(request) or Response("{}")
    )
    answer, status = proxy.send(VIEWER, wanted(app, method="POST", requestBody={"name": "Zoë"}))
    assert (status, answer["status"]) == (200, "success")
    assert seen[0].args["portalId"] == "4400001"
    assert seen[0].args["userEmail"] == "rep@example.com"
    verify_v3(
        method="POST",
        target=f"/card/lead?{seen[0].query_string.decode()}",
        body=seen[0].get_data(),
        headers=dict(seen[0].headers),
        base_urls=[app.url_for("").rstrip("/")],
        secrets=[SECRET],
        now=datetime.fromtimestamp(NOW_MS / 1000, UTC),
    )


def test_a_5xx_is_asked_once_more_and_the_second_answer_counts(
    app: HTTPServer, proxy: CardProxy
) -> None:
    app.expect_ordered_request("/card/lead").respond_with_data("busy", status=503)
    app.expect_ordered_request("/card/lead").respond_with_json({"ok": True})
    answer, _ = proxy.send(VIEWER, wanted(app))
    assert json.loads(answer["responseBody"]) == {"ok": True}
    assert len(app.log) == 2


def test_a_second_5xx_is_told_with_the_apps_own_status(app: HTTPServer, proxy: CardProxy) -> None:
    app.expect_request("/card/lead").respond_with_data("broken", status=500)
    answer, _ = proxy.send(VIEWER, wanted(app))
    assert answer["category"] == "BAD_GATEWAY"
    assert answer["context"] == {"appServerStatusCode": ["500"]}
    assert len(app.log) == 2


@pytest.mark.parametrize("status", [302, 401, 404])
def test_other_failures_are_neither_repeated_nor_followed(
    app: HTTPServer, proxy: CardProxy, status: int
) -> None:
    app.expect_request("/card/lead").respond_with_data(
        "no", status=status, headers={"Location": app.url_for("/elsewhere")}
    )
    answer, _ = proxy.send(VIEWER, wanted(app))
    assert answer["context"] == {"appServerStatusCode": [str(status)]}
    assert len(app.log) == 1


def test_an_app_that_is_down_is_a_bad_gateway() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    down = AppSettings(client_secret=SECRET, webhook_url=f"http://127.0.0.1:{port}/webhooks")
    uri = f"http://127.0.0.1:{port}/card/lead"
    answer, _ = CardProxy(down, lambda: NOW_MS).send(VIEWER, {"method": "GET", "requestUri": uri})
    assert answer["context"] == {"appServerStatusCode": ["502"]}


def test_a_slow_app_is_given_up_at_the_cards_own_limit(app: HTTPServer, proxy: CardProxy) -> None:
    answered = threading.Event()
    app.expect_request("/card/lead").respond_with_handler(
        lambda _: Response(str(answered.wait(timeout=10)))
    )
    answer, _ = proxy.send(VIEWER, wanted(app, requestTimeoutMillis=50))
    answered.set()
    assert answer["context"] == {"appServerStatusCode": ["504"]}


def test_a_megabyte_is_the_most_either_way(app: HTTPServer, proxy: CardProxy) -> None:
    app.expect_request("/card/lead").respond_with_data("x" * (PAYLOAD_MAX + 1))
    _, status = proxy.send(VIEWER, wanted(app, method="POST", requestBody="x" * PAYLOAD_MAX))
    assert status == 400
    assert app.log == []
    answer, _ = proxy.send(VIEWER, wanted(app))
    assert "1 MB" in answer["message"]
    assert "responseBody" not in answer


def test_the_twenty_first_request_at_a_time_is_refused_and_another_portals_is_not(
    app: HTTPServer, proxy: CardProxy
) -> None:
    inside, leave = threading.Semaphore(0), threading.Event()

    def hold(_: Request) -> Response:
        inside.release()
        return Response(str(leave.wait(timeout=10)))

    app.expect_request("/card/lead").respond_with_handler(hold)
    with ThreadPoolExecutor(CONCURRENT_MAX + 1) as crowd:
        held = [crowd.submit(proxy.send, VIEWER, wanted(app)) for _ in range(CONCURRENT_MAX)]
        for _ in range(CONCURRENT_MAX):
            assert inside.acquire(timeout=10)
        refused = proxy.send(VIEWER, wanted(app))
        other = crowd.submit(proxy.send, Viewer(4400002, 1, "b@example.com"), wanted(app))
        assert inside.acquire(timeout=10)
        leave.set()
        assert refused[1] == 429
        assert other.result()[1] == 200
        assert {future.result()[1] for future in held} == {200}
    assert proxy.send(VIEWER, wanted(app))[1] == 200  # the places were given back


@pytest.mark.parametrize(
    "change",
    [
        {"method": "TRACE"},
        {"requestUri": "https://elsewhere.example/card/lead"},
        {"requestHeaders": {"X-HubSpot-Signature-v3": "forged"}},
    ],
)
def test_what_the_card_may_not_ask_never_leaves(
    app: HTTPServer, proxy: CardProxy, change: dict[str, Any]
) -> None:
    answer, status = proxy.send(VIEWER, wanted(app, **change))
    assert (status, answer["category"]) == (400, "VALIDATION_ERROR")
    assert app.log == []
