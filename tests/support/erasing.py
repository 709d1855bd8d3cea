"""Erasures in the middle of something."""

from __future__ import annotations

from typing import Any

from backend.model import Usage
from backend.services.privacy.erase import erase
from backend.wiring import Product
from tests.integration.conftest import PORTAL, Connected


class ErasesFirst:
    """An analyst during whose answer somebody erases a lead."""

    def __init__(self, product: Product, contact_id: str) -> None:
        self.name = "rules"
        self._product = product
        self._contact_id = contact_id

    def cost(self) -> Usage:
        return Usage()

    def analyse(self, requests: Any, within_s: float = 15) -> Any:
        erase(self._product, PORTAL, [self._contact_id])
        return self._product.ai.analyst.analyse(requests)


def forget_scores(connected: Connected) -> None:
    """So that the readers are asked again."""
    with connected.product.stores.database.write() as conn:
        conn.exec_driver_sql("DELETE FROM analyses")
        conn.exec_driver_sql("UPDATE scores SET input_hash = 'x'")
