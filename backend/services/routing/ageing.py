"""High leads that wait for a person: who has waited longest, who has no owner, who has too many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.scoring.wording.working_days import DAY_MINUTES, working_minutes
from backend.services.routing.capacity import Load, capacity
from backend.services.routing.notify import record_url
from backend.storage.outbox import demand
from backend.storage.outbox.demand import Untouched
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import Stores

SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lead, how long it has waited in working minutes, and where it stands in HubSpot."""

    lead: Untouched
    minutes: int
    late: bool  # beyond the time that the portal set
    url: str


@dataclass(frozen=True, slots=True)
class Ageing:
    """The oldest of each, with how many there are."""

    untouched_total: int
    untouched: list[Waiting]
    unowned_total: int
    unowned: list[Waiting]
    over: list[Load]


def ageing(stores: Stores, portal: Portal) -> Ageing:
    """As it is now. Leads that an experiment holds out wait for nobody."""
    with stores.database.read() as conn:
        untouched = demand.untouched(conn, portal.portal_id, limit=SHOWN)
        unowned = demand.untouched(conn, portal.portal_id, limit=SHOWN, unowned=True)
    loads = capacity(stores.database, stores.clock, portal)
    return Ageing(
        untouched[0],
        [_waiting(stores, portal, one) for one in untouched[1]],
        unowned[0],
        [_waiting(stores, portal, one) for one in unowned[1]],
        [load for load in loads if load.over],
    )


def _waiting(stores: Stores, portal: Portal, lead: Untouched) -> Waiting:
    routing = portal.settings.routing
    minutes = working_minutes(
        lead.since, stores.clock.now(), routing.working_days, portals.zone(portal)
    )
    late = minutes > 60 * routing.touch_within_hours
    return Waiting(lead, minutes, late, record_url(portal, lead.contact_id))


def spelled(minutes: int) -> str:
    """ "45 min", "3 h", "2 working days"."""
    if minutes < 60:
        return f"{minutes} min"
    if minutes < DAY_MINUTES:
        return f"{minutes // 60} h"
    days = minutes // DAY_MINUTES
    return f"{days} working day{'' if days == 1 else 's'}"
