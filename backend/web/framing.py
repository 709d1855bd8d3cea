"""Where one HTTP request ends in the bytes of a connection, before anything is parsed for good.

Gunicorn's own parser reads what is handed on; this only finds the end, and refuses what is too
large or what two readers could understand differently (RFC 9112, section 6.3).
"""

from __future__ import annotations

import re
from enum import Enum, auto

from backend.config import WEBHOOK_BODY_MAX

HEAD_MAX = 65_536  # bytes of request line and fields; HubSpot's are about 2,000
TRAILERS_MAX = 8_192  # bytes; nobody we know sends any
CHUNK_LINE_MAX = 256  # bytes of one chunk's size with its extensions
CHUNKED_MAX = 2 * WEBHOOK_BODY_MAX  # bytes of a chunked body with its framing
END = b"\r\n\r\n"
HEX = re.compile(rb"[0-9A-Fa-f]{1,16}")


class BodyProgress(Enum):
    """What is there of the request that is being received."""

    NOTHING = auto()
    HEAD = auto()
    BODY = auto()
    COMPLETE = auto()


class Refused(Exception):
    """The connection can only be closed: all three are for the client."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Incoming:
    """The bytes received on one connection: a request, and perhaps the start of the next."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._start_over()

    def __len__(self) -> int:
        return len(self._bytes)

    @property
    def wants_continue(self) -> bool:
        """Whether the client waits for `100 Continue` before it sends the body."""
        return self._expects and len(self._bytes) == self._body_at

    def add(self, received: bytes) -> BodyProgress:
        """Raises Refused when this can never become a request that is taken."""
        self._bytes += received
        return self.progress()

    def progress(self) -> BodyProgress:
        """How far the first request has come; raises Refused."""
        if not self._body_at:
            self._look_for_head()
        if not self._body_at:
            return BodyProgress.HEAD if self._bytes else BodyProgress.NOTHING
        if self._chunked:
            self._look_through_chunks()
        return BodyProgress.COMPLETE if 0 < self._end <= len(self._bytes) else BodyProgress.BODY

    def take(self) -> bytes:
        """The complete request, exactly; what came behind it stays."""
        request = bytes(self._bytes[: self._end])
        del self._bytes[: self._end]
        self._start_over()
        return request

    def _start_over(self) -> None:
        self._searched = 0  # so far there is no end of the head
        self._body_at = 0  # 0: the head is not complete
        self._end = 0  # 0: not known yet
        self._chunked = False
        self._chunk_at = 0  # where the next chunk's size begins
        self._chunk_total = 0
        self._in_trailers = False
        self._expects = False

    def _look_for_head(self) -> None:
        if not self._searched and self._bytes.startswith((b"\r", b"\n")):
            self._bytes = self._bytes.lstrip(b"\r\n")  # RFC 9112, section 2.2
        found = self._bytes.find(END, max(0, self._searched - len(END)))
        self._searched = len(self._bytes)
        if found > HEAD_MAX or (found < 0 and self._searched > HEAD_MAX):
            raise Refused(431, "too_large", "The request's header fields are too large.")
        if found >= 0:
            self._body_at = found + len(END)
            self._read_head(bytes(self._bytes[:found]))

    def _read_head(self, head: bytes) -> None:
        request_line, *lines = head.split(b"\r\n")
        fields: dict[bytes, list[bytes]] = {}
        for line in lines:
            name, _, text = line.partition(b":")
            fields.setdefault(name.strip().lower(), []).append(text.strip())
        lengths = fields.get(b"content-length", [])
        self._chunked = b"transfer-encoding" in fields
        if len(lengths) + self._chunked > 1:
            raise Refused(400, "bad_request", "The length of the body stands more than once.")
        if lengths and not (lengths[0].isdigit() and len(lengths[0]) < 20):
            raise Refused(400, "bad_request", "Content-Length is not a number.")
        length = int(lengths[0]) if lengths else 0
        if length > WEBHOOK_BODY_MAX:
            raise too_large()
        self._chunk_at = self._body_at
        self._end = 0 if self._chunked else self._body_at + length
        expected = [text.lower() for text in fields.get(b"expect", [])]
        self._expects = request_line.endswith(b"HTTP/1.1") and expected == [b"100-continue"]

    def _look_through_chunks(self) -> None:
        if len(self._bytes) - self._body_at > CHUNKED_MAX:
            raise too_large()
        while not self._end and not self._in_trailers and self._read_chunk_size():
            pass
        if self._in_trailers:
            self._look_for_end_of_trailers()

    def _read_chunk_size(self) -> bool:
        """False when the next one is not there yet."""
        line_end = self._bytes.find(b"\r\n", self._chunk_at, self._chunk_at + CHUNK_LINE_MAX)
        if line_end < 0:
            if len(self._bytes) - self._chunk_at >= CHUNK_LINE_MAX:
                raise Refused(400, "bad_request", "A chunk's size is not a number.")
            return False
        digits = bytes(self._bytes[self._chunk_at : line_end]).partition(b";")[0].strip(b" \t")
        if not HEX.fullmatch(digits):
            raise Refused(400, "bad_request", "A chunk's size is not a number.")
        size = int(digits, 16)
        self._chunk_total += size
        if self._chunk_total > WEBHOOK_BODY_MAX:
            raise too_large()
        self._in_trailers = size == 0
        self._chunk_at = line_end if self._in_trailers else line_end + 2 + size + 2
        return not self._in_trailers

    def _look_for_end_of_trailers(self) -> None:
        # From the line end behind the last size: with no trailers, its CRLF and the last one.
        found = self._bytes.find(END, self._chunk_at)
        if found >= 0:
            self._end = found + len(END)
        elif len(self._bytes) - self._chunk_at > TRAILERS_MAX:
            raise Refused(431, "too_large", "The request's trailer fields are too large.")


def too_large() -> Refused:
    """What a body over WEBHOOK_BODY_MAX gets, before it is read."""
    return Refused(413, "too_large", f"The body is larger than {WEBHOOK_BODY_MAX:,} bytes.")
