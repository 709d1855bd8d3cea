"""Cached facts of the past follow the list of own properties: no history is read a second time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from backend.learning.data.outcomes import Outcome
from backend.ports import Crm
from backend.scoring.facts.own_facts import OWN_PREFIX
from backend.scoring.facts.properties import own_names
from backend.scoring.facts.segments import own_read
from backend.services.learning.history import around
from backend.storage.learning.models import PastFacts
from backend.storage.portals.portals import Portal

T = TypeVar("T")
# The fact that names the own properties whose history was read; never shown to anybody.
OWN_READ = OWN_PREFIX + "*"


def read_for(portal: Portal) -> dict[str, str]:
    """What facts that are read now carry, {} without own properties."""
    allowed = own_names(own_read(portal.settings), "contacts")
    return {OWN_READ: " ".join(sorted(allowed))} if allowed else {}


def followed(
    portal: Portal, crm: Crm, outcomes: Sequence[Outcome], cached: Mapping[str, PastFacts]
) -> dict[str, PastFacts]:
    """Those of `cached` that were read for another list: with the history of what is new, which
    alone is asked for, and without what is allowed no more."""
    allowed = set(own_names(own_read(portal.settings), "contacts"))
    read = {contact_id: _names(past) for contact_id, past in cached.items()}
    stale = [one for one in outcomes if read.get(one.contact_id, allowed) != allowed]
    lacking = [one.contact_id for one in stale if allowed - read[one.contact_id]]
    new = sorted({name for contact_id in lacking for name in allowed - read[contact_id]})
    changes = crm.history("contacts", lacking, new) if new else {}
    found = {}
    for one in stale:
        past, versions = cached[one.contact_id], changes.get(one.contact_id, {})
        then, late = around(portal, versions, one)
        found[one.contact_id] = PastFacts(
            past.as_of,
            {**_still(past.facts, allowed), **_own(then), **read_for(portal)},
            {**_still(past.late, allowed), **_own(late)},
        )
    return found


def own_then(
    today: Mapping[str, str], facts: Mapping[str, str], fields: Collection[str]
) -> dict[str, str]:
    """Of these fields of the portal's own the contact's as they were; others are as `today`, as all
    facts of companies are."""
    others = {n: text for n, text in today.items() if not n.startswith("contacts.")}
    then = {field_of(fact): text for fact, text in _own(facts).items()}
    return {name: text for name, text in then.items() if name in fields} | others


def field_of(fact: str) -> str:
    """The model's field for a contact's fact: "contacts.x" for an own property, else its name."""
    own = fact.startswith(OWN_PREFIX)
    return f"contacts.{fact.removeprefix(OWN_PREFIX)}" if own else fact


def _names(past: PastFacts) -> set[str]:
    return set(past.facts.get(OWN_READ, "").split())


def _own(facts: Mapping[str, T]) -> dict[str, T]:
    return {n: v for n, v in facts.items() if n.startswith(OWN_PREFIX) and n != OWN_READ}


def _still(facts: Mapping[str, T], allowed: set[str]) -> dict[str, T]:
    """Without own properties that may not be kept any more."""
    return {
        name: value
        for name, value in facts.items()
        if not name.startswith(OWN_PREFIX) or name.removeprefix(OWN_PREFIX) in allowed
    }
