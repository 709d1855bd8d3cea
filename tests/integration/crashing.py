"""A process that dies between any two of its steps: before or after a commit or a call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from backend.clients.http import Answer
from backend.clients.hubspot.oauth import HubSpotOAuth
from backend.clients.hubspot.tokens import TokenKeeper
from backend.storage.portals.tokens import SealedTokens
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

    def tick(self, *, call: bool = False, open_: bool = False) -> None:
        """A step is reached; `open_`: in a transaction that is not committed yet."""
        if self._left is None or (self._calls_only and not call):
            return
        self._left -= 1
        if self._left <= 0:
            self._left, self.went_off = None, True
            self.goes_off()

    def goes_off(self) -> None:
        raise Killed


class Interruption(Bomb):
    """Something else happens between two steps, which then go on."""

    def __init__(self, at: int, happens: Callable[[], object]) -> None:
        super().__init__(at)
        self._happens = happens

    def tick(self, *, call: bool = False, open_: bool = False) -> None:
        if not open_:  # nobody else gets anywhere in the middle of a transaction
            super().tick(call=call)

    def goes_off(self) -> None:
        self._happens()


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
            self._bomb.tick(open_=True)  # before the commit: everything is rolled back
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
    return armed(product, bomb), bomb


def armed(product: Product, bomb: Bomb) -> Product:
    """The same product with a bomb at its steps. Retries do not wait."""
    return changed(
        product,
        clock=_Awake(product.stores.clock),
        database=_Database(product.stores.database, bomb),
        http=_Http(product.hubspot.http, bomb),
    )


def with_tokens(product: Product, mortal: Product) -> Product:
    """`mortal`, made of `product`, with its steps in the tokens and the token endpoint, too."""
    known = product.stores.settings
    oauth = HubSpotOAuth(
        api_base=known.hubspot_api_base,
        authorize_base=known.hubspot_authorize_base,
        version=known.hubspot_api_version,
        client_id=known.hubspot_client_id,
        client_secret=known.hubspot_client_secret[0],
        http=mortal.hubspot.http,
        clock=product.stores.clock,
    )
    tokens = SealedTokens(mortal.stores.database, product.stores.cipher, product.stores.clock)
    keeper = TokenKeeper(tokens, product.stores.leases, oauth, product.stores.clock)
    return changed(mortal, oauth=oauth, tokens=tokens, keeper=keeper)
