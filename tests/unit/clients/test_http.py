"""The wire misbehaves: silence, half an answer, a reset, no TLS, no such name. All may pass."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from backend.clients.http import Http
from backend.errors import Outage, OutcomeUnknown, Transient

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


def certificate(folder: Path, name: str, days: tuple[int, int]) -> Path:
    """Key and certificate of a name in one file, valid from and until so many days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def tls(pem: Path) -> Iterator[str]:
    """A server on localhost that shows this certificate to whoever calls; its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with suppress(OSError), context.wrap_socket(connection, server_side=True) as safe:
                safe.recv(65_536)
                safe.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"localhost:{listening.getsockname()[1]}"
        thread.join(timeout=5)


@pytest.mark.parametrize(
    ("name", "days", "known"),
    [("localhost", (-1, 1), False), ("elsewhere", (-1, 1), True), ("localhost", (-9, -8), True)],
    ids=["of nobody we know", "of another name", "expired"],
)
def test_a_certificate_that_is_refused_is_named_with_its_cure(
    tmp_path: Path, name: str, days: tuple[int, int], known: bool
) -> None:
    pem = certificate(tmp_path, name, days)
    http = Http(read_timeout_s=2)
    if known:
        http._session.verify = str(pem)
    with tls(pem) as address, pytest.raises(Outage) as caught:
        http.send("GET", f"https://{address}/x")
    http.close()
    assert caught.value.outage == "certificate"
    assert caught.value.cure == "check the certificate, the address and our clock"


def test_a_certificate_that_is_trusted_is_taken(tmp_path: Path) -> None:
    pem = certificate(tmp_path, "localhost", (-1, 1))
    http = Http(read_timeout_s=2)
    http._session.verify = str(pem)
    with tls(pem) as address:
        assert http.send("GET", f"https://{address}/x").status == 200
    http.close()


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
