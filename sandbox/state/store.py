"""All records of one kind in one portal, in the order of their ids."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from sandbox.state.records import Record


class RecordStore:
    """Records by id, with an index for each property whose values are unique."""

    def __init__(self, unique: tuple[str, ...] = ()) -> None:
        self._records: dict[int, Record] = {}
        self._ids: list[int] = []
        self._moved: dict[int, int] = {}
        self._unique: dict[str, dict[str, int]] = {name: {} for name in unique}

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return (self._records[i] for i in self._ids if i in self._records)

    def add(self, record: Record) -> None:
        """Store a new record; ids must grow."""
        self._records[record.record_id] = record
        self._ids.append(record.record_id)
        self.reindex(record)

    def get(self, record_id: int) -> Record | None:
        """The record, archived or not; an id lost in a merge leads to the record that remains."""
        while record_id in self._moved:
            record_id = self._moved[record_id]
        return self._records.get(record_id)

    def find(self, name: str, value: str) -> Record | None:
        """The live record whose unique property has this value."""
        record_id = self._unique.get(name, {}).get(value.strip().lower())
        return None if record_id is None else self._records.get(record_id)

    def is_unique(self, name: str) -> bool:
        """True when records can be found by this property."""
        return name in self._unique

    def add_unique(self, name: str) -> None:
        """Index one more property."""
        self._unique.setdefault(name, {})

    def reindex(self, record: Record, old: dict[str, str] | None = None) -> None:
        """Follow a change of the record's unique values; `old` are those from before."""
        for name, index in self._unique.items():
            before = (old or {}).get(name, "").strip().lower()
            if before and index.get(before) == record.record_id:
                del index[before]
            value = record.properties.get(name, "").strip().lower()
            if value and record.archived_ms is None:
                index[value] = record.record_id

    def forget(self, record: Record) -> None:
        """Take the values of an archived record out of the unique indexes."""
        for name, index in self._unique.items():
            value = record.properties.get(name, "").strip().lower()
            if value and index.get(value) == record.record_id:
                del index[value]

    def remove(self, record_id: int) -> None:
        """Erase for good (privacy deletion)."""
        self.forget(self._records[record_id])
        del self._records[record_id]

    def move(self, old_id: int, new_id: int) -> None:
        """After a merge, asking for the old id answers with the new record."""
        self.remove(old_id)
        self._moved[old_id] = new_id

    def page(self, after: int, limit: int, archived: bool) -> tuple[list[Record], int | None]:
        """Up to `limit` records with ids above `after`, and the cursor when there are more."""
        found: list[Record] = []
        for index in range(bisect_right(self._ids, after), len(self._ids)):
            record = self._records.get(self._ids[index])
            if record is None or (record.archived_ms is not None) is not archived:
                continue
            if len(found) == limit:
                return found, found[-1].record_id
            found.append(record)
        return found, None
