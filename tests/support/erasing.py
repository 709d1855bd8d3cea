"""Erasures in the middle of something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend.model import Usage
from backend.services.privacy.erase import erase
from backend.wiring import Product
from tests.integration.conftest import PORTAL, Connected


class Interrupted:
    """An analyst during whose answer something else happens."""

    def __init__(self, product: Product, happens: Callable[[], object]) -> None:
        self.name = "rules"
        self._product = product
        self._happens = happens

    def cost(self) -> Usage:
        return Usage()

    def analyse(self, requests: Any, within_s: float = 15) -> Any:
        self._happens()
        return self._product.ai.analyst.analyse(requests)


class ErasesFirst(Interrupted):
    """An analyst during whose answer somebody erases a lead."""

    def __init__(self, product: Product, contact_id: str) -> None:
        super().__init__(product, lambda: erase(product, PORTAL, [contact_id]))


def forget_scores(connected: Connected) -> None:
    """So that the readers are asked again."""
    with connected.product.stores.database.write() as conn:
        conn.exec_driver_sql("DELETE FROM analyses")
        conn.exec_driver_sql("UPDATE scores SET input_hash = 'x'")
