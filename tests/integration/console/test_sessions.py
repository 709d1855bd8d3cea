"""The console's doorway asks the API, over HTTP, what a cookie is worth."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from console.doorway import Doorway
from console.sessions import KEPT_MAX

KNOWN = "lls_" + "k" * 43
asked: Counter[str] = Counter()


class Api(BaseHTTPRequestHandler):
    """Knows one session; counts who is asked for."""

    def do_GET(self) -> None:
        token = self.headers["Authorization"].removeprefix("Bearer ")
        asked[token] += 1
        self.send_response(200 if token == KNOWN else 401)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Quiet."""


async def take(request: Request) -> Response:
    return PlainTextResponse(f"{len(await request.body())} bytes")


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    monkeypatch.setenv("CONSOLE_API_URL", f"http://127.0.0.1:{server.server_port}")
    routes = [
        WebSocketRoute("/_stcore/stream", stream),
        Route("/{path:path}", take, methods=["GET", "POST", "PUT"]),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Doorway)])
    with TestClient(app, follow_redirects=False) as client:
        yield client
    server.shutdown()
    thread.join()
    server.server_close()


def carrying(browser: TestClient, token: str) -> TestClient:
    browser.cookies.set("leadlight_session", token)
    return browser


def opens(browser: TestClient) -> bool:
    try:
        with browser.websocket_connect("/_stcore/stream"):
            return True
    except WebSocketDisconnect:
        return False


@pytest.mark.parametrize("token", ["", "lls_", "lls_" + "x" * 43, KNOWN[:-1], KNOWN + "k"])
def test_a_cookie_that_the_api_does_not_know_opens_nothing(browser: TestClient, token: str) -> None:
    carrying(browser, token)
    assert browser.get("/leads").headers["location"] == "/sign-in?next=/leads"
    assert browser.put("/_stcore/upload_file/a/b", content=b"abc").status_code == 401
    assert not opens(browser)


def test_a_known_session_opens_everything_and_is_asked_for_once(browser: TestClient) -> None:
    carrying(browser, KNOWN)
    assert browser.get("/leads").status_code == 200
    assert browser.put("/_stcore/upload_file/a/b", content=b"abc").text == "3 bytes"
    assert opens(browser)
    assert asked == {KNOWN: 1}


def test_after_signing_out_the_api_is_asked_again(browser: TestClient) -> None:
    carrying(browser, KNOWN).get("/leads")
    browser.post("/sign-out")
    browser.get("/leads")
    assert asked[KNOWN] == 2


def test_only_so_many_answers_are_remembered(browser: TestClient) -> None:
    carrying(browser, KNOWN).get("/leads")
    for number in range(KEPT_MAX):
        carrying(browser, f"lls_{number:043}").get("/leads")
    carrying(browser, KNOWN).get("/leads")
    assert asked[KNOWN] == 2


def test_with_the_api_away_nothing_opens(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSOLE_API_URL", "http://127.0.0.1:9")
    carrying(browser, KNOWN)
    assert browser.get("/leads").status_code == 503
    assert browser.put("/_stcore/upload_file/a/b", content=b"abc").status_code == 503
    assert not opens(browser)


@pytest.mark.parametrize("path", ["/sign-in", "/password", "/welcome", "/second-factor"])
def test_a_form_has_10_kb(browser: TestClient, path: str) -> None:
    assert browser.post(path, content=b"x" * 10_000).text == "10000 bytes"
    assert browser.post(path, content=b"x" * 10_001).status_code == 413
    assert browser.post(path, content=iter([b"x" * 6_000] * 2)).status_code == 413
