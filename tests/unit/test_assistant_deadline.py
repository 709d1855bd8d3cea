"""Who sends a request slowly does not hold a place of the assistant's server."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import uvicorn

from assistant.deadline import WithDeadline
from bench.ports import free_port
from tests.conftest import wait_for_port

HEADERS = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n"


class Hurried(WithDeadline):
    """Everything sooner."""

    WITHIN_S = 0.2


async def slow_echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers after five deadlines, once it has the whole body."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await asyncio.sleep(5 * Hurried.WITHIN_S)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})


@pytest.fixture
def port() -> Iterator[int]:
    chosen = free_port()
    config = uvicorn.Config(slow_echo, port=chosen, http=Hurried, ws="none", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for_port(chosen)
    yield chosen
    server.should_exit = True
    thread.join(20)


def talk(port: int, *pieces: bytes) -> bytes:
    """What comes back until the other side ends; raises TimeoutError where it never does."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        for piece in pieces:
            sock.sendall(piece)
        found = b""
        with suppress(ConnectionResetError):
            while piece := sock.recv(4096):
                found += piece
        return found


@pytest.mark.parametrize(
    "pieces",
    [(), (b"G",), (HEADERS[:20],), (HEADERS,), (HEADERS, b"ab")],
    ids=["nothing", "a letter", "half the fields", "no body", "half a body"],
)
def test_a_request_that_never_ends_is_cut_off(port: int, pieces: tuple[bytes, ...]) -> None:
    assert talk(port, *pieces) == b""


def test_a_letter_now_and_then_does_not_help(port: int) -> None:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as sock,
        pytest.raises(OSError, match=r"reset|Broken pipe"),
    ):
        for _ in range(400):
            sock.sendall(b"x")
            time.sleep(Hurried.WITHIN_S / 4)


def test_an_answer_may_take_longer_than_the_deadline(port: int) -> None:
    assert talk(port, HEADERS, b"abcd", HEADERS, b"efgh").count(b"done") == 2
