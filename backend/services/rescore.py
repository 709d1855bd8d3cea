"""Score leads again because a person asked: from the card, the console or the command line."""

from __future__ import annotations

from collections.abc import Sequence

from backend.errors import Conflict, NotFound, Paused
from backend.model import Mode, Urgency
from backend.storage.database import Connection
from backend.storage.leads import due_leads, mirror, rescores
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.walk import walk
from backend.vocabulary import Cause
from backend.wiring import Stores


def rescore(stores: Stores, portal_id: int, contact_id: str, *, actor: str) -> str:
    """Have one lead scored from what HubSpot has now, ahead of every backfill; asked twice is once.

    Returns the number by which `rescores.get` tells how it went. Raises NotFound, Paused or
    Conflict while nothing would be scored.
    """
    with stores.database.write() as conn:
        must_score(conn, portal_id)
        if due_leads.row(conn, portal_id, contact_id) is None:
            raise NotFound("no such lead in this portal")
        rescore_id = _ask(conn, stores, portal_id, contact_id, actor)
    _enqueue(stores, portal_id, contact_id)
    return rescore_id


def rescore_some(stores: Stores, portal_id: int, contact_ids: Sequence[str], *, actor: str) -> None:
    """The same for several contacts of the mirror, all or none. Raises NotFound naming the unknown
    ones, Paused or Conflict."""
    with stores.database.write() as conn:
        must_score(conn, portal_id, pulled=True)
        known = mirror.records(conn, portal_id, "contacts", contact_ids)
        unknown = [one for one in contact_ids if one not in known]
        if unknown:
            raise NotFound(f"portal {portal_id} has no contact {', '.join(unknown)}")
        for contact_id in contact_ids:
            _ask(conn, stores, portal_id, contact_id, actor)
    for contact_id in contact_ids:
        _enqueue(stores, portal_id, contact_id)


def rescore_all(stores: Stores, portal_id: int) -> list[str]:
    """Have every contact of the mirror scored from what is stored, behind events and people.
    Returns their ids. Raises Paused or Conflict."""
    with stores.database.read() as conn:
        must_score(conn, portal_id, pulled=True)
    wanted: list[str] = []
    for ids in walk(stores.database, portal_id, mirror.contact_ids):
        with stores.database.write() as conn:
            now = stores.clock.now()
            due_leads.mark_due(
                conn, portal_id, ids, Urgency.BACKFILL, now, cause=Cause.BACKFILL, refresh=False
            )
        wanted += ids
    stores.jobs.enqueue("score_due", portal_id=portal_id, urgency=Urgency.BACKFILL.value)
    return wanted


def must_score(conn: Connection, portal_id: int, *, pulled: bool = False) -> Portal:
    """The portal, when its leads are being scored at all, or will be when its first pull has ended;
    `pulled`: for somebody who would wait for that. Raises Paused, Conflict or NotConnected."""
    portal = portals.get(conn, portal_id)
    if portal.state != "connected":
        raise Conflict("this portal has to be connected again first")
    if portal.settings.mode is Mode.PAUSED:
        raise Paused("scoring is paused for this account until an admin resumes it")
    if pulled and portal.pulled_at is None:
        raise Conflict("this portal is not pulled yet: its leads are scored when that has ended")
    return portal


def _ask(conn: Connection, stores: Stores, portal_id: int, contact_id: str, actor: str) -> str:
    waiting = rescores.waiting(conn, portal_id, contact_id)
    if waiting is not None:
        return waiting
    now = stores.clock.now()
    due_leads.mark_due(
        conn, portal_id, [contact_id], Urgency.PERSON, now, cause=Cause.PERSON, refresh=True
    )
    return rescores.ask(conn, portal_id, contact_id, requested_by=actor, now=now)


def _enqueue(stores: Stores, portal_id: int, contact_id: str) -> None:
    urgency = Urgency.PERSON.value
    stores.jobs.enqueue("score_due", portal_id=portal_id, urgency=urgency, contact_id=contact_id)
