"""Accounts that refuse."""

from __future__ import annotations

from typing import Any

from tests.integration.conftest import PORTAL, Connected


def peculiar(live: Connected, **settings: Any) -> None:
    live.sandbox.control("PUT", f"/portals/{PORTAL}/settings", settings)
