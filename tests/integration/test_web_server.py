"""Gunicorn with our worker class and one process, in front of a plain app: HTTP stays HTTP."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from bench.ports import free_port
from tests.conftest import ROOT, until, wait_for_port
from tests.integration.echo import LARGE

CONNECTIONS = 40
POST = b"POST /%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
LAST = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    found = free_port()
    line = ["-m", "gunicorn", "--config", "backend/gunicorn.py", "--bind", f"127.0.0.1:{found}"]
    line += ["--workers", "1", "--worker-connections", str(CONNECTIONS), "--no-control-socket"]
    process = subprocess.Popen([sys.executable, *line, "tests.integration.echo:build()"], cwd=ROOT)
    try:
        wait_for_port(found, 60)
        yield found
    finally:
        process.terminate()
        process.wait(30)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def bodies(said: bytes) -> list[bytes]:
    """Of several answers, one behind the other."""
    found = []
    while said:
        head, _, rest = said.partition(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        found.append(rest[:size])
        said = rest[size:]
    return found


def until_closed(connection: socket.socket) -> bytes:
    said = b""
    while piece := connection.recv(1_000_000):
        said += piece
    return said


def test_requests_sent_at_once_are_answered_in_their_order(port: int) -> None:
    names = [b"a", b"b", b"c", b"d"]
    with connect(port) as connection:
        connection.sendall(b"".join(POST % (n, len(n) * 9, n * 9) for n in names) + LAST)
        answers = bodies(until_closed(connection))
    assert answers == [b"/%s " % n + n * 9 for n in names] + [b"/last "]


def test_a_request_in_single_bytes_is_one_request(port: int) -> None:
    chunked = b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunked += b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with connect(port) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(len(chunked)):
            connection.send(chunked[place : place + 1])
        connection.sendall(LAST)
        assert bodies(until_closed(connection)) == [b"/a abcde", b"/last "]


def test_a_connection_is_kept_for_the_next_request(port: int) -> None:
    with connect(port) as connection:
        for name in (b"a", b"b", b"c"):
            connection.sendall(POST % (name, 1, b"x"))
            assert bodies(connection.recv(4_096)) == [b"/%s x" % name]


def test_a_client_that_waits_for_a_sign_gets_exactly_one(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(
            b"POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n"
            b"Content-Length: 2\r\n\r\n"
        )
        assert connection.recv(4_096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"ab")
        assert bodies(until_closed(connection)) == [b"/a ab"]


def test_a_large_answer_arrives_whole_and_the_connection_goes_on(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n" + LAST)
        large, last = bodies(until_closed(connection))
    assert (len(large), last) == (LARGE, b"/last ")


def test_answers_that_nobody_reads_do_not_fill_the_memory(port: int) -> None:
    deaf = []
    for _ in range(30):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", port))
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        deaf.append(connection)
    assert requests.get(f"http://127.0.0.1:{port}/b", timeout=60).content == b"/b "
    whole = 0
    for connection in deaf:
        with connection:
            try:
                whole += len(until_closed(connection)) > LARGE
            except OSError:
                continue
    assert 0 < whole < 20  # 64 MB, and what the network holds


def test_what_two_readers_could_understand_differently_ends_the_connection(port: int) -> None:
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    for field in (
        b"Content-Length: 0\r\nContent-Length: %d" % len(smuggled),
        b"Content-Length: %d\r\nTransfer-Encoding: chunked" % len(smuggled),
        b"Content-Length : %d" % len(smuggled),
        b"Transfer-Encoding: xchunked",
        b"X: y\nContent-Length: %d" % len(smuggled),
    ):
        with connect(port) as connection:
            connection.sendall(b"POST /a HTTP/1.1\r\nHost: x\r\n" + field + b"\r\n\r\n" + smuggled)
            said = until_closed(connection)
        assert said.split(b" ")[1] in (b"400", b"501"), field
        assert b"smuggled" not in said


def test_one_connection_too_many_closes_the_one_that_has_waited_longest(port: int) -> None:
    waiting = [connect(port) for _ in range(CONNECTIONS)]
    try:
        for connection in waiting:
            connection.sendall(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        for _ in range(5):
            answer = requests.get(f"http://127.0.0.1:{port}/b", timeout=60)
            assert answer.content == b"/b "
        until(lambda: waiting[0].recv(1) == b"", 60)
        waiting[-1].sendall(b"cde")
        assert bodies(waiting[-1].recv(4_096)) == [b"/a abcde"]
    finally:
        for connection in waiting:
            connection.close()
