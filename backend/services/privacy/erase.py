"""Forget a contact: HubSpot deleted it, it was merged away, or a person asked for it.

Only the job `erase_requested` calls this: whoever finds a contact gone marks it
(`storage/privacy/missing_contacts.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

import structlog

from backend.scoring.embed import text_hash, text_of
from backend.services import records
from backend.services.scoring.snapshots import load
from backend.storage.database import Connection, Database
from backend.storage.leads import mirror
from backend.storage.learning import profiles, vectors
from backend.storage.operations import backup
from backend.storage.outbox import route_tasks, workflow_runs, writes
from backend.storage.portals import portals
from backend.storage.privacy import (
    erased_ledger,
    erasures,
    mentions,
    missing_contacts,
    personal_data,
    tombstones,
)
from backend.wiring import Product, Stores

HUBSPOT_KEEPS: Final = "its own record, which is the customer's"
KEPT: Final = {
    "backups": f"{backup.KEPT} daily copies where BACKUP_FOLDER is set; a restore erases again",
    "audit_trail": "a keyed hash; rows from before 2026-11-28 about excluded contacts, their ids",
    "logs": "ids, for as long as the operator keeps logs",
}
MARK: Final = "missing_contacts"  # the table that says what is to be erased
log = structlog.get_logger()


def erase(
    product: Product,
    portal_id: int,
    contact_ids: Sequence[str],
    cause: str = tombstones.PERSON,
    *,
    marked: str = "",
) -> None:
    """Remove everything held about these contacts; leave a tombstone for late events with its
    cause, and a receipt each. With `marked` only those still so in `missing_contacts`.

    Raises Transient while the vector index is away: nothing is then forgotten by halves.
    """
    if not contact_ids:
        return
    # First what lies outside: should it be away, the event stays waiting and is taken up again.
    product.ai.index.delete(portal_id, [i for cid in contact_ids for i in mentions.item_ids(cid)])
    _take_out_of_scores(product.stores.database, portal_id, contact_ids)
    texts = _texts(product, portal_id, contact_ids)
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        tombstones.lock(conn, portal_id)
        if marked:
            contact_ids = missing_contacts.still(conn, portal_id, contact_ids, marked)
        before = personal_data.counts(conn, portal_id, contact_ids)
        vectors.forget_texts(conn, portal_id, product.ai.embedder.name, texts)
        forget(conn, product.stores, portal_id, contact_ids, now, cause)
        left = personal_data.counts(conn, portal_id, contact_ids)
        for contact_id in contact_ids:
            found = _detail(product, before.get(contact_id, {}), left.get(contact_id, {}))
            _receipt(conn, product.stores, portal_id, contact_id, found, now, cause)
    product.stores.jobs.forget(portal_id, contact_ids)
    if cause in tombstones.FOR_EVER:
        _remember_beside_backups(product.stores, portal_id, contact_ids)
    product.stores.jobs.enqueue("flush_routes", portal_id=portal_id)


def _take_out_of_scores(database: Database, portal_id: int, contact_ids: Sequence[str]) -> None:
    """A much-named contact stands in many scores: most of them in short transactions of their own,
    what is saved meanwhile in that of the erasure."""
    steps = (mentions.list_older, partial(mentions.take_out, contact_ids=contact_ids))
    for step in steps:
        more = True
        while more:
            with database.write() as conn:
                more = step(conn, portal_id)


def forget(
    conn: Connection,
    stores: Stores,
    portal_id: int,
    contact_ids: Sequence[str],
    now: datetime,
    cause: str,
) -> None:
    """The database's part, in the caller's transaction."""
    macs = [stores.tombstone_mac(portal_id, cid) for cid in contact_ids]
    tombstones.put(conn, portal_id, macs, now, cause)
    route_tasks.leave(conn, portal_id, contact_ids, now)  # archived in HubSpot without the id
    workflow_runs.leave(conn, portal_id, contact_ids, now)
    records.mark(conn, portals.get(conn, portal_id), contact_ids, now)
    lead_ids = sorted(mirror.objects_of(conn, portal_id, contact_ids, ["leads"]).get("leads", ()))
    writes.forget(conn, portal_id, lead_ids, queue=writes.LEADS)
    personal_data.remove(conn, portal_id, contact_ids)
    others = mirror.contacts_of(conn, portal_id, "leads", lead_ids)  # of somebody else, too
    writes.mark(conn, writes.LEADS, portal_id, sorted(others), now)


def _texts(product: Product, portal_id: int, contact_ids: Sequence[str]) -> list[str]:
    """Hashes of what was embedded of these leads alone; listed values are everybody's."""
    with product.stores.database.read() as conn:
        portal = portals.get(conn, portal_id)
        profile = profiles.active(conn, portal_id)
        found = load(conn, portal, contact_ids, product.stores.clock.now())
    name = product.ai.embedder.name
    return [text_hash(text_of(snapshot, profile), name) for snapshot in found.values()]


def _detail(product: Product, before: dict[str, int], left: dict[str, int]) -> dict[str, Any]:
    return {
        "erased": before,
        "left": left,
        "vector_index": product.ai.index.name,
        "vendors_keep": {"hubspot": HUBSPOT_KEEPS}
        | {vendor.name: vendor.keeps for vendor in product.ai.vendors},
        "kept": KEPT,
    }


def _receipt(
    conn: Connection,
    stores: Stores,
    portal_id: int,
    contact_id: str,
    detail: dict[str, Any],
    now: datetime,
    cause: str,
) -> None:
    """That of the request that waits, or a new one; none for a repetition that found nothing but
    its own mark."""
    mac = stores.tombstone_mac(portal_id, contact_id)
    before = erasures.of_contact(conn, portal_id, mac)
    found = detail["erased"].keys() - ({MARK} if before else set())
    if not found and all(receipt.finished_at is not None for receipt in before):
        return
    receipt = erasures.request(
        conn,
        portal_id,
        contact_id,
        mac,
        requested_by="hubspot",
        reason="merge" if cause == tombstones.MERGE else "deletion",
        now=now,
    )
    erasures.finish(conn, receipt, detail, now)


def _remember_beside_backups(stores: Stores, portal_id: int, contact_ids: Sequence[str]) -> None:
    macs = [stores.tombstone_mac(portal_id, cid) for cid in contact_ids]
    try:
        erased_ledger.append(stores.settings.backup_folder, portal_id, macs)
    except OSError as error:
        log.error("ledger_not_written", portal_id=portal_id, problem=type(error).__name__)
