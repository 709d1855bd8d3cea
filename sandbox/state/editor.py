"""Every way a portal's records change, with the events that follow.

One editor is one writer at one moment: the app behind a token, or a person in the pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.state import derived, rules
from sandbox.state.association_types import ASSOCIATION_TYPES
from sandbox.state.changes import NOTHING, Change
from sandbox.state.object_types import ObjectType, object_type
from sandbox.state.portal import Portal
from sandbox.state.records import CALCULATED, Record, Source
from sandbox.state.values import normalise
from sandbox.times import iso


@dataclass(frozen=True, slots=True)
class Tie:
    """An association to make: the other end and the type ids (none: the default type)."""

    to_type: str
    to_id: int
    type_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Editor:
    """Writes to one portal in the name of `source`. Call under the world's lock."""

    portal: Portal
    source: Source
    now_ms: int
    trusted: bool = False  # may set read-only properties

    def create(
        self, kind: ObjectType, properties: Mapping[str, Any], ties: Sequence[Tie] = ()
    ) -> Record:
        """A new record; raises ApiError and then nothing has changed."""
        clean = normalise(self.portal.catalogs[kind.name], properties, {}, self.trusted)
        rules.check_new(self.portal, kind, clean)
        for tie in ties:
            self.portal.record(tie.to_type, tie.to_id)
        if kind.name == "leads":
            rules.check_lead(clean, [tie.to_type for tie in ties])
        values = {name: value for name, value in clean.items() if value}
        values = derived.on_create(kind, values, self.now_ms) | values
        record_id = self.portal.next_id()
        record = Record(
            record_id,
            self._stamped(kind, record_id, values),
            self.now_ms,
            self.now_ms,
            self.source,
        )
        self.portal.stores[kind.name].add(record)
        self._tell("creation", kind, record_id, {"changeFlag": "CREATED"})
        for name, value in values.items():
            self._tell_property(kind, record_id, name, value)
        for tie in ties:
            self.associate(kind, record_id, object_type(tie.to_type), tie.to_id, tie.type_ids)
        return record

    def update(self, kind: ObjectType, record: Record, properties: Mapping[str, Any]) -> Record:
        """Set values of a record; raises ApiError and then nothing has changed."""
        catalog = self.portal.catalogs[kind.name]
        clean = normalise(catalog, properties, record.properties, self.trusted)
        rules.check_change(self.portal, kind, record, clean)
        clean |= derived.on_update(kind, clean, record.properties, self.now_ms)
        before = dict(record.properties)
        changed = [n for n, v in clean.items() if record.put(n, v, self.now_ms, self.source)]
        if changed:
            self._touch(kind, record)
            self.portal.stores[kind.name].reindex(record, before)
        for name in changed:
            self._tell_property(kind, record.record_id, name, clean[name])
        return record

    def calculate(self, kind: ObjectType, record: Record, values: Mapping[str, str]) -> None:
        """Set read-only values the way HubSpot's own roll-ups do."""
        by_hubspot = Editor(self.portal, CALCULATED, self.now_ms, trusted=True)
        by_hubspot.update(kind, record, values)

    def archive(self, kind: ObjectType, record: Record) -> None:
        """Delete; the record can be restored."""
        self.portal.stores[kind.name].forget(record)
        record.cut_ties = tuple(self.portal.associations.all_of(kind.name, record.record_id))
        for to_type, to_id, _ in record.cut_ties:
            self.portal.associations.untie(kind.name, record.record_id, to_type, to_id)
            derived.recount(self, kind, record.record_id, object_type(to_type), to_id)
        record.archived_ms = self.now_ms
        self._touch(kind, record)
        self.portal.lists.forget(kind.type_id, record.record_id)
        self._tell("deletion", kind, record.record_id)

    def restore(self, kind: ObjectType, record: Record) -> None:
        """Bring an archived record back."""
        record.archived_ms = None
        self._touch(kind, record)
        self.portal.stores[kind.name].reindex(record)
        for to_type, to_id, type_ids in record.cut_ties:
            other = self.portal.stores[to_type].get(to_id)
            if other is not None and other.archived_ms is None:
                end = other.record_id
                self.portal.associations.tie(kind.name, record.record_id, to_type, end, type_ids)
                derived.recount(self, kind, record.record_id, object_type(to_type), end)
        record.cut_ties = ()
        self._tell("restore", kind, record.record_id)

    def associate(
        self,
        kind: ObjectType,
        from_id: int,
        to_kind: ObjectType,
        to_id: int,
        type_ids: Sequence[int] = (),
    ) -> list[int]:
        """Tie two records; returns the type ids that are new."""
        made = self.portal.associations.tie(kind.name, from_id, to_kind.name, to_id, type_ids)
        for type_id in made:
            self._tell_association(kind, from_id, to_kind, to_id, type_id, removed=False)
        if made:
            derived.after_tie(self, kind, from_id, to_kind, to_id)
        return made

    def dissociate(
        self,
        kind: ObjectType,
        from_id: int,
        to_kind: ObjectType,
        to_id: int,
        type_ids: Sequence[int] | None = None,
    ) -> list[int]:
        """Cut a tie, or only some types of it; returns the type ids that went."""
        gone = self.portal.associations.untie(kind.name, from_id, to_kind.name, to_id, type_ids)
        for type_id in gone:
            self._tell_association(kind, from_id, to_kind, to_id, type_id, removed=True)
        if gone:
            derived.recount(self, kind, from_id, to_kind, to_id)
        return gone

    def tell(
        self, change: str, kind: ObjectType, record_id: int, detail: Mapping[str, Any] = NOTHING
    ) -> None:
        """Publish one event of this writer."""
        self._tell(change, kind, record_id, detail)

    def _stamped(self, kind: ObjectType, record_id: int, values: dict[str, str]) -> dict[str, str]:
        stamp = iso(self.now_ms)
        own = {
            kind.created_property: stamp,
            "hs_object_source": self.source.kind,
            "hs_object_source_id": self.source.source_id,
        }
        return own | values | {"hs_object_id": str(record_id), kind.modified_property: stamp}

    def _touch(self, kind: ObjectType, record: Record) -> None:
        record.updated_ms = max(self.now_ms, record.updated_ms + 1)
        record.put(kind.modified_property, iso(record.updated_ms), record.updated_ms, self.source)

    def _tell(
        self, change: str, kind: ObjectType, record_id: int, detail: Mapping[str, Any] = NOTHING
    ) -> None:
        self.portal.publish(
            Change(
                change,
                self.portal.portal_id,
                kind.name,
                record_id,
                self.now_ms,
                self.source,
                detail,
            )
        )

    def _tell_property(self, kind: ObjectType, record_id: int, name: str, value: str) -> None:
        detail = {"propertyName": name, "propertyValue": value, "isSensitive": False}
        self._tell("propertyChange", kind, record_id, detail)

    def _tell_association(
        self,
        kind: ObjectType,
        from_id: int,
        to_kind: ObjectType,
        to_id: int,
        type_id: int,
        removed: bool,
    ) -> None:
        tie = ASSOCIATION_TYPES[type_id]
        ends = (
            (kind, from_id, to_kind, to_id, tie.primary),
            (to_kind, to_id, kind, from_id, ASSOCIATION_TYPES[tie.inverse_id].primary),
        )
        for this, this_id, other, other_id, primary in ends:
            detail = {
                "associationType": f"{this.singular}_TO_{other.singular}".upper(),
                "fromObjectId": this_id,
                "toObjectId": other_id,
                "fromObjectTypeId": this.type_id,
                "toObjectTypeId": other.type_id,
                "associationRemoved": removed,
                "isPrimaryAssociation": primary,
            }
            self._tell("associationChange", this, this_id, detail)
