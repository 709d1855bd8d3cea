"""A portal's segments: checked, put into stored values, and how many leads each would catch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from backend.config import BATCH_LEADS
from backend.errors import BadChoice, MissingScopes, NeedsReconnect
from backend.model import MirrorRecord, PortalSettings, Segment
from backend.scoring.collect import primary_company
from backend.scoring.facts.eligibility import ineligible_reason
from backend.scoring.facts.labels import labelled, option_labels
from backend.scoring.facts.own_facts import own_facts
from backend.scoring.facts.properties import ENUMERATIONS, OWN_TYPES, own_names
from backend.scoring.facts.segments import (
    NAME_MAX,
    OUTSIDE,
    PIPELINE,
    PROPERTY,
    SEGMENTS_MAX,
    TEAM,
    VALUES_MAX,
    own_read,
    placing,
    segment_of,
)
from backend.scoring.values.folding import words_of
from backend.services.mirror.definitions import (
    Definitions,
    by_field,
    deal_pipelines,
    definitions_of,
)
from backend.services.portals.choices import chosen, segment_fields
from backend.storage.leads import mirror
from backend.storage.portals import owners, portals
from backend.storage.portals.portals import Portal
from backend.wiring import Product

SAMPLE: Final = 2_000  # contacts that are looked at for a count


def check(settings: PortalSettings) -> None:
    """Raises BadChoice for segments that no portal can have."""
    segments = settings.segments
    if len(segments) > SEGMENTS_MAX:
        raise BadChoice(f"a portal has at most {SEGMENTS_MAX} segments")
    names = [words_of(one.name) for one in segments]
    for one, name in zip(segments, names, strict=True):
        if not one.name.isprintable() or not name or len(one.name) > NAME_MAX:
            raise BadChoice(
                f"{one.name!r}: a segment's name has 1 to {NAME_MAX} printable characters"
            )
        if name == words_of(OUTSIDE):
            raise BadChoice(f"{one.name!r} is what leads are called that are in no segment")
        if names.count(name) > 1:
            raise BadChoice(f"two segments are called {one.name!r}: each needs a name of its own")
        if not any(words_of(value) for value in one.values) or len(one.values) > VALUES_MAX:
            raise BadChoice(f"{one.name}: give 1 to {VALUES_MAX} values")
        edges = one.thresholds
        if edges is not None and not 0 < edges.medium < edges.high <= 100:
            raise BadChoice(f"{one.name}: bands need 0 < medium < high <= 100")


def stored(product: Product, portal: Portal, asked: Sequence[Segment]) -> tuple[Segment, ...]:
    """These segments with internal names and stored values in place of labels; those that were set
    before stay as they are, and so does everything where HubSpot cannot be asked.

    Raises BadChoice for a property or value that there is not, with the nearest that there is.
    """
    before = portal.settings.segments
    if all(one in before for one in asked):
        return tuple(asked)
    found: Definitions = {}
    pipelines: Mapping[str, str] = {}
    if portal.state == "connected":
        with suppress(NeedsReconnect):
            found = definitions_of(product.hubspot, portal.portal_id)
            pipelines = deal_pipelines(product.hubspot, portal.portal_id)
    with product.stores.database.read() as conn:
        teams = set(owners.teams(conn, portal.portal_id).values())
    return tuple(
        one if one in before else _stored(portal.settings, one, found, pipelines, teams)
        for one in asked
    )


def _stored(
    settings: PortalSettings,
    asked: Segment,
    found: Definitions,
    pipelines: Mapping[str, str],
    teams: Collection[str],
) -> Segment:
    known = segment_fields(settings, found)
    if not found and PROPERTY.fullmatch(asked.field):
        known = {**known, asked.field: asked.field}
    plain = {field: text.rpartition(" (")[0] or text for field, text in known.items()}
    spoken = known if words_of(asked.field) in map(words_of, known.values()) else plain
    (field,) = chosen("property for a segment", [asked.field], spoken)
    values = tuple(dict.fromkeys(value.strip() for value in asked.values if value.strip()))
    if field == PIPELINE and pipelines:
        values = chosen("deal pipeline", values, pipelines)
    elif field == TEAM and teams:
        values = chosen("team", values, {team: team for team in teams})
    else:
        definition = dict(by_field(found)).get(field)
        options = {} if definition is None else dict(definition.options)
        if options and definition is not None:
            picked = chosen(f"value of {known[field]}", values, options)
            kept = definition.name in ENUMERATIONS.values()  # compared as HubSpot stores them
            values = picked if kept else tuple(options[value] or value for value in picked)
    return replace(asked, name=" ".join(asked.name.split()), field=field, values=values)


@dataclass(frozen=True, slots=True)
class Caught:
    """Leads by the segment that they would be in, "" for none, among `looked_at` of `contacts`."""

    leads: Mapping[str, int]
    looked_at: int
    contacts: int


def caught(product: Product, portal_id: int, asked: Sequence[Segment]) -> Caught:
    """How many leads each segment would catch. What the mirror does not have yet is read from
    HubSpot for fewer contacts, and not kept. Raises BadChoice, Transient or NotConnected."""
    stores = product.stores
    with stores.database.read() as conn:
        portal = portals.get(conn, portal_id)
    segments = stored(product, portal, asked)
    settings = replace(portal.settings, segments=segments)
    check(settings)
    new = [field for field in own_read(settings) if field not in own_read(portal.settings)]
    with stores.database.read() as conn:
        total = mirror.counts(conn, portal_id, ("contacts",)).get("contacts", 0)
        sample = BATCH_LEADS if new else SAMPLE
        ids = mirror.spread_ids(conn, portal_id, "contacts", sample)
        contacts = mirror.records(conn, portal_id, "contacts", ids)
        linked = mirror.linked_records(conn, portal_id, list(contacts))
        teams = owners.teams(conn, portal_id)
    companies = {cid: primary_company(contacts[cid], linked.get(cid, ())) for cid in contacts}
    fresh = _fresh(product, portal, new, contacts, companies)
    counts: Counter[str] = Counter({one.name: 0 for one in segments} | {"": 0})
    for contact_id, contact in contacts.items():
        if ineligible_reason(contact_id, contact.facts, settings.eligibility):
            continue
        placed_by = placing(
            settings,
            fresh.get(("contacts", contact_id), contact),
            _with(fresh, companies[contact_id]),
            teams.get(contact.facts.get("owner_id", ""), ""),
        )
        deals = [r for r in linked.get(contact_id, ()) if r.object_type == "deals"]
        pipelines = [r.facts.get("pipeline", "") for r in deals]
        counts[segment_of(segments, placed_by, pipelines) or ""] += 1
    return Caught(dict(counts), len(contacts), total)


def _with(
    fresh: Mapping[tuple[str, str], MirrorRecord], company: MirrorRecord | None
) -> MirrorRecord | None:
    return None if company is None else fresh.get(("companies", company.object_id), company)


def _fresh(
    product: Product,
    portal: Portal,
    new: Sequence[str],
    contacts: Mapping[str, MirrorRecord],
    companies: Mapping[str, MirrorRecord | None],
) -> dict[tuple[str, str], MirrorRecord]:
    """Records with the values of properties that are not mirrored yet."""
    if not new or portal.state != "connected":
        return {}
    crm = product.hubspot.crm(portal.portal_id)
    found = definitions_of(product.hubspot, portal.portal_id)
    known = {"contacts": contacts} | {
        "companies": {one.object_id: one for one in companies.values() if one is not None}
    }
    records: dict[tuple[str, str], MirrorRecord] = {}
    for kind in OWN_TYPES:
        names = own_names(new, kind)
        if not names or not known[kind]:
            continue
        labels = option_labels(found.get(kind, ()), names)
        with suppress(MissingScopes):
            for one in crm.read(kind, list(known[kind]), names):
                given = {n: v for n, v in one.properties.items() if v}
                own = own_facts(labelled(given, labels), names)
                mirrored = known[kind][one.object_id]
                facts = {**mirrored.facts, **own}
                records[kind, one.object_id] = replace(mirrored, facts=facts)
    return records
