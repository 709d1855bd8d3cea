"""What do scores on companies, deals and lead records cost? `python -m bench.records`.

Two portals with the same leads, three to a company and each with a deal and a lead record: one gets
scores on contacts only, the other on all. CPU of one worker per lead for a backfill (scores,
histories and marks) and for writing everything, with a stand-in for HubSpot that takes whatever it
is given, and the statements of the database. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from backend.clients.hubspot.crm import HubSpotCrm
from backend.clients.hubspot.oauth import RECORD_SCOPES
from backend.jobs.flush_writes import flush_writes
from backend.model import MirrorRecord, Mode
from backend.ports import Crm, Update, Updated
from backend.scoring.write_back import names_in_portal
from backend.services.records import READY
from backend.storage.leads import mirror
from backend.storage.outbox import due_rows, writes
from backend.storage.portals import portals
from backend.storage.tables import portals as tables
from backend.wiring import HubSpot, Product
from bench.backfill import backfilled, counted
from bench.provider_bound import PORTAL, seed, valkey, wired


class TakesAll(HubSpotCrm):
    """A portal that accepts every write at once."""

    def update(self, object_type: str, updates: Sequence[Update]) -> list[Updated]:
        """Nothing is refused."""
        return [Updated(update.object_id, None, None) for update in updates]


class StandIn(HubSpot):
    """The way to it."""

    def crm(self, portal_id: int, *, background: bool = False) -> Crm:
        """The portal."""
        return TakesAll(self._api(portal_id, background=background))


def main() -> None:
    """Seed, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=4_000)
    contacts = parser.parse_args().contacts
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with valkey() as redis_url:
        without, on_all = (_measured(contacts, redis_url, records) for records in (False, True))
    print(
        json.dumps({"bench": "records", "contacts": contacts, "without": without, "with": on_all})
    )


def _measured(contacts: int, redis_url: str, records: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        product = wired(Path(folder), REDIS_URL=redis_url)
        stores = product.stores
        stores.redis.flushall()
        hubspot = StandIn(
            *(getattr(product.hubspot, name) for name in HubSpot.__dataclass_fields__)
        )
        product = replace(product, hubspot=hubspot)
        seed(product, contacts, per_company=3)
        _link_records(product, contacts, records)
        product.ai.warm_up()
        statements = counted(product)
        score_ms = backfilled(product, contacts)
        scored = statements[0]
        with stores.database.write() as conn:
            for box in due_rows.RECORDS:
                past = stores.clock.now() - timedelta(seconds=1)
                conn.execute(sa.update(box.table).values(due_at=past))
        began = time.process_time()
        while _waiting(product):
            flush_writes(product, PORTAL)
        write_ms = (time.process_time() - began) * 1000 / contacts
        with stores.database.read() as conn:
            wrote = {
                kind: conn.execute(
                    sa.select(sa.func.count()).select_from(queue.written)
                ).scalar_one()
                for kind, queue in writes.QUEUES.items()
            }
        product.stores.redis.close()
        product.stores.database.engine.dispose()
        return {
            "score_cpu_ms_per_lead": round(score_ms, 2),
            "write_cpu_ms_per_lead": round(write_ms, 2),
            "cpu_ms_per_lead": round(score_ms + write_ms, 2),
            "score_statements_per_lead": round(scored / contacts, 2),
            "write_statements_per_lead": round((statements[0] - scored) / contacts, 2),
            "written": wrote,
        }


def _waiting(product: Product) -> int:
    with product.stores.database.read() as conn:
        boxes = (queue.box for queue in writes.QUEUES.values())
        return sum(due_rows.count(conn, box, PORTAL) for box in boxes)


def _link_records(product: Product, contacts: int, granted: bool) -> None:
    """A deal and a lead record for each contact; scores on them where the scopes are granted."""
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        for kind, facts in (("deals", {"created_at": now.isoformat()}), ("leads", {})):
            found = [
                MirrorRecord(kind, f"{kind}{i}", {"state": "open", **facts}, now)
                for i in range(contacts)
            ]
            mirror.save(conn, PORTAL, found)
            mirror.link(conn, PORTAL, [(str(i), kind, f"{kind}{i}") for i in range(contacts)])
        portal = portals.get(conn, PORTAL)
        portals.set_settings(conn, PORTAL, replace(portal.settings, mode=Mode.LIVE))
        if granted:
            scopes = [scope for several in RECORD_SCOPES.values() for scope in several]
            conn.execute(sa.update(tables.portals).values(scopes=scopes))
            ready = {kind: list(names_in_portal(portal.settings, kind)) for kind in RECORD_SCOPES}
            portals.set_installation(conn, PORTAL, {READY: ready})


if __name__ == "__main__":
    main()
