"""Facts of a contact at a time, from HubSpot's property history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from backend.learning.data.outcomes import Outcome
from backend.model import CrmRecord
from backend.scoring.collect import mirror_record
from backend.scoring.facts.segments import own_read
from backend.services.mirror.definitions import labels_of
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal

Versions = Mapping[str, Sequence[tuple[datetime, str | None]]]  # changes by property, oldest first
_TODAY = datetime.max.replace(tzinfo=UTC)


def facts_at(
    portal: Portal, contact_id: str, versions: Versions, at: datetime
) -> Mapping[str, str]:
    """What the mirror would have held then; a property without history is unknown."""
    values = {name: value_at(changes, at) for name, changes in versions.items()}
    record = CrmRecord("contacts", contact_id, values, at)
    settings, labels = portal.settings, labels_of(portal, "contacts")
    return mirror_record(
        record,
        settings.property_map,
        labels=labels,
        learn_from=own_read(settings),
        rates=settings.currency_rates,
        zone=portals.zone(portal),
    )[0].facts


def around(
    portal: Portal, versions: Versions, outcome: Outcome
) -> tuple[dict[str, str], dict[str, bool]]:
    """(facts at the outcome's `as_of`, whether each fact of today was first written after it was
    decided)."""
    then, decided, now = (
        facts_at(portal, outcome.contact_id, versions, at)
        for at in (outcome.as_of, outcome.decided_at, _TODAY)
    )
    return dict(then), {fact: fact not in decided for fact in now}


def value_at(changes: Sequence[tuple[datetime, str | None]], at: datetime) -> str | None:
    """The last value written until then."""
    return next((value for when, value in reversed(changes) if when <= at), None)
