"""Hosts of their own on one machine: network namespaces joined by a link that can be cut.

Services listen on loopback, as a plain connection has to. On a host, 127.0.0.1 with a service's
port leads over the link to the real one: a relay at each end. A cut link answers nothing at all,
as a host that was unplugged. Needs root and `ip netns`.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PIECE = 65_536  # bytes


def possible() -> bool:
    """Whether this user may make a namespace; several processes may ask at once."""
    probe = f"leadlight-probe-{os.getpid()}"
    try:
        made = _ip("netns", "add", probe, check=False)
        _ip("netns", "del", probe, check=False)
    except FileNotFoundError:
        return False
    return made.returncode == 0


class Host:
    """A namespace by its number, 1 to 200; `prefix` runs a command in it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.name = f"leadlight-{number}"
        self.prefix = ["ip", "netns", "exec", self.name]
        self._link = f"ll{number}"
        self._near, self._far = f"10.213.{number}.1", f"10.213.{number}.2"
        self._relays: list[subprocess.Popen[bytes]] = []

    def make(self, services: Mapping[int, str]) -> None:
        """The namespace, its link, and the way to each service: the port by which the host knows
        it, and where it is (`127.0.0.1:6379`, or the path of a socket)."""
        _ip("netns", "add", self.name)
        _ip("link", "add", self._link, "type", "veth", "peer", "name", "far", "netns", self.name)
        _ip("addr", "add", f"{self._near}/30", "dev", self._link)
        _ip("link", "set", self._link, "up")
        for words in (
            ("addr", "add", f"{self._far}/30", "dev", "far"),
            ("link", "set", "far", "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-n", self.name, *words)
        near = {f"{self._near}:{port}": target for port, target in services.items()}
        far = {f"127.0.0.1:{port}": f"{self._near}:{port}" for port in services}
        self._relay([], near)
        self._relay(self.prefix, far)

    def cut(self) -> None:
        """Nothing goes through, and nobody is told."""
        _ip("link", "set", self._link, "down")

    def join(self) -> None:
        """As before; what was on its way is sent again by TCP."""
        _ip("link", "set", self._link, "up")

    def remove(self) -> None:
        """Everything of it; its processes have ended."""
        for relay in self._relays:
            relay.kill()
            relay.wait(10)
        _ip("netns", "del", self.name, check=False)
        _ip("link", "del", self._link, check=False)

    def _relay(self, prefix: list[str], ways: Mapping[str, str]) -> None:
        line = [*prefix, sys.executable, "-m", "bench.hosts", json.dumps(ways)]
        self._relays.append(subprocess.Popen(line, cwd=ROOT))


@contextmanager
def hosts(number: int, services: Mapping[int, str]) -> Iterator[list[Host]]:
    """So many hosts that reach these services."""
    made = [Host(one) for one in range(1, number + 1)]
    try:
        for host in made:
            host.remove()  # of a run that was killed
            host.make(services)
        yield made
    finally:
        for host in made:
            host.remove()


def _ip(*words: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ip", *words], check=check, capture_output=True)


async def _serve(ways: Mapping[str, str]) -> None:
    servers = [await _listen(at, target) for at, target in ways.items()]
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def _listen(at: str, target: str) -> asyncio.Server:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there, back = await _connected(target)
            await asyncio.gather(_pour(reader, back), _pour(there, writer))
        writer.close()

    host, port = at.rsplit(":", 1)
    return await asyncio.start_server(answer, host, int(port))


async def _connected(target: str) -> Any:
    if target.startswith("/"):
        return await asyncio.open_unix_connection(target)
    host, port = target.rsplit(":", 1)
    return await asyncio.open_connection(host, int(port))


async def _pour(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(PIECE):
            into.write(piece)
            await into.drain()
    into.close()


if __name__ == "__main__":
    asyncio.run(_serve(json.loads(sys.argv[1])))
