"""Bring the mirror up to date for leads whose events came; backfills never get here."""

from __future__ import annotations

from collections.abc import Sequence

from backend.model import CrmRecord
from backend.ports import Crm
from backend.services.mirror.mirroring import LINKED, keep_contacts, keep_others, prepared, wanted
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


def _read(portal: Portal, crm: Crm, contact_ids: Sequence[str]) -> list[CrmRecord]:
    names = wanted(portal, "contacts")
    if len(contact_ids) == 1:
        record = crm.get("contacts", contact_ids[0], names, LINKED)
        merged = record is not None and record.object_id != contact_ids[0]
        return [] if record is None or merged else [record]
    return linked(crm, crm.read("contacts", contact_ids, names))


def linked(crm: Crm, records: Sequence[CrmRecord]) -> list[CrmRecord]:
    """Contacts of a batch read with the ids of their companies and deals."""
    if not records:
        return []
    ids = [record.object_id for record in records]
    others = {kind: crm.associated("contacts", kind, ids) for kind in LINKED}
    return [
        CrmRecord(
            r.object_type,
            r.object_id,
            r.properties,
            r.updated_at,
            r.archived,
            {kind: tuple(others[kind].get(r.object_id, ())) for kind in LINKED},
        )
        for r in records
    ]
