"""Demand against what the team can work in a week, by owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend.model import RoutingSettings
from backend.ports import Clock
from backend.storage.database import Database
from backend.storage.outbox import demand
from backend.storage.outbox.demand import OwnerLoad
from backend.storage.portals.portals import Portal

WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Load:
    """One owner's week. `capacity` is None where nobody has said it; `waiting` is what came into
    High and Medium in the last seven days, `over` how many of those do not fit."""

    owner_id: str
    demand: OwnerLoad
    capacity: int | None

    @property
    def waiting(self) -> int:
        """Leads that came in during the last seven days and want to be worked."""
        return self.demand.entered_high + self.demand.entered_medium

    @property
    def over(self) -> int:
        """Leads beyond the capacity; 0 where it is not known."""
        return 0 if self.capacity is None else max(0, self.waiting - self.capacity)


def loads(found: Sequence[OwnerLoad], settings: RoutingSettings) -> list[Load]:
    """Each owner's demand with the capacity that the portal set."""
    capacities: Mapping[str, int] = settings.owner_capacity
    general = settings.weekly_capacity or None
    return [
        Load(one.owner_id, one, capacities.get(one.owner_id, general) if one.owner_id else None)
        for one in found
    ]


def capacity(database: Database, clock: Clock, portal: Portal) -> list[Load]:
    """The portal's week so far, owner by owner."""
    since = clock.now() - WEEK
    with database.read() as conn:
        found = demand.by_owner(conn, portal.portal_id, since)
    return loads(found, portal.settings.routing)


def top_of_the_week(
    database: Database, clock: Clock, portal: Portal, *, number: int, owner_id: str | None = None
) -> list[str]:
    """Contact ids of the best leads to work this week, best first: those that came into High or
    Medium in the last seven days, then the best of the others until there are `number`."""
    now: datetime = clock.now()
    with database.read() as conn:
        fresh = demand.best(
            conn, portal.portal_id, limit=number, owner_id=owner_id, since=now - WEEK
        )
        rest = demand.best(conn, portal.portal_id, limit=number, owner_id=owner_id)
    return list(dict.fromkeys([*fresh, *rest]))[:number]
