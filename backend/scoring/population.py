"""What a portal's leads look like, built in one pass over them.

Counts and the mean embedding come from every lead; centring and percentiles from a sample that
does not depend on the order in which leads arrive (those with the smallest hash of their id).
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterable
from math import log2

import numpy as np

from backend.config import POINTS_TO_DOUBLE, POPULATION_SAMPLE
from backend.model import PROFILE_FIELDS, Population, Profile, Snapshot
from backend.ports import Vector
from backend.scoring.baseline import baseline, formula_parts, similarity_parts
from backend.scoring.parts import exact_points
from backend.scoring.profile_points import compare, values_of

# Hash and position come first, so that two leads are never compared themselves.
_Kept = tuple[int, int, Snapshot, Vector | None]


def build_population(
    version: int,
    leads: Iterable[tuple[Snapshot, Vector | None]],
    profile: Profile | None = None,
    ideal_centroid: Vector | None = None,
) -> Population:
    """The population table of one portal. `leads` may be a generator; it is read once.

    No lead and no ideal client are both fine: the offset is then 0 and nothing is compared.
    """
    counts: dict[str, Counter[str]] = {field: Counter() for field in PROFILE_FIELDS}
    total: np.ndarray | None = None
    embedded = number = 0
    sample: list[_Kept] = []
    for snapshot, vector in leads:
        number += 1
        for field, values in values_of(snapshot).items():
            counts[field].update(values)
        if vector is not None:
            total = np.zeros(vector.shape) if total is None else total
            total += vector
            embedded += 1
        _keep(sample, number, snapshot, vector)
    bare = Population(
        version=version,
        leads=number,
        counts={field: dict(sorted(counter.items())) for field, counter in counts.items()},
        centroid=None if total is None else tuple(round(float(x), 7) for x in total / embedded),
    )
    return _centred(bare, sample, profile, ideal_centroid)


def centroid(vectors: Iterable[Vector]) -> Vector | None:
    """The mean of unit vectors, None of none."""
    rows = list(vectors)
    if not rows:
        return None
    return np.asarray(np.stack(rows).mean(axis=0, dtype=np.float64), dtype=np.float32)


def _centred(
    bare: Population, sample: list[_Kept], profile: Profile | None, ideal_centroid: Vector | None
) -> Population:
    comparison = compare(profile, bare, ideal_centroid)
    ordered = sorted(sample, key=lambda kept: kept[:2])
    odds = [
        2.0 ** (exact_points([*formula_parts(s, comparison), *similarity_parts(comparison, v)])
                / POINTS_TO_DOUBLE)
        for _, _, s, v in ordered
    ]  # fmt: skip
    offset = -POINTS_TO_DOUBLE * log2(sum(odds) / len(odds)) if odds else 0.0
    centred = Population(
        version=bare.version,
        leads=bare.leads,
        counts=bare.counts,
        offset_points=round(offset, 6),
        centroid=bare.centroid,
    )
    final = compare(profile, centred, ideal_centroid)
    points = sorted(baseline(s, final, v).points for _, _, s, v in ordered)
    return Population(
        version=centred.version,
        leads=centred.leads,
        counts=centred.counts,
        offset_points=centred.offset_points,
        centroid=centred.centroid,
        points_sorted=tuple(points),
    )


def _keep(sample: list[_Kept], position: int, snapshot: Snapshot, vector: Vector | None) -> None:
    """The `POPULATION_SAMPLE` leads with the smallest hash, in a heap with the largest on top."""
    digest = hashlib.blake2b(snapshot.contact_id.encode(), digest_size=8).digest()
    item = (-int.from_bytes(digest, "big"), position, snapshot, vector)
    if len(sample) < POPULATION_SAMPLE:
        heapq.heappush(sample, item)
    elif item[:2] > sample[0][:2]:
        heapq.heapreplace(sample, item)
