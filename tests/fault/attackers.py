"""Clients that send slowly or too much: to loopback only, bounded in number and time."""

from __future__ import annotations

import resource
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

PIECE = b"x" * 65_536


def allow_files(wanted: int = 6_000) -> None:
    """This process and those it starts may open so many files, as far as the platform lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit), hard))


def connect(port: int) -> socket.socket:
    """One connection to this machine."""
    return socket.create_connection(("127.0.0.1", port), timeout=30)


class Slow:
    """Connections that have sent `head` and go on with one byte a second each.

    A thread sends, and reads nothing; whatever the server closed is no longer `open`.
    """

    LASTS_S = 120.0  # it ends by itself

    def __init__(self, port: int, head: bytes, number: int) -> None:
        self._port, self._head, self._number = port, head, number
        self._connections: list[socket.socket] = []
        self._selector = selectors.DefaultSelector()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._drip, daemon=True)
        self.answers: list[bytes] = []  # what the server said before it closed

    @property
    def open(self) -> int:
        """How many the server still keeps."""
        return len(self._connections) - len(self.answers)

    def __enter__(self) -> Self:
        for _ in range(self._number):
            connection = connect(self._port)
            connection.sendall(self._head)
            connection.setblocking(False)
            self._selector.register(connection, selectors.EVENT_READ)
            self._connections.append(connection)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._selector.close()
        for connection in self._connections:
            connection.close()

    def _drip(self) -> None:
        ends = time.monotonic() + self.LASTS_S
        drip_at = 0.0
        while time.monotonic() < ends and not self._stop.is_set():
            for key, _ in self._selector.select(0.2):
                self._hear(key.fileobj)  # type: ignore[arg-type]
            if time.monotonic() > drip_at:
                drip_at = time.monotonic() + 1
                for key in list(self._selector.get_map().values()):
                    self._send(key.fileobj)  # type: ignore[arg-type]

    def _send(self, connection: socket.socket) -> None:
        try:
            connection.send(b"x")
        except BlockingIOError:
            return
        except OSError:
            self._hear(connection)

    def _hear(self, connection: socket.socket) -> None:
        try:
            said = connection.recv(4_096)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        self._selector.unregister(connection)
        self.answers.append(said)


def pour(port: int, head: bytes, pieces: Iterator[bytes]) -> tuple[int, int]:
    """Send until the server answers or closes; its status (0: none) and the bytes it accepted."""
    accepted = 0
    with connect(port) as connection:
        connection.sendall(head)
        connection.setblocking(False)
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
            left = b""
            while events := selector.select(60):
                if any(what & selectors.EVENT_READ for _, what in events):
                    break
                left = left or next(pieces, b"")
                if not left:
                    selector.modify(connection, selectors.EVENT_READ)
                    continue
                try:
                    sent = connection.send(left)
                except OSError:
                    break
                accepted += sent
                left = left[sent:]
        return status_of(connection), accepted


def status_of(connection: socket.socket) -> int:
    """Of the answer that is there or comes; 0 when the connection closed without one."""
    connection.settimeout(60)
    try:
        said = connection.recv(4_096)
    except OSError:
        return 0
    return int(said.split(b" ", 2)[1]) if said.startswith(b"HTTP/") else 0


def plain(total: int) -> Iterator[bytes]:
    """A body of `total` bytes."""
    for _ in range(total // len(PIECE)):
        yield PIECE


def chunked(total: int) -> Iterator[bytes]:
    """The same in chunks, without an end."""
    for piece in plain(total):
        yield b"%x\r\n" % len(piece) + piece + b"\r\n"


@contextmanager
def deaf(port: int, request: bytes, number: int) -> Iterator[list[socket.socket]]:
    """Connections that have asked and never read; their windows are as small as they can be."""
    found: list[socket.socket] = []
    try:
        for _ in range(number):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            connection.settimeout(30)
            connection.connect(("127.0.0.1", port))
            connection.sendall(request)
            found.append(connection)
        yield found
    finally:
        for connection in found:
            connection.close()
