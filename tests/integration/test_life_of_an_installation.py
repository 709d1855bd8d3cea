"""Disconnect: tokens at once, everything else after thirty days, HubSpot's side by choice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backend.clients.http import Answer
from backend.errors import NotConnected
from backend.jobs.flush_routes import flush_routes
from backend.jobs.flush_writes import flush_writes
from backend.jobs.setup import setup
from backend.services.portals.disconnect import disconnect
from backend.storage import runs
from backend.storage.portals import portals
from backend.storage.tables.base import metadata
from backend.wiring import Product
from tests.integration.conftest import PORTAL, Connected
from tests.support.commands import commands
from tests.support.product import changed


def rows_of(connected: Connected) -> dict[str, int]:
    found = {}
    with connected.product.stores.database.read() as conn:
        for table in metadata.sorted_tables:
            if "portal_id" in table.columns:
                query = table.select().where(table.c.portal_id == PORTAL)
                found[table.name] = len(conn.execute(query).all())
    return {name: count for name, count in found.items() if count}


def test_disconnect_erases_tokens_at_once_and_the_rest_on_schedule(live: Connected) -> None:
    done = commands(live)("portals", "disconnect", "--portal", str(PORTAL), "--archive", "--yes")
    assert done.exit_code == 0, done.stderr
    with pytest.raises(NotConnected):
        live.product.hubspot.tokens.load(PORTAL)
    calls = live.sandbox.control("GET", "/stats")["total_calls"]
    live.run()
    assert live.sandbox.control("GET", "/stats")["total_calls"] == calls  # no call is made
    assert "scores" in rows_of(live)
    with live.product.stores.database.write() as conn:
        past = live.product.stores.clock.now() - timedelta(days=31)
        portals.set_installation(conn, PORTAL, {"disconnected_at": past.isoformat()})
    live.run()
    assert set(rows_of(live)) <= {"portals", "audit"}


def test_what_cannot_be_archived_is_named_and_the_rest_goes_on(live: Connected) -> None:
    """HubSpot refuses one property, and the lists."""
    refusals = [
        {"effect": "error", "status": 400, "method": "DELETE", "path": "*/ai_lead_fit"},
        {"effect": "missing_scope", "method": "DELETE", "path": "/crm/lists/*"},
    ]
    live.sandbox.control("PUT", "/faults", {"rules": refusals})
    done = commands(live)("portals", "disconnect", "--portal", str(PORTAL), "--archive", "--yes")
    assert done.exit_code == 0, done.stderr
    named = [line for line in done.output.splitlines() if line.startswith("Not archived")]
    assert sum("ai_lead_fit" in line for line in named) == 2  # on contacts and lead records
    assert sum("lists/" in line for line in named) == 3
    with live.product.stores.database.read() as conn:
        assert portals.get(conn, PORTAL).state == "disconnected"
    with pytest.raises(NotConnected):
        live.product.hubspot.tokens.load(PORTAL)
    every = live.sandbox.portal.catalogs["contacts"].all()
    assert {one.name for one in every if one.name.startswith("ai_")} == {"ai_lead_fit"}


def test_a_404_of_every_property_path_is_not_taken_for_archived(live: Connected) -> None:
    page = {"effect": "error", "status": 404, "method": "DELETE", "path": "/crm/properties/*"}
    live.sandbox.control("PUT", "/faults", {"rules": [page]})
    done = commands(live)("portals", "disconnect", "--portal", str(PORTAL), "--archive", "--yes")
    assert done.output.count("HubSpot still shows it") == 13  # contacts and other records


class WorksMeanwhile:
    """While the first property is archived, jobs that had begun go on, and others begin."""

    def __init__(self, live: Connected) -> None:
        self._live = live
        self._real = live.product.hubspot.http
        self.refused: list[str] = []

    def send(self, method: str, url: str, **more: Any) -> Answer:
        answer = self._real.send(method, url, **more)
        if method == "DELETE" and not self.refused:
            self.refused.append("")
            self._work(self._live.product)
        return answer

    def _work(self, product: Product) -> None:
        with product.stores.database.write() as conn:
            runs.restart(conn, PORTAL, "setup", product.stores.clock.now())
        in_portal = product.hubspot.setup(PORTAL)
        for work in (in_portal.ensure_properties, in_portal.ensure_lists, in_portal.account):
            try:
                work()
            except NotConnected as error:
                self.refused.append(error.code)
        for job in (setup, flush_writes, flush_routes):
            job(product, PORTAL)


def test_nothing_is_made_again_while_it_is_archived(live: Connected) -> None:
    meanwhile = WorksMeanwhile(live)
    left = disconnect(
        changed(live.product, http=meanwhile),  # type: ignore[arg-type]
        PORTAL,
        archive=True,
        actor="t",
    )
    assert left.not_archived == ()
    assert meanwhile.refused == ["", "not_connected", "not_connected", "not_connected"]
    every = live.sandbox.portal.catalogs["contacts"].all()
    assert [one.name for one in every if one.name.startswith("ai_")] == []
