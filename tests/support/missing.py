"""Contacts that HubSpot no longer shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from backend.clients.http import Answer
from backend.model import PortalSettings, Urgency
from backend.scoring.write_back import properties_of
from backend.storage.leads import due_leads, scores
from backend.storage.outbox import writes
from backend.wiring import Product
from tests.integration.conftest import PORTAL, Connected
from tests.support.product import changed

PAGE = Answer(404, {"content-type": "text/html"}, None, 5)


class Later:
    """The real time and a while more."""

    def __init__(self, real: Any, seconds: float) -> None:
        self._real = real
        self._more = timedelta(seconds=seconds)

    def now(self) -> datetime:
        found: datetime = self._real.now() + self._more
        return found

    def sleep(self, seconds: float) -> None:
        self._real.sleep(seconds)


def forward(connected: Connected, seconds: float) -> None:
    """Time passes, for jobs."""
    connected.product = changed(
        connected.product, clock=Later(connected.product.stores.clock, seconds)
    )


def unanswered(product: Product, path: str) -> Product:
    """Calls to this path never reach HubSpot: something in between shows a page."""
    return changed(product, http=Unreached(product.hubspot.http, path))


class Unreached:
    """HubSpot behind a proxy that does not know a path."""

    def __init__(self, real: Any, path: str) -> None:
        self._real = real
        self._path = path

    def send(self, method: str, url: str, **more: Any) -> Answer:
        if self._path in url:
            return PAGE
        answer: Answer = self._real.send(method, url, **more)
        return answer


def make_due(connected: Connected, ids: list[str]) -> None:
    product = connected.product
    with product.stores.database.write() as conn:
        now = product.stores.clock.now()
        due_leads.mark_due(
            conn, PORTAL, ids, Urgency.EVENT, now, cause="event", refresh=True, coalesce=False
        )


def write_again_without_flush(connected: Connected, ids: list[str]) -> None:
    with connected.product.stores.database.write() as conn:
        writes.forget(conn, PORTAL, ids)
        stored = scores.current(conn, PORTAL, ids)
        payloads = {cid: properties_of(score, PortalSettings()) for cid, score in stored.items()}
        writes.put(conn, PORTAL, payloads, connected.product.stores.clock.now())


def ours(connected: Connected) -> set[str]:
    """Names of our properties that the portal has."""
    every = connected.sandbox.portal.catalogs["contacts"].all()
    return {one.name for one in every if one.name.startswith("ai_")}
