from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import HTTPConnection
from starlette.types import Message

from console.bodies import Refused, received


def read(pieces: list[bytes], length: str = "", then: str = "http.disconnect") -> list[Message]:
    """Two messages as the app gets them, for a client that sends `pieces` and then goes."""
    waiting: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
    ]
    if then == "http.request":
        waiting.append({"type": then, "body": b""})
    waiting.append({"type": "http.disconnect"})

    async def receive() -> Message:
        return waiting.pop(0)

    async def both() -> list[Message]:
        headers = [(b"content-length", length.encode())] if length else []
        scope = {"type": "http", "headers": headers}
        replay = await received(HTTPConnection(scope), receive, 10)
        return [await replay(), await replay()]

    with ThreadPoolExecutor(1) as apart:  # a browser test leaves a running loop in this thread
        return apart.submit(asyncio.run, both()).result()


def test_the_app_gets_one_whole_body_and_then_the_disconnection() -> None:
    whole, after = read([b"0123", b"456789"], "10", then="http.request")
    assert (whole["body"], whole["more_body"]) == (b"0123456789", False)
    assert after["type"] == "http.disconnect"


@pytest.mark.parametrize("length", ["11", "", "-1", "1e3", "9" * 5_000, "0" * 5_000])
def test_more_than_the_limit_is_refused_however_it_is_announced(length: str) -> None:
    with pytest.raises(Refused) as refused:
        read([b"0123456789", b"0"], length, then="http.request")
    assert refused.value.status == 413


def test_a_client_that_goes_in_the_middle_reaches_no_page() -> None:
    with pytest.raises(Refused):
        read([b"0123"])
