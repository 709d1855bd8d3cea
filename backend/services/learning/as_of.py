"""Leads as they were one day before their first deal: what a score would have known then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from backend.learning.data.outcomes import Outcome
from backend.model import DealFact, Snapshot
from backend.ports import Crm
from backend.scoring.collect import counted, typed_only
from backend.scoring.facts.contact_facts import STAGE_DAYS
from backend.scoring.facts.properties import FREE_TEXT, IDENTITY
from backend.scoring.facts.segments import segment_of
from backend.services.learning.history import around, value_at
from backend.services.learning.labels import Past
from backend.services.learning.own_history import field_of, followed, own_then, read_for
from backend.services.mirror.mirroring import wanted
from backend.slices import slices
from backend.storage.learning import models
from backend.storage.learning.models import PastFacts
from backend.storage.portals.portals import Portal
from backend.wiring import Product

OWN_SCORE = "hubspotscore"  # the portal's own score: read only to be compared with, never learned
# Facts made of identity properties, whose history is not read; they hardly ever change.
_OF_IDENTITY = ("email_domain", "email_kind", "has_email", "has_phone", "company_id", "created_on")
_OF_LABELS = {name for names in STAGE_DAYS.values() for name in names}  # no facts of a past


@dataclass(frozen=True, slots=True)
class AsOf:
    """Leads as they were before their outcome, in order, and per contact fact the share of its
    values that were first written after the outcome (from HubSpot's property history)."""

    snapshots: list[Snapshot]
    filled_after: Mapping[str, float]


def as_of(product: Product, portal: Portal, chosen: Sequence[tuple[Past, Outcome]]) -> AsOf:
    """The same leads as they were at their outcome's `as_of`."""
    found: list[Snapshot] = []
    written: dict[str, list[bool]] = {}
    for part in slices(chosen):
        facts = _facts(product, portal, part)
        for past, outcome in part:
            then = facts[past.snapshot.contact_id]
            facts_then = counted(then.facts, portal.settings)
            found.append(_back_then(portal, past.snapshot, outcome.as_of, facts_then))
            for fact, late in then.late.items():
                written.setdefault(field_of(fact), []).append(late)
    shares = {fact: sum(late) / len(late) for fact, late in sorted(written.items())}
    return AsOf(found, shares)


def _facts(
    product: Product, portal: Portal, part: Sequence[tuple[Past, Outcome]]
) -> dict[str, PastFacts]:
    """Contact facts at each lead's time, from the cache or from HubSpot's property history."""
    with product.stores.database.read() as conn:
        known = models.known_facts(conn, portal.portal_id, [p.snapshot.contact_id for p, _ in part])
    # Times of two zones never equal in hours that a change of clocks skips or repeats (PEP 495).
    due = {past.snapshot.contact_id: outcome.as_of.astimezone(UTC) for past, outcome in part}
    facts = {cid: then for cid, then in known.items() if then.as_of == due[cid]}
    missing = [(p, o) for p, o in part if p.snapshot.contact_id not in facts]
    crm = product.hubspot.crm(portal.portal_id, background=True)
    read = followed(portal, crm, [outcome for _, outcome in part], facts)
    read |= _read(portal, crm, missing) if missing else {}
    if read:
        with product.stores.database.write() as conn:
            models.remember_facts(conn, portal.portal_id, read)
    return facts | read


def _read(
    portal: Portal, crm: Crm, missing: Sequence[tuple[Past, Outcome]]
) -> dict[str, PastFacts]:
    hidden = IDENTITY | {name for owner, name in FREE_TEXT.values() if owner == "contacts"}
    names = [n for n in wanted(portal, "contacts") if n not in hidden | _OF_LABELS | {OWN_SCORE}]
    ids = [past.snapshot.contact_id for past, _ in missing]
    changes = crm.history("contacts", ids, [*names, OWN_SCORE])
    found: dict[str, PastFacts] = {}
    for past, outcome in missing:
        contact = past.snapshot.contact
        versions = changes.get(past.snapshot.contact_id, {})
        then, written_late = around(portal, versions, outcome)
        kept = {name: contact[name] for name in _OF_IDENTITY if name in contact}
        late = {fact: is_late for fact, is_late in written_late.items() if fact not in kept}
        own = value_at(versions.get(OWN_SCORE, ()), outcome.as_of)
        kept |= {OWN_SCORE: own} if own else {}
        found[past.snapshot.contact_id] = PastFacts(
            outcome.as_of, {**then, **kept, **read_for(portal)}, late
        )
    return found


def _back_then(
    portal: Portal, snapshot: Snapshot, at: datetime, facts: Mapping[str, str]
) -> Snapshot:
    """A deal's pipeline places nobody before the deal is there."""
    settings = portal.settings
    asked = {one.field for one in settings.segments}
    placed_by = own_then(snapshot.placed_by, facts, asked)
    deals = tuple(_deal_then(deal, at) for deal in snapshot.deals if deal.created_at < at)
    return replace(
        snapshot,
        today=at.date(),
        contact=typed_only(facts),
        deals=deals,
        activities=tuple(a for a in snapshot.activities if a.occurred_at < at),
        free_text={},
        own=own_then(snapshot.own, facts, settings.learn_from),
        placed_by=placed_by,
        segment=segment_of(settings.segments, placed_by, [deal.pipeline for deal in deals]),
    )


def _deal_then(deal: DealFact, at: datetime) -> DealFact:
    """Open, unless it is known to have ended before."""
    if deal.closed_at is None or deal.closed_at >= at:
        return replace(deal, outcome="open", closed_at=None)
    return deal
