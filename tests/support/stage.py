"""What tests over real processes ask of their stage."""

from __future__ import annotations

from backend.model import Urgency
from backend.storage.leads import due_leads, mirror
from bench.stage import Running


def all_due(stage: Running) -> list[str]:
    """Make every contact due as if events had come, and read them from the mirror alone."""
    product, portal = stage.scenario.product, stage.scenario.portal_id
    with product.stores.database.write() as conn:
        ids = mirror.contact_ids(conn, portal, limit=10_000)
        now = product.stores.clock.now()
        due_leads.mark_due(conn, portal, ids, Urgency.EVENT, now, cause="event", refresh=True)
    return ids


def nothing_left(stage: Running) -> bool:
    with stage.scenario.product.stores.database.read() as conn:
        return due_leads.unfinished(conn, stage.scenario.portal_id) == 0


def history_rows(stage: Running) -> int:
    with stage.scenario.product.stores.database.read() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM score_history").scalar_one())
