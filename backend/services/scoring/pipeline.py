"""A batch through the scoring pipeline: collect, embed, similar, baseline, analyse, calculate.

Every step takes the whole batch and leaves an outcome per lead, so one bad lead never sinks the
others. Nothing here holds a transaction across a network call.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from backend.clients.redis.meter import RedisMeter
from backend.clients.side_by_side import side_by_side
from backend.config import ANSWER_WITHIN_S, BACKFILL_WITHIN_S, FIND_WITHIN_S
from backend.errors import LeadlightError, OverBudget, Permanent, QuotaUsedUp, SlowAnswer
from backend.model import (
    Analysis,
    Baseline,
    Chance,
    Pin,
    Population,
    Profile,
    Score,
    Snapshot,
    TextReading,
    Usage,
)
from backend.ports import Vector
from backend.scoring.baseline import baseline
from backend.scoring.calculate import Versions, band, calculate
from backend.scoring.facts.eligibility import ineligible_reason
from backend.scoring.facts.segments import SEGMENT_FIELD, thresholds_of
from backend.scoring.input_hash import input_hash
from backend.scoring.model_baseline import model_baselines
from backend.scoring.next_action import strongest_sign
from backend.scoring.points.profile_points import Comparison, compare
from backend.scoring.points.segment_profiles import in_segments
from backend.scoring.scorecard.scorecard import Scorecard
from backend.scoring.similarity_vectors import field_weights
from backend.scoring.traits import Traits, traits_of
from backend.services.mirror.known_names import without_known_names
from backend.services.scoring.alike import Alike, alike, centroid_in_time, vectors_of
from backend.services.scoring.budget import is_free
from backend.services.scoring.embedding import embedded_alike, named
from backend.services.scoring.failures import note_failures
from backend.services.scoring.readers import Asked, analyse_all, read_all
from backend.services.scoring.snapshots import load
from backend.storage.leads import lead_pins, scores
from backend.storage.learning import models, profiles
from backend.storage.portals.portals import Portal
from backend.vocabulary import Flag
from backend.wiring import Product, Stores

T = TypeVar("T")

PROMPT_VERSION = 1
AWAY = "_away"  # ends the flags of what a score had to do without
REFUSED = "_refused"  # ends the flags of what a model will not answer
FIND_SHARE = FIND_WITHIN_S / ANSWER_WITHIN_S  # of the time, for vectors and similar clients
SETTLING_S = 1.0  # for what has to be stored about answers that came at the last moment


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
    pins: dict[str, Pin] = field(default_factory=dict)
    next_day: set[str] = field(default_factory=set)  # scored without: the budget is used up


@dataclass(frozen=True, slots=True)
class Keep:
    """Whose analyses stand although what was asked has changed: always, or while the formula puts
    the lead into the band it put it into before. A person who asks gets a new one (`anew`) where
    anything that it could have seen has changed."""

    always: frozenset[str] = frozenset()
    in_band: frozenset[str] = frozenset()
    anew: frozenset[str] = frozenset()


KEEP_NONE = Keep()


@dataclass(frozen=True, slots=True)
class ScoringContext:
    """What all leads of a portal are held against."""

    portal: Portal
    profile: Profile
    population: Population
    comparison: Comparison
    model_version: int = 0  # 0: the formula without outcomes
    scorecard: Scorecard | None = None

    @property
    def comparable(self) -> bool:
        """There is something to judge leads by. Until then no vendor is asked for a judgement that
        the first profile would overturn."""
        return bool(self.profile.clients) or self.scorecard is not None


def context_of(product: Product, portal: Portal) -> ScoringContext:
    """Profile, population and their comparison, as they are now."""
    with product.stores.database.read() as conn:
        active = profiles.active(conn, portal.portal_id)
        population, _ = profiles.population(conn, portal.portal_id)
        published = models.published(conn, portal.portal_id)
    if not embedded_alike(product.ai.embedder, population):
        population = replace(population, centroid=None)  # of another model: not comparable
    profile = in_segments(active, portal.settings.segments)
    comparison = compare(
        profile,
        population,
        centroid_in_time(product, profile),
        {name: centroid_in_time(product, own) for name, own in profile.segments.items()},
    )
    version, scorecard = published or (0, None)
    return ScoringContext(portal, profile, population, comparison, version, scorecard)


def score_batch(
    product: Product,
    context: ScoringContext,
    contact_ids: Sequence[str],
    now: datetime,
    keep: Keep = KEEP_NONE,
    within_s: float = BACKFILL_WITHIN_S,
) -> Batch:
    """Score these contacts from the mirror; writes only caches, never scores.

    Vendors have `within_s` for the whole batch; what they have not answered then is done without.
    """
    batch = Batch()
    with product.stores.meter.step("collect", len(contact_ids)):
        snapshots = _collect(product.stores, context, contact_ids, now, batch)
    hashes = {
        cid: _input_hash(product, context, s, batch.pins.get(cid)) for cid, s in snapshots.items()
    }
    fresh: dict[str, Snapshot] = {}
    for contact_id, snapshot in snapshots.items():
        old = batch.before.get(contact_id)
        same = old is not None and old.input_hash == hashes[contact_id]
        if old is not None and same and _is_complete(old) and contact_id not in keep.anew:
            batch.scored[contact_id] = replace(old, scored_at=now, usage=Usage())
        else:
            fresh[contact_id] = snapshot
    _count_cached(product.stores.meter, batch, fresh)
    _score_fresh(product, context, fresh, hashes, now, batch, keep, within_s)
    return batch


def _count_cached(meter: RedisMeter, batch: Batch, fresh: Mapping[str, Snapshot]) -> None:
    meter.count("cache", len(batch.scored), cache="score", result="hit")
    meter.count("cache", len(fresh), cache="score", result="miss")


def _collect(
    stores: Stores, context: ScoringContext, contact_ids: Sequence[str], now: datetime, batch: Batch
) -> dict[str, Snapshot]:
    portal = context.portal
    with stores.database.read() as conn:
        found = load(conn, portal, contact_ids, now)
        found = without_known_names(conn, stores, portal.portal_id, found)
        batch.pins = lead_pins.holding(conn, portal, contact_ids, now)
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


def _input_hash(
    product: Product, context: ScoringContext, snapshot: Snapshot, pin: Pin | None
) -> str:
    thresholds = thresholds_of(context.portal.settings, snapshot.segment)
    fields = context.scorecard.field_names if context.scorecard else ()
    own = {name: text for name, text in snapshot.own.items() if name in fields}
    segment = snapshot.segment
    return input_hash(
        replace(snapshot, own=own),
        profile_version=context.profile.version,
        population_version=context.population.version,
        model_version=context.model_version,
        high=thresholds.high,
        medium=thresholds.medium,
        prompt_version=PROMPT_VERSION,
        analyst=product.ai.analyst.name,
        reader=product.ai.reader.name,
        embedder=product.ai.embedder.name,
        sign=str(strongest_sign(snapshot)),  # leaves after 14 days, within an age's bucket
        # a portal without any keeps its hashes
        **({} if pin is None else {"pin": str(pin)}),
        **({"segment": str(segment)} if segment or SEGMENT_FIELD in fields else {}),
    )


def _score_fresh(
    product: Product,
    context: ScoringContext,
    fresh: Mapping[str, Snapshot],
    hashes: Mapping[str, str],
    now: datetime,
    batch: Batch,
    keep: Keep,
    within_s: float,
) -> None:
    if not fresh:
        return
    ends = time.monotonic() + within_s
    ids, snapshots = list(fresh), list(fresh.values())
    step = partial(product.stores.meter.step, leads=len(ids))
    find_s = within_s * FIND_SHARE
    with step("embed"):
        vectors = vectors_of(
            product, context.profile, snapshots, field_weights(context.comparison), find_s
        )
    near = [Alike() for _ in ids]
    with step("similar"):
        if context.comparable:
            near = alike(
                product,
                context.profile,
                context.population,
                snapshots,
                vectors.facts,
                batch.before,
                max(1.0, ends - time.monotonic() - within_s + find_s),
            )
    with step("baseline"):
        judged = baselines_of(context, snapshots, [e.vector for e in vectors.texts])
        baselines = [base for base, _ in judged]
    kept = _kept(context, batch, dict(zip(ids, baselines, strict=True)), keep)
    with step("analyse"):
        readings, analyses = _asked(
            product, context, snapshots, baselines, near, kept, keep.anew, ends - time.monotonic()
        )
    errors: list[dict[str, LeadlightError | None]] = [
        {
            "embeddings": vectors.texts[i].error or vectors.facts[i].error,
            "index": near[i].similar.error,
            "reader": readings[i].error,
            "analyst": analyses[i].error,
        }
        for i in range(len(ids))
    ]
    answered = {
        "embeddings": any(e.fresh for e in (*vectors.texts, *vectors.facts)),
        "index": any(one.asked and one.similar.error is None for one in near),
        "reader": any(one.fresh for one in readings),
        "analyst": any(one.fresh for one in analyses),
    }
    note_failures(product.stores, context.portal.portal_id, errors, answered)
    for i, contact_id in enumerate(ids):
        away = _away(errors[i])
        if away:
            again = batch.next_day if Flag.OVER_BUDGET in away else batch.come_again
            again.add(contact_id)
        refused = {"reader": readings[i].refused, "analyst": analyses[i].refused}
        flags = (*away, *(f"{part}{REFUSED}" for part, is_so in refused.items() if is_so))
        try:
            batch.scored[contact_id] = calculate(
                snapshots[i],
                baselines[i],
                analysis=analyses[i].value,
                reading=readings[i].value,
                neighbours=named(
                    product.stores,
                    near[i].similar.neighbours,
                    context.profile,
                    snapshots[i].company.get("company_name", ""),
                ),
                thresholds=thresholds_of(context.portal.settings, snapshots[i].segment),
                versions=Versions(
                    hashes[contact_id],
                    context.profile.version,
                    context.population.version,
                    context.model_version,
                ),
                scored_at=now,
                chance=judged[i][1],
                population=context.population,
                flags=flags,
                found_for=near[i].found_for,
                pin=batch.pins.get(contact_id),
            )
        except LeadlightError as error:
            batch.failed[contact_id] = error


def _asked(
    product: Product,
    context: ScoringContext,
    snapshots: Sequence[Snapshot],
    baselines: Sequence[Baseline],
    near: Sequence[Alike],
    kept: set[str],
    anew: frozenset[str],
    within_s: float,
) -> tuple[list[Asked[TextReading]], list[Asked[Analysis]]]:
    """Both readers at once, over within `within_s`, storing what they said included."""
    ask_s = max(1.0, within_s - SETTLING_S)

    def read() -> list[Asked[TextReading]]:
        return read_all(product, context.portal, snapshots, ask_s)

    def analyse() -> list[Asked[Analysis]]:
        if not context.comparable and not is_free([product.ai.analyst.cost()]):
            return [Asked() for _ in snapshots]
        return analyse_all(
            product,
            context.portal,
            context.profile,
            snapshots,
            baselines,
            [one.similar for one in near],
            kept,
            anew,
            ask_s,
        )

    if not product.ai.vendors:
        return read(), analyse()
    both: list[Callable[[], Any]] = [read, analyse]
    readings, analyses = side_by_side(lambda ask: ask(), both, 2, ask_s + SETTLING_S)
    return _or_late(readings, len(snapshots)), _or_late(analyses, len(snapshots))


def _or_late(answers: list[Asked[T]] | LeadlightError, leads: int) -> list[Asked[T]]:
    if isinstance(answers, SlowAnswer):
        return [Asked(error=answers)] * leads
    if isinstance(answers, LeadlightError):
        raise answers
    return answers


def _kept(
    context: ScoringContext, batch: Batch, baselines: Mapping[str, Baseline], keep: Keep
) -> set[str]:
    """Leads whose analysis stands."""
    settings = context.portal.settings
    same_band = {
        cid
        for cid, base in baselines.items()
        if (old := batch.before.get(cid)) is not None
        and band(old.baseline, thresholds_of(settings, old.segment))
        is band(base.points, thresholds_of(settings, batch.traits[cid].segment))
    }
    return (same_band & keep.in_band) | keep.always


def baselines_of(
    context: ScoringContext, snapshots: Sequence[Snapshot], vectors: Sequence[Vector | None]
) -> list[tuple[Baseline, Chance | None]]:
    """By the published model with its chance, else by the formula, which promises none."""
    if context.scorecard is not None:
        return [*model_baselines(context.scorecard, snapshots, context.comparison, vectors)]
    return [
        (baseline(snapshot, context.comparison, vector), None)
        for snapshot, vector in zip(snapshots, vectors, strict=True)
    ]


def _away(errors: Mapping[str, LeadlightError | None]) -> tuple[str, ...]:
    """Flags for what a score had to do without: "analyst_away", …, "over_budget"."""
    flags = [f"{part}{AWAY}" for part, error in errors.items() if error is not None]
    own = [e for e in errors.values() if isinstance(e, OverBudget)]
    spent = any(not isinstance(error, QuotaUsedUp) for error in own)
    return (*flags, Flag.OVER_BUDGET) if spent else tuple(flags)


def _is_complete(score: Score) -> bool:
    """Scored with everything that is configured; else it is scored again when it comes again."""
    return not any(flag.endswith(AWAY) for flag in score.flags)
