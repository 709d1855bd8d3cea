"""A process that dies between any two of its steps: before or after a commit or a call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from backend.clients.http import Answer
from backend.wiring import Product
from tests.support.product import changed


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class Bomb:
    """Goes off at the `at`-th step; steps are counted twice, before and after they take effect.
    With `calls_only` commits do not count: so it goes off around what HubSpot was asked."""

    def __init__(self, at: int | None, *, calls_only: bool = False) -> None:
        self._left = at
        self._calls_only = calls_only
        self.went_off = False

    def tick(self, *, call: bool = False) -> None:
        if self._left is None or (self._calls_only and not call):
            return
        self._left -= 1
        if self._left <= 0:
            self._left, self.went_off = None, True
            raise Killed


class _Database:
    def __init__(self, real: Any, bomb: Bomb) -> None:
        self._real = real
        self._bomb = bomb
        self.engine = real.engine

    def read(self) -> Any:
        return self._real.read()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self._real.write() as conn:
            yield conn
            self._bomb.tick()  # before the commit: everything is rolled back
        self._bomb.tick()


class _Http:
    def __init__(self, real: Any, bomb: Bomb) -> None:
        self._real = real
        self._bomb = bomb

    def send(self, method: str, url: str, **more: Any) -> Answer:
        self._bomb.tick(call=True)
        answer: Answer = self._real.send(method, url, **more)
        self._bomb.tick(call=True)  # it took effect and nobody heard the answer
        return answer


class _Awake:
    """The real time; waiting takes none."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def now(self) -> datetime:
        found: datetime = self._real.now()
        return found

    def sleep(self, seconds: float) -> None:
        return None


def dying(product: Product, at: int | None, *, calls_only: bool = False) -> tuple[Product, Bomb]:
    """The same product, killed at its `at`-th step; None never dies. Retries do not wait."""
    bomb = Bomb(at, calls_only=calls_only)
    return (
        changed(
            product,
            clock=_Awake(product.stores.clock),
            database=_Database(product.stores.database, bomb),
            http=_Http(product.hubspot.http, bomb),
        ),
        bomb,
    )
