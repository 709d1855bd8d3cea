"""An app's webhook endpoint inside a test: keeps what it gets and answers as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from sandbox.errors import Json
from sandbox.server import SandboxServer


class Receiver:
    """Answers 204, or what `answer` says for the n-th request; headers in lower case."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answer: Callable[[int], int] = lambda number: 204
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI app."""
        headers = {
            name[5:].lower().replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        with self._lock:
            self.requests.append((headers, environ["wsgi.input"].read()))
            number = len(self.requests)
        status = HTTPStatus(self.answer(number))
        start_response(f"{status.value} {status.phrase}", [])
        return []

    @property
    def events(self) -> list[Json]:
        """All events received, in order."""
        with self._lock:
            return [event for _, body in self.requests for event in json.loads(body)]

    def of(self, kind: str, **match: Any) -> list[Json]:
        """Events of a kind (`propertyChange`) whose keys have these values."""
        return [
            event
            for event in self.events
            if event["subscriptionType"].endswith(f".{kind}")
            and all(event.get(key) == value for key, value in match.items())
        ]


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    """Listen on a free loopback port until the block ends."""
    receiver = Receiver()
    server = SandboxServer("127.0.0.1", 0, receiver)
    receiver.url = f"http://127.0.0.1:{server.port}/hooks?a=%40b"
    thread = server.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
