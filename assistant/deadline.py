"""A deadline for whoever sends a request slowly: uvicorn has none, and each holds a place."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle


class WithDeadline(H11Protocol):
    """A connection that ends when the whole of its next request is not there after one to two times
    `WITHIN_S`; a request that is being answered has all the time it takes."""

    WITHIN_S: ClassVar[float] = 10.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn's, and from now on watched."""
        super().connection_made(transport)
        self._watch()

    def _watch(self) -> None:
        self.loop.call_later(self.WITHIN_S, self._look, self._state())

    def _look(self, before: tuple[bool, RequestResponseCycle | None]) -> None:
        """`before`: whether it waited for the sender when last looked at, and after which
        request."""
        if self.transport.is_closing():
            return
        if before[0] and before == self._state():
            self.transport.abort()
            return
        self._watch()

    def _state(self) -> tuple[bool, RequestResponseCycle | None]:
        cycle: RequestResponseCycle | None = self.cycle
        waits = cycle is None or cycle.more_body or cycle.response_complete
        return waits, cycle
