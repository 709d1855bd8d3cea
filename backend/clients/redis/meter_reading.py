"""What was counted, as numbers a person reads: calls, mean, the slowest five of a hundred."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from backend.clients.redis.metric_names import METRICS


@dataclass(frozen=True, slots=True)
class Timing:
    """`p95_s` is the upper edge of the bucket that holds it, None beyond the last edge."""

    labels: tuple[str, ...]
    count: int
    mean_s: float
    p95_s: float | None


def timings(sums: Mapping[str, float], name: str) -> list[Timing]:
    """A histogram by its labels, most calls first."""
    found = []
    for labels, parts in _series(sums, name).items():
        count = int(parts.get("count", 0))
        if count:
            mean = parts.get("sum", 0.0) / count
            found.append(Timing(labels, count, mean, _p95(METRICS[name].buckets, parts, count)))
    return sorted(found, key=lambda timing: (-timing.count, timing.labels))


def counted(sums: Mapping[str, float], name: str) -> dict[tuple[str, ...], float]:
    """A counter by its labels."""
    series = _series(sums, name)
    return {labels: parts.get("total", 0.0) for labels, parts in series.items()}


def _series(sums: Mapping[str, float], name: str) -> dict[tuple[str, ...], dict[str, float]]:
    found: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for field, value in sums.items():
        stored, labels, part = json.loads(field)
        if stored == name:
            found[tuple(labels)][part] = value
    return found


def _p95(edges: tuple[float, ...], parts: Mapping[str, float], count: int) -> float | None:
    reached = 0.0
    for place, edge in enumerate(edges):
        reached += parts.get(str(place), 0.0)
        if reached >= 0.95 * count:
            return edge
    return None
