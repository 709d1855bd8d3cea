"""Whether a value of ours and one of HubSpot's are the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime


def same_values(ours: Mapping[str, str], theirs: Mapping[str, str | None]) -> bool:
    """Equal as HubSpot stores them: 86 and 86.0 are one number, times may differ in spelling."""
    return all(_same(value, theirs.get(name) or "") for name, value in ours.items())


def _same(ours: str, theirs: str) -> bool:
    if ours == theirs:
        return True
    try:
        return float(ours) == float(theirs)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(ours) == datetime.fromisoformat(theirs)
    except ValueError:
        return False
