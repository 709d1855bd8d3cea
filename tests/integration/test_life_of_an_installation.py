"""Disconnect: tokens at once, everything else after thirty days, HubSpot's side by choice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.errors import NotFound
from backend.storage import portals
from backend.storage.tables import metadata
from tests.integration.conftest import PORTAL, Connected
from tests.integration.test_commands import commands


def rows_of(connected: Connected) -> dict[str, int]:
    found = {}
    with connected.product.database.read() as conn:
        for table in metadata.sorted_tables:
            if "portal_id" in table.columns:
                query = table.select().where(table.c.portal_id == PORTAL)
                found[table.name] = len(conn.execute(query).all())
    return {name: count for name, count in found.items() if count}


def test_disconnect_erases_tokens_at_once_and_the_rest_on_schedule(live: Connected) -> None:
    done = commands(live)("portals", "disconnect", "--portal", str(PORTAL), "--archive", "--yes")
    assert done.exit_code == 0, done.stderr
    with pytest.raises(NotFound):
        live.product.tokens.load(PORTAL)
    calls = live.sandbox.control("GET", "/stats")["total_calls"]
    live.run()
    assert live.sandbox.control("GET", "/stats")["total_calls"] == calls  # no call is made
    assert "scores" in rows_of(live)
    with live.product.database.write() as conn:
        past = live.product.clock.now() - timedelta(days=31)
        portals.set_installation(conn, PORTAL, {"disconnected_at": past.isoformat()})
    live.run()
    assert set(rows_of(live)) <= {"portals", "audit"}
