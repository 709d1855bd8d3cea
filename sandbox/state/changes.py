"""What happened in a portal, for whoever listens (webhooks)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sandbox.state.records import Source

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Change:
    """One event. `kind` is the part after the dot of a subscription type; `detail` its own keys."""

    kind: str  # creation deletion merge restore propertyChange associationChange privacyDeletion
    portal_id: int
    object_type: str
    object_id: int
    occurred_ms: int
    source: Source
    detail: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
