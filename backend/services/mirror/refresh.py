"""Bring the mirror up to date for leads whose events came; backfills never get here."""

from __future__ import annotations

from collections.abc import Sequence

from backend.model import CrmRecord
from backend.ports import Crm
from backend.services.mirror.mirroring import (
    LINKED,
    OWNERS_OF_DEALS,
    keep_contacts,
    keep_others,
    prepared,
    wanted,
)
from backend.storage.leads import mirror
from backend.storage.portals.portals import Portal
from backend.wiring import Stores


def refresh(
    stores: Stores,
    portal: Portal,
    crm: Crm,
    contact_ids: Sequence[str],
    changed_ids: Sequence[str],
) -> set[str]:
    """Read the changed contacts, and what is stale or new around all of `contact_ids`.

    Returns the changed ids that HubSpot did not show. One lead alone costs one GET with its
    associations; many cost one batch read and one association read per kind.
    """
    found = _read(portal, crm, changed_ids) if changed_ids else []
    contacts = prepared(stores, portal, found)
    with stores.database.write() as conn:
        keep_contacts(conn, stores, portal, contacts)
    with stores.database.read() as conn:
        unread = mirror.unread(conn, portal.portal_id, contact_ids, LINKED)
    for kind, ids in unread.items():
        records = crm.read(kind, ids, wanted(portal, kind))
        others = prepared(stores, portal, records)
        with stores.database.write() as conn:
            keep_others(conn, stores, portal, others)
    return set(changed_ids) - {record.object_id for record in found}


def keep_deals_without_contact(
    stores: Stores, portal: Portal, crm: Crm, deal_ids: Sequence[str]
) -> None:
    """Read those of these deals that no contact of the mirror has: no score asks for them, but
    what was won with a company alone is known by them."""
    with stores.database.read() as conn:
        known = mirror.contacts_of(conn, portal.portal_id, "deals", deal_ids)
    alone = [deal_id for deal_id in deal_ids if deal_id not in known]
    if alone:
        deals = prepared(stores, portal, _read(portal, crm, alone, "deals", OWNERS_OF_DEALS))
        with stores.database.write() as conn:
            keep_others(conn, stores, portal, deals)


def _read(
    portal: Portal,
    crm: Crm,
    object_ids: Sequence[str],
    object_type: str = "contacts",
    others: Sequence[str] = LINKED,
) -> list[CrmRecord]:
    names = wanted(portal, object_type)
    if len(object_ids) == 1:
        record = crm.get(object_type, object_ids[0], names, others)
        merged = record is not None and record.object_id != object_ids[0]
        return [] if record is None or merged else [record]
    return linked(crm, crm.read(object_type, object_ids, names), others)


def linked(
    crm: Crm, records: Sequence[CrmRecord], kinds: Sequence[str] = LINKED
) -> list[CrmRecord]:
    """Records of a batch read with the ids of others: contacts with their companies and deals."""
    if not records:
        return []
    ids = [record.object_id for record in records]
    others = {kind: crm.associated(records[0].object_type, kind, ids) for kind in kinds}
    return [
        CrmRecord(
            r.object_type,
            r.object_id,
            r.properties,
            r.updated_at,
            r.archived,
            {kind: tuple(others[kind].get(r.object_id, ())) for kind in kinds},
        )
        for r in records
    ]
