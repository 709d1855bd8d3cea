"""One batch down the one-way street: collect → embed → similar → baseline → analyse → calculate.

Every step takes the whole batch and leaves an outcome per lead, so one bad lead never sinks the
others. Nothing here holds a transaction across a network call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from backend.clients.redis.meter import RedisMeter
from backend.errors import LeadlightError, OverBudget, Permanent
from backend.model import Baseline, Chance, Population, Profile, Score, Snapshot, Usage
from backend.ports import Vector
from backend.scoring.baseline import baseline
from backend.scoring.calculate import Versions, band, calculate
from backend.scoring.facts.eligibility import ineligible_reason
from backend.scoring.input_hash import input_hash
from backend.scoring.model_baseline import model_baselines
from backend.scoring.next_action import strongest_sign
from backend.scoring.points.profile_points import Comparison, compare
from backend.scoring.scorecard.scorecard import Scorecard
from backend.scoring.similar import similar_clients
from backend.scoring.similarity_vectors import field_weights
from backend.scoring.traits import Traits, traits_of
from backend.services.mirror.known_names import without_known_names
from backend.services.scoring.embedding import (
    company_of,
    embedded_alike,
    ideal_centroid,
    named,
    of_facts,
    of_leads,
    store_leads,
)
from backend.services.scoring.readers import analyse_all, read_all
from backend.services.scoring.snapshots import load
from backend.storage.leads import scores
from backend.storage.learning import models, profiles
from backend.storage.portals.portals import Portal
from backend.wiring import Product, Stores

PROMPT_VERSION = 1
AWAY = "_away"  # ends the flags of what a score had to do without
OVER_BUDGET = "over_budget"


@dataclass(slots=True)
class Batch:
    """What became of each contact of one batch."""

    scored: dict[str, Score] = field(default_factory=dict)
    before: dict[str, Score] = field(default_factory=dict)
    ineligible: dict[str, str] = field(default_factory=dict)
    failed: dict[str, LeadlightError] = field(default_factory=dict)
    come_again: set[str] = field(default_factory=set)  # scored without a provider that is away
    eligible: set[str] = field(default_factory=set)
    traits: dict[str, Traits] = field(default_factory=dict)
    next_day: set[str] = field(default_factory=set)  # scored without: the budget is used up


@dataclass(frozen=True, slots=True)
class Keep:
    """Whose analyses stand although what was asked has changed: always, or while the formula puts
    the lead into the band it put it into before."""

    always: frozenset[str] = frozenset()
    in_band: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ground:
    """What all leads of a portal are held against."""

    portal: Portal
    profile: Profile
    population: Population
    comparison: Comparison
    model_version: int = 0  # 0: the formula without outcomes
    scorecard: Scorecard | None = None


def ground_of(product: Product, portal: Portal) -> Ground:
    """Profile, population and their comparison, as they are now."""
    with product.stores.database.read() as conn:
        profile = profiles.active(conn, portal.portal_id)
        population, _ = profiles.population(conn, portal.portal_id)
        published = models.published(conn, portal.portal_id)
    if not embedded_alike(product.ai.embedder, population):
        population = replace(population, centroid=None)  # of another model: not comparable
    comparison = compare(profile, population, ideal_centroid(product, profile))
    version, scorecard = published or (0, None)
    return Ground(portal, profile, population, comparison, version, scorecard)


def score_batch(
    product: Product,
    ground: Ground,
    contact_ids: Sequence[str],
    now: datetime,
    keep: Keep | None = None,
) -> Batch:
    """Score these contacts from the mirror; writes only caches, never scores."""
    batch = Batch()
    with product.stores.meter.step("collect", len(contact_ids)):
        snapshots = _collect(product.stores, ground, contact_ids, now, batch)
    hashes = {cid: _input_hash(product, ground, s) for cid, s in snapshots.items()}
    fresh: dict[str, Snapshot] = {}
    for contact_id, snapshot in snapshots.items():
        old = batch.before.get(contact_id)
        if old is not None and old.input_hash == hashes[contact_id] and _is_complete(old):
            batch.scored[contact_id] = replace(old, scored_at=now, usage=Usage())
        else:
            fresh[contact_id] = snapshot
    _count_cached(product.stores.meter, batch, fresh)
    _score_fresh(product, ground, fresh, hashes, now, batch, keep or Keep())
    return batch


def _count_cached(meter: RedisMeter, batch: Batch, fresh: Mapping[str, Snapshot]) -> None:
    meter.count("cache", len(batch.scored), cache="score", result="hit")
    meter.count("cache", len(fresh), cache="score", result="miss")


def _collect(
    stores: Stores, ground: Ground, contact_ids: Sequence[str], now: datetime, batch: Batch
) -> dict[str, Snapshot]:
    portal = ground.portal
    with stores.database.read() as conn:
        found = load(conn, portal, contact_ids, now.date())
        found = without_known_names(conn, stores, portal.portal_id, found)
        batch.before = scores.current(conn, portal.portal_id, contact_ids)
    for contact_id in contact_ids:
        if contact_id not in found:
            batch.failed[contact_id] = Permanent(f"contact {contact_id} is not in the mirror")
    leads: dict[str, Snapshot] = {}
    for contact_id, snapshot in found.items():
        batch.traits[contact_id] = traits_of(snapshot)
        reason = ineligible_reason(contact_id, snapshot.contact, portal.settings.eligibility)
        if reason:
            batch.ineligible[contact_id] = reason
        else:
            leads[contact_id] = snapshot
    batch.eligible = set(leads)
    return leads


def _input_hash(product: Product, ground: Ground, snapshot: Snapshot) -> str:
    thresholds = ground.portal.settings.thresholds
    fields = ground.scorecard.field_names if ground.scorecard else ()
    own = {name: text for name, text in snapshot.own.items() if name in fields}
    return input_hash(
        replace(snapshot, own=own),
        profile_version=ground.profile.version,
        population_version=ground.population.version,
        model_version=ground.model_version,
        high=thresholds.high,
        medium=thresholds.medium,
        prompt_version=PROMPT_VERSION,
        analyst=product.ai.analyst.name,
        reader=product.ai.reader.name,
        embedder=product.ai.embedder.name,
        sign=str(strongest_sign(snapshot)),  # leaves after 14 days, within an age's bucket
    )


def _score_fresh(
    product: Product,
    ground: Ground,
    fresh: Mapping[str, Snapshot],
    hashes: Mapping[str, str],
    now: datetime,
    batch: Batch,
    keep: Keep,
) -> None:
    if not fresh:
        return
    portal_id = ground.portal.portal_id
    ids, snapshots = list(fresh), list(fresh.values())
    step = partial(product.stores.meter.step, leads=len(ids))
    with step("embed"):
        embedded = of_leads(product, ground.profile, snapshots)
        weights = field_weights(ground.comparison)
        facts = of_facts(product, ground.profile, snapshots, weights)
    vectors = [e.vector for e in facts]
    with step("similar"):
        if embedded_alike(product.ai.embedder, ground.population):
            store_leads(product, ground.profile, snapshots)
        else:
            vectors = [None] * len(ids)  # the run that embeds anew scores these leads once more
        companies = [company_of(product.stores, snapshot) for snapshot in snapshots]
        similar = similar_clients(portal_id, ids, vectors, product.ai.index, companies)
    with step("baseline"):
        judged = baselines_of(ground, snapshots, [e.vector for e in embedded])
        baselines = [base for base, _ in judged]
    with step("analyse"):
        readings = read_all(product, ground.portal, snapshots)
        analyses = analyse_all(
            product,
            ground.portal,
            ground.profile,
            snapshots,
            baselines,
            similar,
            _kept(ground, batch, dict(zip(ids, baselines, strict=True)), keep),
        )
    for i, contact_id in enumerate(ids):
        errors = {
            "embeddings": embedded[i].error or facts[i].error,
            "index": similar[i].error,
            "reader": readings[i].error,
            "analyst": analyses[i].error,
        }
        away = _away(errors)
        if away:
            again = batch.next_day if OVER_BUDGET in away else batch.come_again
            again.add(contact_id)
        try:
            batch.scored[contact_id] = calculate(
                snapshots[i],
                baselines[i],
                analysis=analyses[i].value,
                reading=readings[i].value,
                neighbours=named(
                    product.stores,
                    similar[i].neighbours,
                    ground.profile,
                    snapshots[i].company.get("company_name", ""),
                ),
                thresholds=ground.portal.settings.thresholds,
                versions=Versions(
                    hashes[contact_id],
                    ground.profile.version,
                    ground.population.version,
                    ground.model_version,
                ),
                scored_at=now,
                chance=judged[i][1],
                population=ground.population,
                flags=away,
            )
        except LeadlightError as error:
            batch.failed[contact_id] = error


def _kept(ground: Ground, batch: Batch, baselines: Mapping[str, Baseline], keep: Keep) -> set[str]:
    """Leads whose analysis stands."""
    thresholds = ground.portal.settings.thresholds
    same_band = {
        cid
        for cid, base in baselines.items()
        if (old := batch.before.get(cid)) is not None
        and band(old.baseline, thresholds) is band(base.points, thresholds)
    }
    return (same_band & keep.in_band) | keep.always


def baselines_of(
    ground: Ground, snapshots: Sequence[Snapshot], vectors: Sequence[Vector | None]
) -> list[tuple[Baseline, Chance | None]]:
    """By the published model with its chance, else by the formula, which promises none."""
    if ground.scorecard is not None:
        return [*model_baselines(ground.scorecard, snapshots, ground.comparison, vectors)]
    return [
        (baseline(snapshot, ground.comparison, vector), None)
        for snapshot, vector in zip(snapshots, vectors, strict=True)
    ]


def _away(errors: Mapping[str, LeadlightError | None]) -> tuple[str, ...]:
    """Flags for what a score had to do without: "analyst_away", …, "over_budget"."""
    flags = [f"{part}{AWAY}" for part, error in errors.items() if error is not None]
    spent = any(isinstance(error, OverBudget) for error in errors.values())
    return (*flags, OVER_BUDGET) if spent else tuple(flags)


def _is_complete(score: Score) -> bool:
    """Scored with everything that is configured; else it is scored again when it comes again."""
    return score.source != "model" and not any(flag.endswith(AWAY) for flag in score.flags)
