"""Closed lists: which values of open fields may reach the analyst and choose neighbours.

An industry or technology counts only when it is listed or the profile names it. Whatever else
stands in these fields was typed by somebody and stays behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from backend.model import Profile, Snapshot
from backend.scoring.points.profile_points import OPEN_FIELDS, client_values, values_of
from backend.scoring.same_object import Same
from backend.scoring.values.industries import INDUSTRIES


def profile_vocabulary(profile: Profile | None) -> Mapping[str, set[str]]:
    """The profile's own values of the open fields."""
    return _vocabulary(Same(profile))


@lru_cache(maxsize=8)
def _vocabulary(same: Same[Profile | None]) -> Mapping[str, set[str]]:
    profile = same.value
    allowed: dict[str, set[str]] = {field: set() for field in OPEN_FIELDS}
    for client in profile.clients if profile else ():
        values = client_values(client)
        for field, known in allowed.items():
            known.update(values[field])
    return allowed


def is_closed(field: str, value: str, allowed: Mapping[str, set[str]]) -> bool:
    """Bins and countries come from lists; the open fields are looked up."""
    if field not in allowed:
        return True
    return value in allowed[field] or (field == "industry" and value in INDUSTRIES)


def closed_values(
    snapshot: Snapshot, allowed: Mapping[str, set[str]]
) -> dict[str, tuple[str, ...]]:
    """The lead's profile values that are on a list; () when there are none."""
    return {
        field: tuple(value for value in values if is_closed(field, value, allowed))
        for field, values in values_of(snapshot).items()
    }
