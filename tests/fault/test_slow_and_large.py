"""Who has no credential sends slowly, reads slowly or sends too much; everybody else is served."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest
import requests

from bench.stage import Running, running
from tests.conftest import until, wait_for_port
from tests.fault.attackers import Slow, allow_files, chunked, connect, deaf, plain, pour, status_of

PATIENCE_S = 60  # of one honest request, on a busy machine
LARGE = 300_000_000  # bytes
ON_THE_WAY = 12_000_000  # bytes that the buffers of both sides may hold when the answer is read
WEBHOOK = b"POST /webhooks/hubspot HTTP/1.1\r\nHost: x\r\n"
FORM = b"Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
UPLOAD = (
    b"PUT /_stcore/upload_file/s/f HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data\r\n"
)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
MADE_UP = "lls_" + "a" * 43  # as a session's cookie looks


@pytest.fixture(scope="module")
def stage() -> Iterator[Running]:
    allow_files()
    parts = ("valkey", "sandbox", "web", "console")
    with running(contacts=20, rate_limit=False, parts=parts) as found:
        wait_for_port(found.stage.ports.console, 120)
        found.scenario.connect()
        yield found


@pytest.fixture(scope="module")
def session(stage: Running) -> str:
    """A session that the API knows."""
    body = {"email": "admin@example.com", "password": stage.scenario.admin_password}
    answer = requests.post(f"{stage.stage.web}/api/v1/session", json=body, timeout=PATIENCE_S)
    return str(answer.json()["token"])


def length(number: int) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % number


def live(stage: Running, times: int = 1) -> None:
    for _ in range(times):
        requests.get(f"{stage.stage.web}/health/live", timeout=PATIENCE_S).raise_for_status()


def memory_mb(stage: Running, name: str) -> float:
    return stage.pss_mb()[name]


def test_health_answers_while_1000_slow_connections_are_open_and_each_is_closed(
    stage: Running,
) -> None:
    port = stage.stage.ports.web
    head = b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: "
    with Slow(port, WEBHOOK + length(900_000), 500) as bodies, Slow(port, head, 500) as heads:
        live(stage, 40)  # both processes
        assert bodies.open + heads.open == 1_000
        until(lambda: bodies.open + heads.open == 0, 90)
        said = bodies.answers + heads.answers
    assert {answer.split(b" ", 2)[1] for answer in said} == {b"408"}
    live(stage)


@pytest.mark.parametrize(
    "slow",
    [
        b"",
        b"\r\n",
        WEBHOOK + b"Transfer-Encoding: chunked\r\n\r\n",
        WEBHOOK + b"Expect: 100-continue\r\n" + length(900_000),
        WEBHOOK + length(10) + b"1234567890" + WEBHOOK + length(900_000),
    ],
    ids=["nothing", "line ends", "chunks", "expects a sign", "behind a whole request"],
)
def test_no_way_of_being_slow_holds_a_thread(stage: Running, slow: bytes) -> None:
    with Slow(stage.stage.ports.web, slow, 100):
        live(stage, 20)


def test_answers_that_nobody_reads_hold_no_thread(stage: Running) -> None:
    ask = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 1_000
    with deaf(stage.stage.ports.web, ask, 64):
        live(stage, 40)


def test_a_body_over_the_limit_is_answered_before_it_is_sent(stage: Running) -> None:
    assert pour(stage.stage.ports.web, WEBHOOK + length(LARGE), iter(())) == (413, 0)


@pytest.mark.parametrize("path", ["/webhooks/hubspot", "/api/v1/session", "/nothing/here"])
def test_a_chunked_body_over_the_limit_is_answered_early(stage: Running, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\n".encode() + CHUNKED
    status, accepted = pour(stage.stage.ports.web, head, chunked(LARGE))
    assert (status, accepted < ON_THE_WAY) == (413, True)


def test_bodies_that_never_end_do_not_fill_the_memory(stage: Running) -> None:
    for _ in range(100):  # what was refused is no longer counted, and not less than nothing
        pour(stage.stage.ports.web, WEBHOOK + CHUNKED, chunked(2_000_000))
    before = memory_mb(stage, "web")
    body = WEBHOOK + length(999_000) + b"x" * 998_000
    with Slow(stage.stage.ports.web, body, 300) as slow:
        live(stage, 20)
        held = memory_mb(stage, "web") - before
        assert any(b" 503 " in answer for answer in slow.answers)
    assert held < 250  # of 300 MB that were sent: at most 64 in each of two processes


def test_a_request_under_way_is_answered_by_a_server_that_is_told_to_stop(stage: Running) -> None:
    with connect(stage.stage.ports.web) as under_way:
        under_way.sendall(WEBHOOK + length(10) + b"12345")
        live(stage)
        stage.processes["web"].send_signal(signal.SIGTERM)
        until(lambda: "Worker exiting" in stage.stage.log_of("web").read_text(), 60)  # the other
        time.sleep(2)  # its own process has been told as well, and has looked around since
        under_way.sendall(b"67890")
        assert status_of(under_way) == 401  # it is not signed
    assert stage.processes["web"].wait(60) == 0
    stage.start_one("web")
    wait_for_port(stage.stage.ports.web, 120)
    live(stage)


@pytest.mark.parametrize("cookie", ["", MADE_UP, "anything"], ids=["none", "made up", "odd"])
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_an_upload_without_a_session_is_refused_and_not_kept(
    stage: Running, cookie: str, framing: str
) -> None:
    before = memory_mb(stage, "console")
    head = UPLOAD + f"Cookie: leadlight_session={cookie}\r\n".encode()
    for _ in range(5):
        if framing == "length":
            status, accepted = pour(
                stage.stage.ports.console, head + length(50_000_000), plain(50_000_000)
            )
        else:
            status, accepted = pour(stage.stage.ports.console, head + CHUNKED, chunked(50_000_000))
        assert (status, accepted < ON_THE_WAY) == (401, True)
    assert memory_mb(stage, "console") - before < 60


def test_an_upload_with_a_session_is_taken_up_to_its_limit(stage: Running, session: str) -> None:
    head = UPLOAD + f"Cookie: leadlight_session={session}\r\n".encode()
    port = stage.stage.ports.console
    status, accepted = pour(port, head + length(50_000_000), plain(50_000_000))
    assert (status, accepted < ON_THE_WAY) == (413, True)
    assert pour(port, head + length(3), iter((b"abc",)))[0] in (400, 403)  # Streamlit's own answer


def handshake(stage: Running, cookie: str) -> int:
    with connect(stage.stage.ports.console) as connection:
        connection.sendall(
            b"GET /_stcore/stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"Cookie: leadlight_session=" + cookie.encode() + b"\r\n\r\n"
        )
        return status_of(connection)


def test_a_socket_opens_for_a_session_that_the_api_knows(stage: Running, session: str) -> None:
    answers = [handshake(stage, cookie) for cookie in ("", "anything", MADE_UP, session)]
    assert answers == [403, 403, 403, 101]


@pytest.mark.parametrize("path", ["/sign-in", "/password", "/welcome", "/second-factor"])
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_form_of_300_mb_is_refused_early(stage: Running, path: str, framing: str) -> None:
    before = memory_mb(stage, "console")
    head = f"POST {path} HTTP/1.1\r\n".encode() + FORM
    head, body = (
        (head + length(LARGE), plain(LARGE))
        if framing == "length"
        else (head + CHUNKED, chunked(LARGE))
    )
    status, accepted = pour(stage.stage.ports.console, head, body)
    assert (status, accepted < ON_THE_WAY) == (413, True)
    assert memory_mb(stage, "console") - before < 60


def test_slow_forms_hold_nobody_up_and_are_closed(stage: Running) -> None:
    head = b"POST /sign-in HTTP/1.1\r\n" + FORM + length(5_000)
    with Slow(stage.stage.ports.console, head, 300) as slow:
        for _ in range(20):
            page = requests.get(f"{stage.stage.console}/sign-in", timeout=PATIENCE_S)
            page.raise_for_status()
        assert slow.open == 300
        until(lambda: slow.open == 0, 90)
    assert {answer.split(b" ", 2)[1] for answer in slow.answers} == {b"408"}
