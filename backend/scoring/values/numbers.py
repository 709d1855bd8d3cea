"""Numbers of CRM texts, and whole points that add up."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, isfinite


def finite(text: str | None) -> float | None:
    """The number that `text` is; None when it is none, infinite or NaN."""
    try:
        number = float((text or "").strip()[:40])
    except ValueError:
        return None
    return number if isfinite(number) and abs(number) < 1e15 else None


def clamp(value: float, low: float, high: float) -> float:
    """`value`, not under `low` and not over `high`; NaN becomes 0."""
    if value != value:
        return 0.0
    return min(max(value, low), high)


def nearest(value: float) -> int:
    """Nearest whole number, halves up."""
    return floor(value + 0.5)


def whole_parts(parts: Sequence[float], total: int | None = None) -> list[int]:
    """Whole numbers by largest remainder: each part goes to its floor or ceiling.

    Their sum is `total`, or the nearest whole number to the parts' sum. Ties go to the earlier
    part, and a part that is whole already keeps its value. `total` must be reachable: within one
    of the exact sum.
    """
    floors = [floor(part) for part in parts]
    wanted = nearest(sum(parts)) if total is None else total
    by_remainder = sorted(range(len(parts)), key=lambda i: (-round(parts[i] - floors[i], 9), i))
    for position in by_remainder[: max(0, wanted - sum(floors))]:
        floors[position] += 1
    return floors
