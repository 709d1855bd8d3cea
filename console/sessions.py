"""Which session cookies the API knows, asked for at most twice a minute each."""

from __future__ import annotations

import hashlib
import re
import time
from collections import OrderedDict
from typing import Final

from anyio import CapacityLimiter, to_thread
from starlette.requests import HTTPConnection

from console import cookies
from console.client import SignedOut
from console.forms import api_of

TOKEN: Final = re.compile(r"lls_[A-Za-z0-9_-]{43}")  # as the backend makes them
CONFIRMED_S: Final = 30.0  # an ended session opens nothing: every page asks the API itself
KEPT_MAX: Final = 1_000  # cookies, known and unknown; the one asked for longest ago goes
ASKING_MAX: Final = 8  # questions to the API at once; further ones wait


class Sessions:
    """Remembers the API's answers."""

    def __init__(self) -> None:
        self._answers: OrderedDict[bytes, tuple[float, bool]] = OrderedDict()
        self._limiter: CapacityLimiter | None = None

    async def knows(self, connection: HTTPConnection) -> bool:
        """Whether the request's cookie is a session; raises ApiError when the API cannot say."""
        token = cookies.value(connection.cookies, cookies.SESSION)
        if not TOKEN.fullmatch(token):
            return False
        key = _key(token)
        asked_at, known = self._answers.get(key, (float("-inf"), False))
        if time.monotonic() - asked_at > CONFIRMED_S:
            known = await self._ask(connection, token)
            self._answers[key] = time.monotonic(), known
            self._answers.move_to_end(key)
            if len(self._answers) > KEPT_MAX:
                self._answers.popitem(last=False)
        return known

    def forget(self, connection: HTTPConnection) -> None:
        """The request's cookie has been signed out: ask again."""
        token = cookies.value(connection.cookies, cookies.SESSION)
        self._answers.pop(_key(token), None)

    async def _ask(self, connection: HTTPConnection, token: str) -> bool:
        if self._limiter is None:  # it belongs to the running event loop
            self._limiter = CapacityLimiter(ASKING_MAX)
        client = api_of(connection, token)
        try:
            await to_thread.run_sync(client.read, "/session", limiter=self._limiter)
        except SignedOut:
            return False
        return True


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
