"""Parts in fractions of points → factors in whole points that add up exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from backend.config import (
    ENGAGEMENT_CAP,
    HISTORY_CAP,
    POINTS_AVERAGE,
    PROFILE_CAP,
    TEXT_MAX,
    TEXT_MIN,
)
from backend.model import Baseline, Factor, FactorGroup, MissingField
from backend.scoring.values.numbers import clamp, whole_parts

# (least, most) points of a group; groups that are not named have no cap of their own.
GROUP_CAPS: Final[dict[FactorGroup, tuple[int, int]]] = {
    "profile": (-PROFILE_CAP, PROFILE_CAP),
    "engagement": (-ENGAGEMENT_CAP, ENGAGEMENT_CAP),
    "history": (-HISTORY_CAP, HISTORY_CAP),
    "text": (TEXT_MIN, TEXT_MAX),
}
SIMILARITY_FIELD: Final = "similarity"
OFFSET_FIELD: Final = "portal_average"


@dataclass(frozen=True, slots=True)
class Part:
    """One field's contribution before rounding."""

    field: str
    value: str
    points: float
    group: FactorGroup
    comparison: str = ""
    title: str = ""


def within_caps(parts: Sequence[Part]) -> list[Part]:
    """The parts, those of a group over its cap scaled down together; NaN counts as 0."""
    sound = [replace(part, points=clamp(part.points, -1e6, 1e6)) for part in parts]
    scales = {group: _scale(sound, group) for group in {part.group for part in sound}}
    return [replace(part, points=part.points * scales[part.group]) for part in sound]


def exact_points(parts: Sequence[Part]) -> float:
    """The sum of the parts within their caps, not rounded; 0 is the portal's average."""
    return sum(part.points for part in within_caps(parts))


def assemble(
    parts: Sequence[Part], missing: Iterable[MissingField] = (), offset_points: float = 0.0
) -> Baseline:
    """The baseline whose factors are `parts` in whole points.

    Any group works, so a published model's fields (group "model") take the place of the
    formula's. Whole points by largest remainder, first between the groups and then inside each,
    which keeps every cap. Offset and engagement worth 0 are left out; a known profile or model
    field worth 0 stays, because "known and neutral" is an answer.
    """
    offset = Part(OFFSET_FIELD, "", offset_points, "portal")
    whole = _whole(within_caps([*parts, offset]))
    factors = tuple(
        Factor(part.field, part.value, points, part.group, part.comparison, part.title)
        for part, points in whole
        if points or part.group in {"profile", "model"}
    )
    return Baseline(
        points=POINTS_AVERAGE + sum(factor.points for factor in factors),
        factors=factors,
        missing=tuple(missing),
        similarity_points=sum(f.points for f in factors if f.field == SIMILARITY_FIELD),
    )


def _scale(parts: Iterable[Part], group: FactorGroup) -> float:
    total = sum(part.points for part in parts if part.group == group)
    least, most = GROUP_CAPS.get(group, (-(10**9), 10**9))
    allowed = clamp(total, least, most)
    return allowed / total if total else 1.0


def _whole(parts: Sequence[Part]) -> list[tuple[Part, int]]:
    groups = list(dict.fromkeys(part.group for part in parts))
    members = {group: [part for part in parts if part.group == group] for group in groups}
    sums = [_settled(sum(part.points for part in members[group])) for group in groups]
    result = []
    for group, total in zip(groups, whole_parts(sums), strict=True):
        points = whole_parts([_settled(part.points) for part in members[group]], total)
        result += list(zip(members[group], points, strict=True))
    return result


def _settled(points: float) -> float:
    """Without the last digits' noise, so that 29.999999999999996 is not 29 and a remainder."""
    return round(points, 9)
