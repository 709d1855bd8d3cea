"""A removal is believed when HubSpot itself, asked through its API, has the contact no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import structlog

from backend.config import REMOVAL_RETRY_S
from backend.retries import nth_try
from backend.security.audit import listed_short
from backend.security.tombstone import pseudonym
from backend.storage.access import audit
from backend.storage.leads import inbox
from backend.storage.leads.inbox import WaitingEvent
from backend.wiring import HubSpot, Stores

ACTOR: Final = "hubspot:webhook"
log = structlog.get_logger()


def confirmed_gone(hubspot: HubSpot, portal_id: int, contact_ids: Iterable[str]) -> set[str]:
    """Which of these contacts HubSpot does not have under their own id.

    A contact that was merged away is answered with the one that survives, under another id.
    Raises Transient while HubSpot cannot be asked: the events then go on waiting.
    """
    asked = sorted(set(contact_ids))
    if not asked:
        return set()
    found = hubspot.crm(portal_id).read("contacts", asked, ("hs_object_id",))
    return set(asked) - {record.object_id for record in found if not record.archived}


def put_off_doubted(
    stores: Stores, portal_id: int, doubted: Sequence[WaitingEvent], alive: Sequence[str]
) -> list[WaitingEvent]:
    """Removals of contacts that HubSpot still has are looked at again later, five times.

    `alive`: the contacts that `doubted` wrongly calls removed. Returns the events that had their
    last look: their contacts are to be read again instead.
    """
    if not doubted:
        return []
    now = stores.clock.now()
    log.warning("removal_not_confirmed", portal_id=portal_id, contacts=len(alive))
    stores.meter.count("removals_not_confirmed", len(doubted))
    secret = stores.settings.session_secret
    hashed = [pseudonym(secret, portal_id, contact_id) for contact_id in alive]
    again = [(event, nth_try(REMOVAL_RETRY_S, event.attempts, now)) for event in doubted]
    with stores.database.write() as conn:
        if any(event.attempts == 0 for event in doubted):
            audit.of_portal(
                conn,
                portal_id,
                "contact.removal_not_confirmed",
                actor=ACTOR,
                now=now,
                detail=listed_short(hashed),
            )
        for event, due_at in again:
            if due_at is not None:
                inbox.put_off(conn, event.event_row, due_at)
    return [event for event, due_at in again if due_at is None]
