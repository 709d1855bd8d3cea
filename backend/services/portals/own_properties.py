"""What the model may learn from: checked against HubSpot's definitions, looked at in a sample."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Final

from backend.config import BATCH_LEADS, PAGE_RECORDS
from backend.errors import BadInput, MissingScopes, NeedsReconnect
from backend.learning.data.kinds import kind_of
from backend.model import CrmRecord, PropertyDefinition
from backend.scoring.facts.labels import labelled
from backend.scoring.facts.own_facts import OWN_PREFIX, own_facts
from backend.scoring.facts.own_rules import LEARN_FROM_MAX, caution, refusal, refused_by, split
from backend.scoring.facts.properties import OWN_TYPES
from backend.scoring.write_back import (
    PREFIX,
    RECORD_PROPERTIES,
    every_name_in_portal,
    names_in_portal,
)
from backend.services.mirror.definitions import Definitions, by_field, definitions_of
from backend.services.portals.choices import chosen, nearest
from backend.storage.database import Database
from backend.storage.leads import mirror
from backend.storage.portals.portals import Portal
from backend.wiring import HubSpot, Product

# "contacts.program_interest"; else a label
_NAMED: Final = re.compile(r"[a-z]{1,20}\.[a-z0-9_]{1,100}")


@dataclass(frozen=True, slots=True)
class PortalProperty:
    """A property that the portal made. `field` is its name for the model; `why_not` says why it
    cannot be learned from, `caution` why it is not suggested; `filled` is a share of the sample,
    None where it was not read."""

    field: str
    label: str
    type: str
    filled: float | None
    allowed: bool
    why_not: str = ""
    caution: str = ""

    @property
    def suggested(self) -> bool:
        return not (self.allowed or self.why_not or self.caution)


@dataclass(frozen=True, slots=True)
class Survey:
    """All of them, with the HubSpot calls that looking took and the records looked at, by type."""

    properties: tuple[PortalProperty, ...]
    calls: int
    sample: dict[str, int]

    @property
    def in_order(self) -> list[PortalProperty]:
        """Allowed ones first, then those suggested, then the others."""
        return sorted(self.properties, key=lambda p: (not p.allowed, not p.suggested, p.field))


def survey(product: Product, portal: Portal) -> Survey:
    """One call for the definitions and one for a sample of each object type; keeps no value.

    Raises Transient or NeedsReconnect.
    """
    found = definitions_of(product.hubspot, portal.portal_id)
    own = {owner: [d for d in every if d.made_by_portal] for owner, every in found.items()}
    samples = {owner: _sample(product, portal, owner, every) for owner, every in own.items()}
    settings = portal.settings
    ours = {name for kind in RECORD_PROPERTIES for name in names_in_portal(settings, kind)}
    ours |= every_name_in_portal(settings)
    looked_at = tuple(
        _looked_at(portal, owner, one, samples[owner])
        for owner, every in own.items()
        for one in every
        if not one.name.startswith(PREFIX) and one.name not in ours
    )
    calls = len(OWN_TYPES) + sum(1 for records in samples.values() if records)
    return Survey(looked_at, calls, {owner: len(records) for owner, records in samples.items()})


def checked(hubspot: HubSpot, portal: Portal, names: Sequence[str]) -> tuple[str, ...]:
    """The list as it may be stored, each name once. Those allowed before are not asked about again;
    nor is HubSpot while the portal is not connected. Raises BadInput naming every wrong name."""
    wanted = _by_label(hubspot, portal, tuple(dict.fromkeys(names)))
    problems = [] if len(wanted) <= LEARN_FROM_MAX else [f"at most {LEARN_FROM_MAX} properties"]
    property_map = portal.settings.property_map
    refused = {name: why for name in wanted if (why := refusal(name, property_map))}
    fresh = [name for name in wanted if name not in (*portal.settings.learn_from, *refused)]
    if fresh and portal.state == "connected":
        with suppress(NeedsReconnect):
            refused |= _refused(definitions_of(hubspot, portal.portal_id), fresh)
    problems += [f"{name}: {why}" for name, why in refused.items()]
    if problems:
        raise BadInput("nothing was saved: " + "; ".join(problems), problems=tuple(problems))
    return wanted


def _by_label(hubspot: HubSpot, portal: Portal, names: Sequence[str]) -> tuple[str, ...]:
    """The names, with "contacts.program_interest" for a label. Raises BadChoice for a word that is
    neither a label nor could be a name."""
    labels = [name for name in names if not _NAMED.fullmatch(name)]
    if not labels or portal.state != "connected":
        return tuple(names)
    own = {
        field: one.label or field
        for field, one in by_field(definitions_of(hubspot, portal.portal_id))
        if one.made_by_portal
    }
    return tuple(
        dict.fromkeys(
            one
            for name in names
            for one in (chosen("property", [name], own) if name in labels else [name])
        )
    )


def cautions(names: Sequence[str]) -> list[str]:
    """A line for each name that an admin may allow and should think about."""
    spoken = ((name, caution(split(name)[1], "")) for name in names)
    return [f"{name}: {why}" for name, why in spoken if why]


def calls_to_read_again(database: Database, portal_id: int) -> int:
    """HubSpot calls that a changed list takes: every contact and company, and the definitions of
    these and of deals, whose stages and pipelines have names."""
    with database.read() as conn:
        counts = mirror.counts(conn, portal_id, OWN_TYPES)
    pages = sum(ceil(counts.get(owner, 0) / PAGE_RECORDS) for owner in OWN_TYPES)
    return pages + len(OWN_TYPES) + 1


def _refused(found: Definitions, names: Collection[str]) -> dict[str, str]:
    """Types whose definitions the portal does not let us read are taken at their word."""
    definitions = dict(by_field(found))
    return {
        name: why + ("" if name in definitions else nearest(name, definitions))
        for name in names
        if split(name)[0] in found and (why := refused_by(definitions.get(name)))
    }


def _sample(
    product: Product, portal: Portal, owner: str, own: Sequence[PropertyDefinition]
) -> list[CrmRecord]:
    """Records old and new, with just these properties; sensitive ones are not read."""
    names = [one.name for one in own if not refused_by(one)]
    with product.stores.database.read() as conn:
        ids = mirror.spread_ids(conn, portal.portal_id, owner, BATCH_LEADS)
    if not ids or not names:
        return []
    try:
        return product.hubspot.crm(portal.portal_id).read(owner, ids, names)
    except MissingScopes:
        return []


def _unfit(field: str, one: PropertyDefinition, given: Sequence[Mapping[str, str]]) -> str:
    """What the rules of training say about the sample: as it is, and as far as it would be kept."""
    found = kind_of(field, [values.get(one.name) for values in given])
    reason = "free text: a model learns from what repeats" if found.kind == "text" else found.reason
    kept = [own_facts(values, [one.name]).get(OWN_PREFIX + one.name) for values in given]
    if not reason and not any(kept):
        return "nothing in it would be kept: personal data, or characters that no option has"
    return reason


def _looked_at(
    portal: Portal, owner: str, one: PropertyDefinition, records: Sequence[CrmRecord]
) -> PortalProperty:
    field = f"{owner}.{one.name}"
    given = [{n: v for n, v in record.properties.items() if v} for record in records]
    why_not = refusal(field, portal.settings.property_map) or refused_by(one)
    read = bool(given) and not refused_by(one)
    if not why_not and given:
        options = {one.name: one.options}
        why_not = _unfit(field, one, [labelled(values, options) for values in given])
    return PortalProperty(
        field=field,
        label=one.label,
        type=one.type,
        filled=sum(one.name in values for values in given) / len(given) if read else None,
        allowed=field in portal.settings.learn_from,
        why_not=why_not,
        caution=caution(one.name, one.label),
    )
