"""Vectors of a batch and the clients that are alike, within a time, and no more often than needed.

Whom a lead is like changes with its own facts, with the profile and with the population (counted
anew every week): while these are the same, the neighbours of its stored score stand and nothing is
sent to the index.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from backend.clients.side_by_side import in_time
from backend.config import FIND_WITHIN_S
from backend.errors import LeadlightError
from backend.model import Population, Profile, Score, Snapshot
from backend.ports import Vector
from backend.scoring.embed import Embedded
from backend.scoring.similar import Similar, similar_clients
from backend.scoring.similarity_vectors import VERSION
from backend.services.scoring.embedding import (
    company_of,
    embedded_alike,
    ideal_centroid,
    of_facts,
    of_leads,
    outcome_of,
    store_leads,
)
from backend.vocabulary import Flag
from backend.wiring import Product

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Vectors:
    """Of each lead's text and of its facts alone, in order."""

    texts: Sequence[Embedded]
    facts: Sequence[Embedded]


@dataclass(frozen=True, slots=True)
class Alike:
    """A lead's neighbours, and what they were found for ("": nothing to find them by)."""

    similar: Similar = field(default_factory=Similar)
    found_for: str = ""
    asked: bool = False  # the index was asked just now


def vectors_of(
    product: Product,
    profile: Profile,
    snapshots: Sequence[Snapshot],
    weights: Mapping[str, float],
    within_s: float,
) -> Vectors:
    """`weights` of profile fields, by what they say about winning. Never raises for a vendor: each
    lead then says why it has no vector."""

    def ask() -> Vectors:
        return Vectors(
            of_leads(product, profile, snapshots), of_facts(product, profile, snapshots, weights)
        )

    try:
        return _bounded(product, ask, within_s)
    except LeadlightError as error:
        none = [Embedded("", None, error)] * len(snapshots)
        return Vectors(none, none)


def centroid_in_time(product: Product, profile: Profile) -> Vector | None:
    """The mean vector of the ideal clients; None without any, and while the vendor is away."""
    try:
        return _bounded(product, lambda: ideal_centroid(product, profile), FIND_WITHIN_S)
    except LeadlightError:
        return None


def alike(
    product: Product,
    profile: Profile,
    population: Population,
    snapshots: Sequence[Snapshot],
    facts: Sequence[Embedded],
    before: Mapping[str, Score],
    within_s: float,
) -> list[Alike]:
    """Neighbours per lead, in order. Leads with a known outcome are put into the index on the way.

    Vectors of another embedding model are not comparable: the run that embeds anew scores these
    leads once more.
    """
    if not embedded_alike(product.ai.embedder, population):
        return [Alike() for _ in snapshots]
    companies = [company_of(product.stores, snapshot) for snapshot in snapshots]
    keys = [
        ""
        if one.vector is None
        else _key(profile, population, f"{outcome_of(snapshot)}\n{company}", one.text_hash)
        for snapshot, company, one in zip(snapshots, companies, facts, strict=True)
    ]
    found: dict[int, Alike] = {}
    for place, snapshot in enumerate(snapshots):
        old = before.get(snapshot.contact_id)
        if (
            old
            and keys[place]
            and old.found_for == keys[place]
            and Flag.INDEX_AWAY not in old.flags
        ):
            found[place] = Alike(Similar(old.neighbours), keys[place])
    asked = [place for place in range(len(snapshots)) if place not in found]

    def ask() -> list[Similar]:
        store_leads(product, profile, [snapshots[place] for place in asked])
        return similar_clients(
            profile.portal_id,
            [snapshots[place].contact_id for place in asked],
            [facts[place].vector for place in asked],
            product.ai.index,
            [companies[place] for place in asked],
        )

    try:
        similar = _bounded(product, ask, within_s) if asked else []
    except LeadlightError as error:
        similar = [Similar(error=error)] * len(asked)
    found |= {
        place: Alike(one, "" if one.error else keys[place], asked=bool(keys[place]))
        for place, one in zip(asked, similar, strict=True)
    }
    return [found[place] for place in range(len(snapshots))]


def _bounded(product: Product, ask: Callable[[], T], within_s: float) -> T:
    """What is embedded here takes the time it takes; vendors have `within_s`."""
    return in_time(ask, within_s) if product.ai.vendors else ask()


def _key(profile: Profile, population: Population, known: str, text_hash: str) -> str:
    told = f"{VERSION}\n{profile.version}\n{population.version}\n{known}\n{text_hash}"
    return hashlib.sha256(told.encode()).hexdigest()
