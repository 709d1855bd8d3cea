from __future__ import annotations

import random

import pytest

from backend.config import WEBHOOK_BODY_MAX
from backend.web.framing import HEAD_MAX, BodyProgress, Incoming, Refused

HEAD = b"POST /a HTTP/1.1\r\nHost: x\r\n"
WHOLE = [
    b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
    HEAD + b"Content-Length: 0\r\n\r\n",
    HEAD + b"content-length:  5 \r\n\r\nhello",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\nA;x=y\r\n0123\r\n\r\n56\r\n0\r\nTrail: er\r\n\r\n",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("request_bytes", WHOLE)
def test_a_request_is_complete_with_its_last_byte_and_not_before(request_bytes: bytes) -> None:
    incoming = Incoming()
    for place in range(len(request_bytes) - 1):
        assert incoming.add(request_bytes[place : place + 1]) in (
            BodyProgress.HEAD,
            BodyProgress.BODY,
        )
    assert incoming.add(request_bytes[-1:]) is BodyProgress.COMPLETE
    assert incoming.take() == request_bytes
    assert incoming.progress() is BodyProgress.NOTHING


@pytest.mark.parametrize("seed", range(20))
def test_pipelined_requests_come_apart_however_the_network_cuts_them(seed: int) -> None:
    draw = random.Random(seed)
    sent = [draw.choice(WHOLE) for _ in range(20)]
    stream = b"".join(sent)
    incoming, found = Incoming(), []
    while stream:
        size = draw.randint(1, 60)
        progress, stream = incoming.add(stream[:size]), stream[size:]
        while progress is BodyProgress.COMPLETE:
            found.append(incoming.take())
            progress = incoming.progress()
    assert found == sent


def chunk(size: int) -> bytes:
    return b"%x\r\n" % size + b"x" * size + b"\r\n"


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("received", "status"),
    [
        (HEAD + b"Content-Length: %d\r\n\r\n" % (WEBHOOK_BODY_MAX + 1), 413),
        (CHUNKED + b"%x\r\n" % (WEBHOOK_BODY_MAX + 1), 413),
        (CHUNKED + chunk(600_000) + chunk(600_000), 413),
        (CHUNKED + chunk(1) * (WEBHOOK_BODY_MAX // 2), 413),  # more framing than body
        (HEAD + b"X: " + b"x" * HEAD_MAX, 431),
        (CHUNKED + b"0\r\n" + b"T: " + b"x" * 10_000, 431),
        (HEAD + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\n", 400),
        (HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (HEAD + b"Content-Length: -1\r\n\r\n", 400),
        (HEAD + b"Content-Length: +3\r\n\r\n", 400),
        (HEAD + b"Content-Length: 1_0\r\n\r\n", 400),
        (HEAD + "Content-Length: ٣\r\n\r\n".encode(), 400),
        (HEAD + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n", 400),
        (CHUNKED + b"0x3\r\nabc\r\n", 400),
        (CHUNKED + b"-3\r\nabc\r\n", 400),
        (CHUNKED + b"\r\nabc\r\n", 400),
        (CHUNKED + b"3" * 300, 400),
    ],
)
def test_what_can_never_be_taken_is_refused_without_reading_on(
    received: bytes, status: int
) -> None:
    with pytest.raises(Refused) as refused:
        Incoming().add(received)
    assert refused.value.status == status


def test_exactly_the_limit_is_taken() -> None:
    body = b"x" * WEBHOOK_BODY_MAX
    plain = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    assert Incoming().add(plain) is BodyProgress.COMPLETE
    assert Incoming().add(CHUNKED + chunk(len(body)) + b"0\r\n\r\n") is BodyProgress.COMPLETE


@pytest.mark.parametrize(
    ("head", "waits"),
    [
        (b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", True),
        (b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", False),
        (b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\na", False),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n", False),
    ],
)
def test_a_client_that_waits_for_a_sign_is_recognised(head: bytes, waits: bool) -> None:
    incoming = Incoming()
    assert incoming.add(head) is BodyProgress.BODY
    assert incoming.wants_continue is waits
