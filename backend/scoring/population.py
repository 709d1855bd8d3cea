"""What a portal's leads look like, built in one pass over them.

Counts and the mean embedding come from every lead; centring and percentiles from a sample that
does not depend on the order in which leads arrive (those with the smallest hash of their id).
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from math import log2

import numpy as np

from backend.config import POINTS_AVERAGE, POINTS_TO_DOUBLE, POPULATION_SAMPLE
from backend.model import NOTHING, PROFILE_FIELDS, Baseline, Population, Profile, Snapshot
from backend.ports import Vector
from backend.scoring.baseline import baseline, formula_parts, similarity_parts
from backend.scoring.model_baseline import model_baselines
from backend.scoring.points.parts import exact_points
from backend.scoring.points.profile_points import Comparison, compare, values_of
from backend.scoring.scorecard.scorecard import Scorecard

# Hash and position come first, so that two leads are never compared themselves.
_Kept = tuple[int, int, Snapshot, Vector | None]


def build_population(
    version: int,
    leads: Iterable[tuple[Snapshot, Vector | None]],
    profile: Profile | None = None,
    ideal_centroid: Vector | None = None,
    scorecard: Scorecard | None = None,
    of_segments: Mapping[str, Vector | None] = NOTHING,
) -> Population:
    """The population table of one portal, centred for the formula or for a published model.
    `leads` may be a generator; it is read once.

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
    return _centred(
        bare, sample, lambda known: compare(profile, known, ideal_centroid, of_segments), scorecard
    )


def centroid(vectors: Iterable[Vector]) -> Vector | None:
    """The mean of unit vectors, None of none."""
    rows = list(vectors)
    if not rows:
        return None
    return np.asarray(np.stack(rows).mean(axis=0, dtype=np.float64), dtype=np.float32)


def _centred(
    bare: Population,
    sample: list[_Kept],
    compared: Callable[[Population], Comparison],
    scorecard: Scorecard | None,
) -> Population:
    kept = sorted(sample, key=lambda one: (-one[0], one[1]))
    snapshots, vectors = [s for _, _, s, _ in kept], [v for _, _, _, v in kept]
    comparison = compared(bare)
    offset = centring_points(_exact(snapshots, vectors, comparison, scorecard))
    centred = replace(bare, offset_points=round(offset, 6))
    final = compared(centred)
    points = sorted(base.points for base in _baselines(snapshots, vectors, final, scorecard))
    return replace(centred, points_sorted=tuple(points))


def centring_points(points: Sequence[float]) -> float:
    """What to add to every lead so that the mean of 2^(points/15) is 1; `points` are over 50."""
    if not points:
        return 0.0
    mean = sum(2.0 ** (p / POINTS_TO_DOUBLE) for p in points) / len(points)
    return -POINTS_TO_DOUBLE * log2(mean)


def _exact(
    snapshots: Sequence[Snapshot],
    vectors: Sequence[Vector | None],
    comparison: Comparison,
    scorecard: Scorecard | None,
) -> list[float]:
    if scorecard is not None:
        judged = model_baselines(scorecard, snapshots, comparison, vectors)
        return [base.points - POINTS_AVERAGE for base, _ in judged]
    return [
        exact_points([*formula_parts(s, own), *similarity_parts(own, v)])
        for s, v in zip(snapshots, vectors, strict=True)
        for own in (comparison.of(s.segment),)
    ]


def _baselines(
    snapshots: Sequence[Snapshot],
    vectors: Sequence[Vector | None],
    comparison: Comparison,
    scorecard: Scorecard | None,
) -> list[Baseline]:
    if scorecard is not None:
        return [b for b, _ in model_baselines(scorecard, snapshots, comparison, vectors)]
    return [baseline(s, comparison, v) for s, v in zip(snapshots, vectors, strict=True)]


def _keep(sample: list[_Kept], position: int, snapshot: Snapshot, vector: Vector | None) -> None:
    """The `POPULATION_SAMPLE` leads with the smallest hash, in a heap with the largest on top."""
    digest = hashlib.blake2b(snapshot.contact_id.encode(), digest_size=8).digest()
    item = (-int.from_bytes(digest, "big"), position, snapshot, vector)
    if len(sample) < POPULATION_SAMPLE:
        heapq.heappush(sample, item)
    elif item[:2] > sample[0][:2]:
        heapq.heapreplace(sample, item)
