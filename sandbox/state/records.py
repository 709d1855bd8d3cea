"""One CRM record with its property history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.numbers import HISTORY_MAX


@dataclass(frozen=True, slots=True)
class Source:
    """Who changed something, in HubSpot's words."""

    kind: str  # CRM_UI, INTEGRATION, IMPORT, FORM, ANALYTICS, CALCULATED, EMAIL
    source_id: str = ""
    label: str = ""
    user_id: int | None = None

    @property
    def app_id(self) -> int | None:
        """The app that wrote, if one did."""
        written_by_app = self.kind == "INTEGRATION" and self.source_id.isdigit()
        return int(self.source_id) if written_by_app else None


def ui(user_id: int) -> Source:
    """A person working in HubSpot's pages."""
    return Source("CRM_UI", f"userId:{user_id}", "", user_id)


def integration(app_id: int) -> Source:
    """An app calling the API (ref 4.3, loop avoidance)."""
    return Source("INTEGRATION", str(app_id))


CALCULATED = Source("CALCULATED", "RollupProperties")


@dataclass(frozen=True, slots=True)
class Version:
    """One value a property had."""

    value: str
    timestamp_ms: int
    source: Source


@dataclass(slots=True)
class Record:
    """`properties` holds the set values only; a cleared one is absent.

    `history` is newest first and only there for properties that changed after creation: the
    others have had one value since `created_ms`. An archived record has no associations; those it
    had (kind, id, type ids) come back when it is restored.
    """

    record_id: int
    properties: dict[str, str]
    created_ms: int
    updated_ms: int
    source: Source
    history: dict[str, list[Version]] = field(default_factory=dict)
    archived_ms: int | None = None
    merged_ids: tuple[int, ...] = ()
    cut_ties: tuple[tuple[str, int, tuple[int, ...]], ...] = ()  # while archived

    def versions(self, name: str) -> list[Version]:
        """All values of a property, newest first."""
        if name in self.history:
            return self.history[name]
        if name in self.properties:
            return [Version(self.properties[name], self.created_ms, self.source)]
        return []

    def changed_ms(self, name: str, value: str) -> int | None:
        """When a property got the value that it has; None when it has another."""
        versions = self.versions(name)
        return versions[0].timestamp_ms if versions and versions[0].value == value else None

    def put(self, name: str, value: str, at_ms: int, source: Source) -> bool:
        """Set a value ("" clears it) and remember the old one; False when nothing changed."""
        if self.properties.get(name, "") == value:
            return False
        kept = self.versions(name)[: HISTORY_MAX - 1]
        self.history[name] = [Version(value, at_ms, source), *kept]
        if value:
            self.properties[name] = value
        else:
            del self.properties[name]
        return True

    def properties_at(self, at_ms: int) -> Mapping[str, str] | None:
        """The values as they were at a time; None when the record did not exist yet."""
        if self.created_ms > at_ms:
            return None
        if self.updated_ms <= at_ms:
            return self.properties
        seen = dict(self.properties)
        for name, versions in self.history.items():
            seen.pop(name, None)
            past = next((v for v in versions if v.timestamp_ms <= at_ms), None)
            if past is not None and past.value:
                seen[name] = past.value
        return seen
