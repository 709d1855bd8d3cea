"""The six profile fields of a lead against the ideal clients and the portal's leads.

A `Comparison` is built once per batch; asking it about a lead is a few dictionary look-ups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import exp2, log2, sqrt
from typing import Final

from backend.config import FIELD_CAP, POINTS_TO_DOUBLE, PROFILE_CAP, PROFILE_WEIGHT, SCORE_LEADS
from backend.model import (
    NOTHING,
    PROFILE_FIELDS,
    IdealClient,
    MissingField,
    Population,
    Profile,
    Snapshot,
)
from backend.ports import Vector
from backend.scoring.facts.labels import BINNED, SHOWN
from backend.scoring.points.log_ratios import log_ratio_points
from backend.scoring.points.parts import Part
from backend.scoring.text.harmless import harmless
from backend.scoring.text.manipulation import suspected
from backend.scoring.values.countries import countries_of
from backend.scoring.values.industries import INDUSTRIES
from backend.scoring.values.numbers import clamp, nearest
from backend.scoring.values.words import shown

OPEN_FIELDS: Final = ("industry", "technologies")  # anything may have been typed there

CLAIMED: Final = " (claimed by the lead itself)"
CLAIMED_CAP: Final = 10.0  # points, of the 30 that a profile can have
TELLING_RATIO: Final = 1.2  # nearer to 1 it would be called "1.1 times as common"
COMMON_TECHNOLOGY: Final = 5  # leads that use it before its absence among ideal clients counts


@dataclass(frozen=True, slots=True)
class Comparison:
    """Points per value of each profile field, and the two centroids for similarity.

    `ratios`: how many times as common each value is among ideal clients, cautiously.
    `ideal_centroid` is the mean embedding of the ideal clients; the population's own is in
    `population`.
    """

    points: Mapping[str, Mapping[str, float]]
    ratios: Mapping[str, Mapping[str, float]]
    population: Population
    ideal_centroid: Vector | None = None
    segments: Mapping[str, Comparison] = NOTHING

    def of(self, segment: str | None) -> Comparison:
        """What leads of a segment are compared with, as `Profile.of`."""
        return self.segments.get(segment or "", self.segments.get("", self))


def compare(
    profile: Profile | None,
    population: Population,
    ideal_centroid: Vector | None = None,
    of_segments: Mapping[str, Vector | None] = NOTHING,
) -> Comparison:
    """What each value says. Without ideal clients or without leads: nothing. `of_segments`: the
    centroids of the ideal clients of segments that have their own."""
    clients = profile.clients if profile else ()
    segments = {
        name: compare(own, population, of_segments.get(name))
        for name, own in (profile.segments if profile else NOTHING).items()
    }
    tables = {field: _log_ratios(field, clients, population) for field in PROFILE_FIELDS}
    ratios = {
        field: {v: exp2(points / (POINTS_TO_DOUBLE * PROFILE_WEIGHT)) for v, points in t.items()}
        for field, t in tables.items()
    }
    points = {
        field: _centred(table, population.counts.get(field, NOTHING))
        for field, table in tables.items()
    }
    return Comparison(points, ratios, population, ideal_centroid, segments)


@lru_cache(maxsize=SCORE_LEADS)
def values_of(snapshot: Snapshot) -> Mapping[str, tuple[str, ...]]:
    """The lead's profile values: its company's, else its own. () when unknown.

    Each field has at most one value, except technologies.
    """
    values = {}
    for field in PROFILE_FIELDS:
        text = snapshot.company.get(field) or snapshot.contact.get(field) or ""
        parts = text.split(";") if field == "technologies" else [text]
        values[field] = tuple(sorted({part for part in parts if part}))
    return values


def told(snapshot: Snapshot, field: str) -> str:
    """What the record says of a known profile field, in its own words: "120", "$10K - $50K", and
    whether only the lead itself says so."""
    facts = snapshot.company if snapshot.company.get(field) else snapshot.contact
    values = values_of(snapshot)[field]
    text = facts.get(SHOWN + field) or ", ".join(shown(field, value) for value in values)
    return text + (CLAIMED if claims(snapshot, field) else "")


def of_its_bin(field: str, value: str, comparison: str) -> str:
    """A comparison of a bin, with the bin that it speaks of: "51-200: 2 times as common …"."""
    return f"{value}: {comparison}" if comparison and field in BINNED else comparison


def client_values(client: IdealClient) -> dict[str, tuple[str, ...]]:
    """The same of an ideal client."""
    values = {}
    for field in PROFILE_FIELDS:
        value = getattr(client, field)
        parts = value if isinstance(value, tuple) else (value,)
        values[field] = tuple(sorted({part for part in parts if part and counts(field, part)}))
    return values


@lru_cache(maxsize=4_096)
def counts(field: str, value: str) -> bool:
    """Whether a value of a profile's file is one. What was typed into an open field and gives its
    reader orders, or names somebody, counts for nothing and leaves to nobody."""
    if field not in OPEN_FIELDS:
        return not suspected(value)
    return (field == "industry" and value in INDUSTRIES) or bool(harmless(value))


def profile_parts(snapshot: Snapshot, comparison: Comparison) -> list[Part]:
    """One part per known field that can be compared; unknown fields have none."""
    parts = []
    for field, values in values_of(snapshot).items():
        table = comparison.points[field]
        if values and table:
            points = _points(field, values, table)
            words = _comparison(points, comparison.ratios[field].get(values[0]), len(values))
            words = of_its_bin(field, values[0], words)
            parts.append(Part(field, told(snapshot, field), points, "profile", words))
    return _bounded(snapshot, parts)


def claims(snapshot: Snapshot, field: str) -> bool:
    """Whether nobody but the lead says so: a stranger with free mail and no company, who sent a
    form, and a field of its own record."""
    contact = snapshot.contact
    stranger = contact.get("email_kind") != "company" and snapshot.company_id is None
    return stranger and bool(contact.get("forms")) and bool(contact.get(field))


def _bounded(snapshot: Snapshot, parts: list[Part]) -> list[Part]:
    """What a stranger claims scaled down together, so that claims alone make nobody an ideal
    client."""
    total = sum(part.points for part in parts if claims(snapshot, part.field))
    scale = min(1.0, CLAIMED_CAP / total) if total > 0 else 1.0
    return [
        replace(part, points=part.points * scale) if claims(snapshot, part.field) else part
        for part in parts
    ]


def missing_fields(snapshot: Snapshot, comparison: Comparison) -> tuple[MissingField, ...]:
    """The unknown profile fields with the most each could add, given what is known."""
    known = profile_parts(snapshot, comparison)
    room = max(0.0, PROFILE_CAP - sum(part.points for part in known))
    values = values_of(snapshot)
    return tuple(
        MissingField(field, nearest(min(room, best_points(field, comparison))))
        for field in PROFILE_FIELDS
        if not values[field]
    )


def best_points(field: str, comparison: Comparison) -> float:
    """The most points a value of the field is worth, at least 0."""
    return clamp(max(comparison.points[field].values(), default=0.0), 0.0, FIELD_CAP)


def _log_ratios(
    field: str, clients: Sequence[IdealClient], population: Population
) -> dict[str, float]:
    """Points per value: the log-ratio, weighed by how much was seen of the value.

    A value that hardly any lead has says little by being absent among twenty ideal clients. With
    `seen` = ideal clients that have it + ideal clients expected to have it, the log-ratio counts
    seen / (seen + 1).
    """
    leads = dict(population.counts.get(field, NOTHING))
    ideal = _spread(Counter(v for c in clients for v in client_values(c)[field]), leads, field)
    if field == "technologies":
        leads = {v: n for v, n in leads.items() if n >= COMMON_TECHNOLOGY or v in ideal}
    raw = log_ratio_points(ideal, leads)
    ideal_total, lead_total = sum(ideal.values()), sum(leads.values())
    table = {}
    for value, points in raw.items():
        seen = ideal.get(value, 0.0) + ideal_total * leads.get(value, 0) / lead_total
        table[value] = points * seen / (seen + 1.0)
    return table


def _centred(table: Mapping[str, float], leads: Mapping[str, int]) -> dict[str, float]:
    """The field's points shifted so that the mean of 2^(points/15) over known leads is 1.

    Half a log-ratio is negative on average (Jensen). Without the shift an unknown field, at 0,
    would be worth more than what the average lead has.
    """
    capped = {v: clamp(points, -FIELD_CAP, FIELD_CAP) for v, points in table.items()}
    known = sum(leads.get(value, 0) for value in capped)
    if not known:
        return capped
    odds = sum(leads.get(v, 0) * exp2(p / POINTS_TO_DOUBLE) for v, p in capped.items()) / known
    shift = POINTS_TO_DOUBLE * log2(odds)
    return {v: clamp(points - shift, -FIELD_CAP, FIELD_CAP) for v, points in capped.items()}


def _spread(ideal: Mapping[str, int], leads: Mapping[str, int], field: str) -> dict[str, float]:
    """A client in "europe" counts for the portal's European countries, in their proportions."""
    spread: dict[str, float] = {}
    for value, count in sorted(ideal.items()):
        shares = {value: 1.0}
        if field == "location":
            within = {c: n for c in countries_of(value) if (n := leads.get(c, 0))}
            total = sum(within.values()) + leads.get(value, 0)
            if within:
                shares = {c: n / total for c, n in {**within, value: leads.get(value, 0)}.items()}
        for name, share in sorted(shares.items()):
            if share:
                spread[name] = spread.get(name, 0.0) + count * share
    return spread


def _points(field: str, values: Sequence[str], table: Mapping[str, float]) -> float:
    """Points of the value; of several, their sum over the root of their number.

    Technologies come in stacks and overlap: the root is between adding them up, as if they were
    independent, and their mean. Values that neither table knows say nothing.
    """
    known = [table[value] for value in values if value in table]
    points = sum(known) / sqrt(len(known)) if known else 0.0
    return clamp(points, -FIELD_CAP, FIELD_CAP)


def _comparison(points: float, ratio: float | None, values: int) -> str:
    """How often ideal clients have it, in words; "" where that would not explain the points."""
    if ratio is None or values > 1 or abs(points) < 0.5 or (ratio > 1) != (points > 0):
        return ""
    times = max(ratio, 1 / ratio)
    if times < TELLING_RATIO:
        return ""
    told = f"{times:.1f}".removesuffix(".0")
    return f"{told} times {'as common' if ratio > 1 else 'rarer'} among ideal clients"
