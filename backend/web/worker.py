"""Gunicorn's threaded worker, with the network kept away from its threads.

A thread gets a request when all of it is in memory, and its answer is taken from memory: nobody
can hold a thread by sending or reading slowly. The worker's main loop does the waiting, with a
deadline for everything and bounds for what is held.
"""

from __future__ import annotations

import json
import resource
import selectors
import socket
import time
from collections import Counter
from concurrent.futures import Future
from enum import Enum, auto
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import structlog
from gunicorn.workers.gthread import TConn, ThreadWorker

from backend.config import WEBHOOK_BODY_MAX
from backend.web.framing import BodyProgress, Incoming, Refused

HEAD_S: Final = 10.0  # a request's header fields come in one or two packets
BODY_S: Final = 20.0  # 1 MB at 50 kB/s; HubSpot itself gives up after 5 s
ANSWER_S: Final = 30.0  # our largest answers are a few MB
LINGER_S: Final = 2.0  # after an answer that closes: so that the client can read it
HELD_MAX: Final = 64_000_000  # bytes of requests, and of unread answers, in one worker process
FILES_BESIDE: Final = 200  # descriptors for everything else: database, queue, providers
RECEIVE: Final = 65_536  # bytes asked for at once
SWEEP_S: Final = 0.5  # how exactly deadlines are kept
LOG_S: Final = 60.0  # at most one line about refused requests in so long

log = structlog.get_logger()


class ReadStage(Enum):
    """What a connection waits for."""

    REQUEST = auto()
    THREAD = auto()
    TAKEN = auto()  # that the client takes the answer
    CLOSED = auto()  # that the client closes


class Memory:
    """All that a thread sees of a connection: the request's bytes, and room for the answer."""

    def __init__(self) -> None:
        self._request = memoryview(b"")
        self.answer = bytearray()

    def fill(self, request: bytes) -> None:
        """Another request is there."""
        self._request = memoryview(request)

    def recv(self, size: int) -> bytes:
        """b"" at the end, as of a connection whose client sends no more: it never waits."""
        found, self._request = self._request[:size], self._request[size:]
        return bytes(found)

    def sendall(self, data: bytes) -> None:
        """Part of the answer."""
        self.answer += data

    def send(self, data: bytes) -> int:
        """Gunicorn's late `100 Continue`: the body is here already."""
        return len(data)

    def gettimeout(self) -> float:
        """As of a socket that never waits."""
        return 0.0

    def settimeout(self, timeout_s: float | None) -> None:
        """There is nothing to wait for."""

    def setblocking(self, flag: bool) -> None:
        """There is nothing to wait for."""

    def shutdown(self, how: int) -> None:
        """The main loop does it."""

    def close(self) -> None:
        """The main loop does it."""


class ClientConnection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """One client. `sock` is what gunicorn's threads use, `network` what the main loop uses."""

    def __init__(self, cfg: Any, network: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, network, client, server)
        self.network = network
        self.sock = Memory()
        self.data_ready = True
        self.received = Incoming()
        self.stage = ReadStage.REQUEST
        self.has_head = False
        self.held = 0  # bytes of the request that a thread has
        self.lingered = 0  # bytes thrown away after the answer
        self.keep = True
        self.deadline = time.monotonic() + HEAD_S

    def send(self) -> bool:
        """Send as much of the answer as the network takes now; False when there is more."""
        try:
            while self.sock.answer:
                del self.sock.answer[: self.network.send(self.sock.answer)]
        except BlockingIOError:
            return False
        except OSError:
            self.sock.answer.clear()
            self.keep = False
        return True


class BufferingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """`worker_class` of backend/gunicorn.py."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open: dict[ClientConnection, None] = {}  # the longest waiting first
        self._held = 0  # bytes of requests, received and with threads
        self._swept_at = self._logged_at = 0.0
        self._refused: Counter[int] = Counter()

    def init_process(self) -> None:
        """Room for as many open files as connections, where the platform lets us."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = self.cfg.worker_connections + FILES_BESIDE
        if soft < wanted:
            soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        self._connections_max = min(self.cfg.worker_connections, max(1, soft - FILES_BESIDE))
        self.worker_connections = self._connections_max + 1  # it never stops accepting
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """A new client; when there are too many, the one that has waited longest has to go."""
        try:
            network, client = listener.accept()
        except OSError:  # another process was faster, or the client has gone
            return
        network.setblocking(False)
        if len(self._open) >= self._connections_max:
            oldest = next((c for c in self._open if c.stage is not ReadStage.THREAD), None)
            if oldest is None:
                network.close()
                return
            self._refused[503] += 1
            self._close(oldest)
        connection = ClientConnection(self.cfg, network, client, listener.getsockname())
        self._open[connection] = None
        self.nr_conns += 1
        self._watch(connection, selectors.EVENT_READ)

    def handle(self, conn: ClientConnection) -> Any:
        """In a thread: gunicorn's own work, then as much of the answer as goes out at once."""
        result = super().handle(conn)
        conn.send()
        return result

    def finish_request(self, conn: ClientConnection, fs: Future[Any]) -> None:
        """A thread is done with it."""
        self._held -= conn.held
        conn.held = 0
        answered = not fs.cancelled() and fs.exception() is None and fs.result() is True
        # Bytes that gunicorn left: it read another request than we did, so nothing more is read.
        conn.keep = conn.keep and answered and not conn.parser.unreader.buf.getvalue()
        self._send(conn)

    def murder_pending(self) -> None:
        """Close whoever is past its deadline."""
        now = time.monotonic()
        if now - self._swept_at < SWEEP_S:
            return
        self._swept_at = now
        if not self.alive:  # a request may be on its way just now; otherwise nothing is waited for
            for conn in self._receiving():
                if not len(conn.received):
                    conn.deadline = min(conn.deadline, now + LINGER_S)
        for conn in [c for c in self._open if c.stage is not ReadStage.THREAD and c.deadline < now]:
            if conn.stage is ReadStage.REQUEST and len(conn.received):
                self._refuse(conn, Refused(408, "late", "The request did not come in time."))
            else:
                self._close(conn)
        if self._refused and now - self._logged_at > LOG_S:
            counts = {str(status): number for status, number in self._refused.items()}
            log.warning("requests_refused", **counts)
            self._refused.clear()
            self._logged_at = now

    def _on_bytes(self, conn: ClientConnection, network: socket.socket) -> None:
        if conn not in self._open:  # closed by an event before this one
            return
        try:
            received = network.recv(RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._close(conn)
        elif conn.stage is ReadStage.CLOSED:
            conn.lingered += len(received)
            if conn.lingered > WEBHOOK_BODY_MAX:
                self._close(conn)
        elif conn.stage is ReadStage.REQUEST:
            self._receive(conn, received)

    def _receive(self, conn: ClientConnection, received: bytes) -> None:
        was_idle = not len(conn.received)
        try:
            progress = self._add(conn, received)
        except Refused as refused:
            self._refuse(conn, refused)
            return
        if progress is BodyProgress.COMPLETE:
            self._start(conn)
            return
        if progress is BodyProgress.BODY and not conn.has_head:
            conn.has_head = True
            conn.deadline = time.monotonic() + BODY_S
            if conn.received.wants_continue:
                conn.sock.answer += b"HTTP/1.1 100 Continue\r\n\r\n"
                conn.send()
        elif was_idle and progress is BodyProgress.HEAD:
            conn.deadline = time.monotonic() + HEAD_S
        if self._held > HELD_MAX:
            largest = max(self._receiving(), key=lambda c: len(c.received))
            self._refuse(largest, Refused(503, "unavailable", "Too much at once: try again."))

    def _add(self, conn: ClientConnection, received: bytes) -> BodyProgress:
        before = len(conn.received)
        try:
            return conn.received.add(received)
        finally:
            self._held += len(conn.received) - before

    def _receiving(self) -> list[ClientConnection]:
        return [conn for conn in self._open if conn.stage is ReadStage.REQUEST]

    def _start(self, conn: ClientConnection) -> None:
        self.poller.unregister(conn.network)
        request = conn.received.take()
        conn.held = len(request)
        conn.sock.fill(request)
        conn.stage = ReadStage.THREAD
        self.enqueue_req(conn)

    def _send(self, conn: ClientConnection) -> None:
        """From no event to the one that is next."""
        if not conn.send():
            conn.stage = ReadStage.TAKEN
            conn.deadline = time.monotonic() + ANSWER_S
            self._watch(conn, selectors.EVENT_WRITE)
            unread = [c for c in self._open if c.stage is ReadStage.TAKEN]
            if sum(len(c.sock.answer) for c in unread) > HELD_MAX:
                self._close(max(unread, key=lambda c: len(c.sock.answer)))
        elif conn.keep:
            self._wait_for_next(conn)
        else:
            self._linger(conn)

    def _on_room(self, conn: ClientConnection, network: socket.socket) -> None:
        if conn in self._open and conn.send():
            self.poller.unregister(network)
            self._send(conn)

    def _wait_for_next(self, conn: ClientConnection) -> None:
        conn.stage = ReadStage.REQUEST
        conn.has_head = False
        del self._open[conn]  # it waits from now on
        self._open[conn] = None
        idle_s = self.cfg.keepalive if self.alive else LINGER_S
        conn.deadline = time.monotonic() + idle_s
        self._watch(conn, selectors.EVENT_READ)
        if len(conn.received):  # pipelined
            conn.deadline = time.monotonic() + HEAD_S
            self._receive(conn, b"")

    def _linger(self, conn: ClientConnection) -> None:
        """RFC 9112, section 9.6: close at once and the client may never read the answer."""
        conn.stage = ReadStage.CLOSED
        conn.deadline = time.monotonic() + LINGER_S
        try:
            conn.network.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
            return
        self._watch(conn, selectors.EVENT_READ)

    def _refuse(self, conn: ClientConnection, refused: Refused) -> None:
        self._refused[refused.status] += 1
        self._held -= len(conn.received)
        conn.received = Incoming()
        conn.keep = False
        told = {"ok": False, "code": refused.code, "message": refused.message, "problems": []}
        body = json.dumps(told).encode()
        phrase = HTTPStatus(refused.status).phrase
        conn.sock.answer += (
            f"HTTP/1.1 {refused.status} {phrase}\r\nContent-Length: {len(body)}\r\n"
            "Content-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        ).encode() + body
        self.poller.unregister(conn.network)
        self._send(conn)

    def _watch(self, conn: ClientConnection, events: int) -> None:
        what = self._on_room if events == selectors.EVENT_WRITE else self._on_bytes
        self.poller.register(conn.network, events, partial(what, conn))

    def _close(self, conn: ClientConnection) -> None:
        """From any stage but THREAD; the client notices, whatever it was about to do."""
        del self._open[conn]
        self.nr_conns -= 1
        self._held -= len(conn.received)
        if conn.network in self.poller.get_map():
            self.poller.unregister(conn.network)
        conn.network.close()
