"""A threaded HTTP/1.1 server for one WSGI app, with kept-alive connections.

Werkzeug's own server closes every connection after its answer and gunicorn cannot run inside a
test; this one does both, and hands the connection to the app so that faults can cut it.
"""

from __future__ import annotations

import contextlib
import io
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import unquote

from sandbox.faults.effects import SOCKET_KEY
from sandbox.numbers import BODY_MAX_BYTES, IDLE_S

WSGIApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_S
    wbufsize = -1  # an answer leaves in one piece
    disable_nagle_algorithm = True
    server: SandboxServer

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return
        head: list[Any] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
        ) -> Callable[[bytes], object]:
            head[:] = [status, headers]
            return self.wfile.write

        pieces = self.server.app(self._environ(body), start_response)
        try:
            self._answer(head[0], head[1], pieces)
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve

    def finish(self) -> None:
        """Close both streams, also when what is left to write has nobody to go to."""
        for stream in (self.wfile, self.rfile):
            with contextlib.suppress(OSError):
                stream.close()

    def _body(self) -> bytes | None:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            self.send_error(411)
            self.close_connection = True
            return None
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > BODY_MAX_BYTES:
            self.send_error(413)
            self.close_connection = True
            return None
        return self.rfile.read(int(length))

    def _answer(self, status: str, headers: list[tuple[str, str]], pieces: Iterable[bytes]) -> None:
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        self.send_header("Date", self.date_time_string())
        names = {name.lower() for name, _ in headers}
        for name, value in headers:
            self.send_header(name, value)
        if "content-length" not in names:
            pieces = [b"".join(pieces)]
            self.send_header("Content-Length", str(len(pieces[0])))
        self.end_headers()
        for piece in pieces:
            if self.command != "HEAD":
                self.wfile.write(piece)
                self.wfile.flush()
        self.wfile.flush()

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[:2]
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": self.path,
            "REQUEST_URI": self.path,
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            SOCKET_KEY: self.connection,
        }
        for name, value in self.headers.items():
            key = f"HTTP_{name.upper().replace('-', '_')}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: `GET /sandbox/stats` tells what was called."""


class SandboxServer(ThreadingHTTPServer):
    """Serves until `shutdown()`; `port` is the real one when 0 was asked for."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, host: str, port: int, app: WSGIApp) -> None:
        self.app = app
        super().__init__((host, port), _Handler)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def start(self) -> threading.Thread:
        """Serve in a thread of its own."""
        thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox", daemon=True
        )
        thread.start()
        return thread

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Broken connections are everyday; anything else is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError | ValueError | OSError):
            super().handle_error(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that a fault may have cut already."""
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_WR)
        self.close_request(request)
