"""Disconnect a portal: in any order with the jobs that write to it, and resumable after a crash.

Nobody but this opens the portal's tokens once it is `disconnecting`, so nothing that is taken out
of HubSpot is made again. Leads and scores stay for 30 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from backend.errors import LeadlightError
from backend.ports import Clock
from backend.services.portals import record_properties
from backend.services.portals.portal_mode import MADE
from backend.services.records import READY
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.leases import DatabaseLeases
from backend.storage.outbox import writes
from backend.storage.portals import portals
from backend.storage.portals.tokens import LEAVING
from backend.wiring import Product

WORK: Final = ("flush", "routes")  # leases of those who write to HubSpot
WAIT_S: Final = 20.0  # for a call of theirs that is under way
POLL_S: Final = 0.2
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Left:
    """What stays in HubSpot, each with its reason; `uninstalled`: HubSpot confirmed it, or why
    not in `problem`."""

    not_archived: tuple[str, ...]
    uninstalled: bool
    problem: str = ""


def disconnect(product: Product, portal_id: int, *, archive: bool, actor: str) -> Left:
    """Pause, archive what can be archived, uninstall, and erase the tokens whatever HubSpot says.

    Repeating it after a crash goes on; a portal that has left is left alone. Raises NotConnected
    for an unknown portal.
    """
    with product.stores.database.write() as conn:
        portal = portals.get(conn, portal_id)
        if portal.state in ("disconnected", "erased"):
            return Left((), uninstalled=True)
        portals.set_state(conn, portal_id, LEAVING)
    _wait_for_work(product.stores.clock, product.stores.leases, portal_id)
    keeper = product.hubspot.leaving()
    not_archived: list[str] = []
    if archive:
        lists = list(dict(portal.installation.get("lists", {})).values())
        ours = set(portal.installation.get(MADE) or ()) - set(portal.settings.use_existing)
        theirs = portal.settings.use_existing
        not_archived = product.hubspot.setup(portal_id, keeper=keeper).archive(lists, theirs, ours)
        not_archived += record_properties.archive(product.hubspot, portal, keeper)
    problem = ""
    try:
        product.hubspot.oauth.uninstall(keeper.access_token(portal_id))
    except LeadlightError as error:
        problem = str(error)
    with product.stores.database.write() as conn:
        if portals.get(conn, portal_id).state != LEAVING:
            return Left(tuple(not_archived), not problem, "it was installed again meanwhile")
        _forget(conn, product, portal_id, archived=archive, actor=actor)
    log.info("portal_disconnected", portal_id=portal_id, not_archived=len(not_archived))
    return Left(tuple(not_archived), not problem, problem)


def _wait_for_work(clock: Clock, leases: DatabaseLeases, portal_id: int) -> None:
    """Until no flusher has a call under way; whoever begins another finds the tokens closed."""
    deadline = clock.now() + timedelta(seconds=WAIT_S)
    for work in WORK:
        name = f"{work}:{portal_id}"
        while clock.now() < deadline:
            token = leases.take(name, POLL_S)
            if token is not None:
                leases.give_back(name, token)
                break
            clock.sleep(POLL_S)


def _forget(
    conn: Connection, product: Product, portal_id: int, *, archived: bool, actor: str
) -> None:
    now = product.stores.clock.now()
    product.hubspot.tokens.forget(conn, portal_id)
    changes: dict[str, object] = {"disconnected_at": now.isoformat()}
    if archived:  # installed again, everything is made and written anew
        changes["lists"] = {}
        for queue in writes.QUEUES.values():
            writes.forget_written(conn, portal_id, queue=queue)
        changes[READY] = {}
    portals.set_installation(conn, portal_id, changes)
    audit.of_portal(
        conn, portal_id, "portal.disconnect", actor=actor, now=now, detail={"archive": archived}
    )
