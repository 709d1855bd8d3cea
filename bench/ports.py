"""Ports for servers of tests and benchmarks."""

from __future__ import annotations

import random
import socket

# Below 32,768, from where on Linux gives ports to outgoing connections (ip(7)): one of those could
# take a port between its choosing and its server's start, or while its server is restarted.
_CHOICE = range(15_000, 32_000)


def free_port() -> int:
    """One that nobody listens on now; by chance, so that test processes do not meet."""
    for port in random.SystemRandom().sample(_CHOICE, 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port among a hundred from {_CHOICE.start} to {_CHOICE.stop}")
