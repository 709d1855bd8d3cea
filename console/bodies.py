"""Bodies of requests, received whole before anything else sees them: bounded in size and time."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import Message, Receive

FORM_MAX: Final = 10_000  # bytes of a form that anybody may send
UPLOAD_MAX: Final = 2_000_000  # bytes; Streamlit takes 1 MB of them as a file, the rest is framing
LENGTH_DIGITS: Final = 15  # of Content-Length, leading zeros included
BODY_S: Final = 20.0  # a megabyte at 50 kB/s


class Refused(Exception):
    """The body is not taken; the connection has to be closed."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def received(connection: HTTPConnection, receive: Receive, limit: int) -> Receive:
    """A `receive` that has the whole body; raises Refused over `limit` bytes or after BODY_S."""
    length = connection.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > LENGTH_DIGITS or int(length) > limit:
        raise Refused(413, "The request is too large.")
    try:
        async with asyncio.timeout(BODY_S):
            first = await _whole(receive, limit)
    except TimeoutError:
        raise Refused(408, "The request did not come in time.") from None
    messages = [first]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


async def _whole(receive: Receive, limit: int) -> Message:
    """One message for the whole body."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(400, "The request ended early.")
        body += message.get("body", b"")
        if len(body) > limit:
            raise Refused(413, "The request is too large.")
        if not message.get("more_body"):
            return {"type": "http.request", "body": bytes(body), "more_body": False}
