"""The sandbox's HTTP server keeps connections, serves many at once and survives bad requests."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from sandbox.commands.serve import open_server
from sandbox.errors import SandboxError
from sandbox.testing import QUICK, RunningSandbox, running_sandbox

CONTACTS = "/crm/objects/2026-09/contacts"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(replace(QUICK, contacts=3)) as running:
        yield running


@pytest.fixture
def port(sandbox: RunningSandbox) -> int:
    return int(sandbox.url.rpartition(":")[2])


def test_a_connection_is_used_again(sandbox: RunningSandbox, port: int) -> None:
    token = sandbox.token()
    connection = http.client.HTTPConnection("localhost", port, timeout=5)
    headers = {"Authorization": f"Bearer {token}"}
    local = set()
    for method, body in (("GET", None), ("POST", json.dumps({"properties": {}})), ("GET", None)):
        connection.request(method, CONTACTS, body, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (200, 201)
        local.add(connection.sock.getsockname())
    connection.close()
    assert len(local) == 1


def test_parallel_writers_each_get_their_own_record(sandbox: RunningSandbox) -> None:
    token = sandbox.token()

    def create(number: int) -> str:
        body = {"properties": {"email": f"p{number}@made-up.example"}}
        return str(sandbox.api("POST", CONTACTS, body, token=token).json()["id"])

    with ThreadPoolExecutor(10) as pool:
        ids = list(pool.map(create, range(60)))
    assert len(set(ids)) == 60


def test_of_parallel_twins_only_one_is_created(sandbox: RunningSandbox) -> None:
    token = sandbox.token()

    def create(_: int) -> int:
        body = {"properties": {"email": "twin@made-up.example"}}
        return sandbox.api("POST", CONTACTS, body, token=token).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(create, range(8)))
    assert codes == [201] + [409] * 7


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: 99999999999", b"413"),
        (b"Content-Length: minus one", b"413"),
        (b"Transfer-Encoding: chunked", b"411"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(port: int, head: bytes, status: bytes) -> None:
    with socket.create_connection(("localhost", port), timeout=5) as raw:
        raw.sendall(b"POST /sandbox/token HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
        assert raw.recv(100).split()[1] == status


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"properties": []}'])
def test_a_body_that_is_not_what_it_should_be_is_400(sandbox: RunningSandbox, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {sandbox.token()}"}
    answer = sandbox.session.post(f"{sandbox.url}{CONTACTS}", data=body, headers=headers, timeout=5)
    assert answer.status_code == 400
    readable = body.startswith(b"{") and len(body) > 1
    assert answer.json().get("category") == ("VALIDATION_ERROR" if readable else None)


def test_an_unknown_path_answers_in_hubspots_error_shape(sandbox: RunningSandbox) -> None:
    answer = sandbox.api("GET", "/crm/objects/1999-01/contacts", token=sandbox.token())
    assert answer.status_code == 404 and answer.json()["correlationId"]


def test_health_counts_what_is_there(sandbox: RunningSandbox) -> None:
    found = sandbox.control("GET", "/health")
    assert found["status"] == "ok" and found["portals"]["4242001"]["companies"] >= 1


def test_a_taken_port_is_said_plainly(sandbox: RunningSandbox, port: int) -> None:
    with pytest.raises(SandboxError, match=f"{port}.*another --port"):
        open_server(replace(QUICK, port=port), sandbox.world)
