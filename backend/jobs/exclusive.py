"""One worker at a time for a named piece of work; a crashed one loses its lease in a minute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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
