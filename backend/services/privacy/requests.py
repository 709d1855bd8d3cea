"""What a person may ask for about a contact: be erased, see the receipt, have a copy. For the web
and commands."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from backend.errors import Conflict, NotFound
from backend.ports import Clock
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.leads import due_leads
from backend.storage.leads.people import of_contact, unseal
from backend.storage.privacy import erasures, personal_data
from backend.storage.privacy.erasures import Receipt
from backend.wiring import Stores


def ask(
    stores: Stores, portal_id: int, contact_ids: tuple[str, ...], *, actor: str
) -> list[Receipt]:
    """A receipt for each; workers erase at once. Asked again while one waits, it is that one."""
    now = stores.clock.now()
    with stores.database.write() as conn:
        asked = [
            erasures.request(
                conn,
                portal_id,
                contact_id,
                stores.tombstone_mac(portal_id, contact_id),
                requested_by=actor,
                reason="request",
                now=now,
            )
            for contact_id in contact_ids
        ]
        detail = {"receipts": [receipt.receipt_id for receipt in asked]}
        _record(conn, stores.clock, portal_id, actor, "privacy.erase", detail)
    stores.jobs.enqueue("erase_requested", portal_id=portal_id)
    return asked


def check_held(stores: Stores, portal_id: int, contact_id: str) -> None:
    """Raises NotFound when there is nothing to erase, Conflict when that was done before."""
    with stores.database.read() as conn:
        if personal_data.counts(conn, portal_id, [contact_id]):
            return
        mac = stores.tombstone_mac(portal_id, contact_id)
        before = erasures.of_contact(conn, portal_id, mac)
    if not before:
        raise NotFound(f"nothing is held about contact {contact_id} in this portal")
    if before[0].finished_at is not None:
        raise Conflict(
            f"contact {contact_id} was erased before, on {before[0].finished_at:%d %b %Y}: "
            f"see receipt {before[0].receipt_id}"
        )


def receipts(stores: Stores, portal_id: int, name: str) -> list[Receipt]:
    """By the receipt's number or the contact's id, newest first."""
    with stores.database.read() as conn:
        one = erasures.get(conn, portal_id, name)
        mac = stores.tombstone_mac(portal_id, name)
        return [one] if one else erasures.of_contact(conn, portal_id, mac)


def export(stores: Stores, portal_id: int, contact_id: str, *, actor: str) -> dict[str, Any]:
    """Everything held about one lead, names opened, as JSON: `portal_id, contact_id, name, email,
    held` by place. Raises NotFound."""
    with stores.database.write() as conn:
        found = personal_data.everything(conn, portal_id, contact_id)
        row = due_leads.row(conn, portal_id, contact_id)
        if not found or row is None:
            raise NotFound(f"nothing is held about contact {contact_id} of portal {portal_id}")
        _record(conn, stores.clock, portal_id, actor, "privacy.export", {})
    person = unseal(stores.cipher, portal_id, of_contact(contact_id), row["person_sealed"])
    for lead in found["leads"]:
        lead.pop("person_sealed")
    return {
        "portal_id": portal_id,
        "contact_id": contact_id,
        "name": person.name,
        "email": person.email,
        "held": _plain(found),
    }


def _record(
    conn: Connection,
    clock: Clock,
    portal_id: int,
    actor: str,
    action: str,
    detail: dict[str, Any],
) -> None:
    audit.of_portal(conn, portal_id, action, actor=actor, now=clock.now(), detail=detail)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
