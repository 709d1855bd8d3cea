"""One worker at a time for a named piece of work; a crashed one loses its lease in a minute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from backend.storage import portals, runs
from backend.storage.portals import Portal
from backend.storage.runs import Run
from backend.wiring import Product

LEASE_S = 60


class Held:
    """A lease that this worker holds and renews while it works."""

    def __init__(self, product: Product, name: str, token: str) -> None:
        self._product = product
        self._name = name
        self._token = token

    def renew(self) -> bool:
        """False when it lapsed and another worker took over: stop."""
        return self._product.leases.renew(self._name, self._token, LEASE_S)


@contextmanager
def exclusive(product: Product, name: str) -> Iterator[Held | None]:
    """The lease, or None while another worker holds it."""
    token = product.leases.take(name, LEASE_S)
    if token is None:
        yield None
        return
    try:
        yield Held(product, name, token)
    finally:
        product.leases.give_back(name, token)


@dataclass(frozen=True, slots=True)
class Work:
    """A run that this worker alone works on."""

    portal: Portal
    run: Run
    held: Held


@contextmanager
def running(
    product: Product, portal_id: int, kind: str, *, pulled: bool = False
) -> Iterator[Work | None]:
    """The newest run of a kind; None when it is not running, another worker is at it, or the
    portal was never `pulled` where that is needed."""
    with exclusive(product, f"{kind}:{portal_id}") as held:
        if held is None:
            yield None
            return
        with product.database.read() as conn:
            run = runs.latest(conn, portal_id, kind)
            portal = portals.get(conn, portal_id)
        if run is None or run.state != "running" or (pulled and portal.pulled_at is None):
            yield None
        else:
            yield Work(portal, run, held)
