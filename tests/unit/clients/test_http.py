"""The wire misbehaves: silence, half an answer, a reset, no TLS, no such name. All may pass."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from backend.clients.http import Http
from backend.errors import OutcomeUnknown, Transient

HALF = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"half": '


@contextmanager
def wire(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does exactly this to the first connection; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        thread.join(timeout=5)


def reset(connection: socket.socket) -> None:
    linger = struct.pack("ii", 1, 0)  # closing sends RST
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


@pytest.fixture
def http() -> Iterator[Http]:
    found = Http(read_timeout_s=0.2)
    yield found
    found.close()


@pytest.mark.parametrize(
    "answer",
    [lambda _: threading.Event().wait(0.6), lambda c: c.sendall(HALF), reset],
    ids=["silence", "half an answer", "reset"],
)
def test_fault_54_an_answer_that_gets_lost_leaves_the_outcome_unknown(
    http: Http, answer: Callable[[socket.socket], None]
) -> None:
    with wire(answer) as address, pytest.raises(OutcomeUnknown, match=r"127\.0\.0\.1"):
        http.send("POST", f"http://{address}/x", json={})


def test_fault_54_a_server_without_tls_and_a_name_that_does_not_exist_are_transient(
    http: Http,
) -> None:
    plain = wire(lambda c: c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    with plain as address, pytest.raises(Transient, match="SSLError"):
        http.send("GET", f"https://{address}/x")
    with pytest.raises(Transient):
        http.send("GET", "http://no-such-host.invalid/x")
