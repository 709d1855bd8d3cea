"""Who gets the weekly report by email: added by an admin, gone by one click of their own."""

from __future__ import annotations

import re
from typing import Final

from backend.errors import BadInput, Conflict, LeadlightError, NotFound
from backend.security.unsubscribe import is_signed, signature
from backend.storage.access import audit
from backend.storage.outbox import report_recipients
from backend.storage.outbox.report_recipients import Recipient
from backend.wiring import Stores

MOST: Final = 50  # of one portal
ADDRESS_MAX: Final = 254  # characters, RFC 5321
# Stricter than `accounts.EMAIL`: it goes into a header, where a comma would make two of one.
FORM: Final = r"^[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$"
_ADDRESS: Final = re.compile(FORM)


def add(stores: Stores, portal_id: int, address: str, *, actor: str) -> str:
    """Returns the recipient's id. Raises BadInput for what is no address, Conflict for one that is
    there, or one too many."""
    wanted = address.strip()
    if len(wanted) > ADDRESS_MAX or not _ADDRESS.fullmatch(wanted):
        raise BadInput("Address: give one email address, such as name@company.com")
    recipient_id, now = report_recipients.new_id(), stores.clock.now()
    sealed = stores.cipher.seal(
        wanted, portal_id=portal_id, purpose=report_recipients.PURPOSE, subject=recipient_id
    )
    with stores.database.write() as conn:
        known = report_recipients.listed(conn, portal_id)
        same = [
            one
            for one in known
            if address_of(stores, portal_id, one).casefold() == wanted.casefold()
        ]
        if any(one.unsubscribed_at is None for one in same):
            raise Conflict("this address gets the report already")
        if len(known) >= MOST:
            raise Conflict(f"{MOST} addresses are the most: use one of a group")
        for one in same:
            report_recipients.remove(conn, portal_id, one.recipient_id)
        report_recipients.put(conn, portal_id, recipient_id, sealed, actor, now)
        detail = {"recipient": recipient_id}
        audit.of_portal(conn, portal_id, "report.recipient", actor=actor, now=now, detail=detail)
    return recipient_id


def remove(stores: Stores, portal_id: int, recipient_id: str, *, actor: str) -> None:
    """Raises NotFound."""
    with stores.database.write() as conn:
        if not report_recipients.remove(conn, portal_id, recipient_id):
            raise NotFound("no such recipient")
        audit.of_portal(
            conn,
            portal_id,
            "report.recipient_removed",
            actor=actor,
            now=stores.clock.now(),
            detail={"recipient": recipient_id},
        )


def unsubscribe(stores: Stores, portal_id: int, recipient_id: str, given: str) -> None:
    """By the link in an email. Once is as good as twice. Raises NotFound for a link that is not
    ours; somebody who was removed meanwhile is unsubscribed, too."""
    check_link(stores, portal_id, recipient_id, given)
    with stores.database.write() as conn:
        now = stores.clock.now()
        if report_recipients.unsubscribe(conn, portal_id, recipient_id, now):
            audit.of_portal(
                conn,
                portal_id,
                "report.unsubscribed",
                actor="recipient",
                now=now,
                detail={"recipient": recipient_id},
            )


def check_link(stores: Stores, portal_id: int, recipient_id: str, given: str) -> None:
    """Raises NotFound for a link that we did not sign."""
    if not is_signed(stores.settings.session_secret, portal_id, recipient_id, given):
        raise NotFound("no such page")


def link_of(stores: Stores, portal_id: int, recipient_id: str) -> str:
    """The address that unsubscribes this recipient, without signing in."""
    signed = signature(stores.settings.session_secret, portal_id, recipient_id)
    base = stores.settings.public_base_url[0]
    return f"{base}/unsubscribe/{portal_id}/{recipient_id}/{signed}"


def address_of(stores: Stores, portal_id: int, one: Recipient) -> str:
    """In the clear; "" where the key is gone."""
    try:
        return stores.cipher.open(
            one.address_sealed,
            portal_id=portal_id,
            purpose=report_recipients.PURPOSE,
            subject=one.recipient_id,
        )
    except LeadlightError:
        return ""
