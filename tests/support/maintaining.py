"""Maintenance that ran."""

from __future__ import annotations

from backend.jobs.upkeep import maintain
from backend.storage import runs
from backend.storage.operations import maintenance
from backend.wiring import Product


def maintained(product: Product, portal_id: int, kind: str) -> maintenance.Report:
    with product.stores.database.write() as conn:
        runs.start(conn, portal_id, kind, product.stores.clock.now())
    getattr(maintain, kind)(product, portal_id)
    with product.stores.database.read() as conn:
        return maintenance.last_reports(conn, portal_id)[kind]
