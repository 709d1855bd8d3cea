"""Lists of records ("segments") with memberships kept by hand (ref 5.8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.errors import ApiError, not_found

EDITABLE = ("MANUAL", "SNAPSHOT")
PROCESSING_TYPES = ("MANUAL", "DYNAMIC", "SNAPSHOT")


@dataclass(slots=True)
class RecordList:
    """One list; `members` maps a record id to when it was added (ms)."""

    list_id: int
    name: str
    object_type_id: str
    processing_type: str
    created_ms: int
    updated_ms: int
    deleted_ms: int | None = None
    members: dict[int, int] = field(default_factory=dict)

    def require_editable(self) -> None:
        """400 unless people may add and remove members."""
        if self.processing_type not in EDITABLE:
            raise ApiError(
                400,
                "VALIDATION_ERROR",
                f"List {self.list_id} is {self.processing_type}; members cannot be edited",
                sub_category="ListError.LIST_PROCESSING_TYPE_INVALID",
            )

    def add(self, record_ids: Iterable[int], at_ms: int) -> list[int]:
        """Returns those that were not members before."""
        new = [i for i in dict.fromkeys(record_ids) if i not in self.members]
        self.members.update(dict.fromkeys(new, at_ms))
        return new

    def remove(self, record_ids: Iterable[int]) -> list[int]:
        """Returns those that were members."""
        gone = [i for i in dict.fromkeys(record_ids) if i in self.members]
        for record_id in gone:
            del self.members[record_id]
        return gone


class Lists:
    """The lists of one portal."""

    def __init__(self) -> None:
        self._lists: dict[int, RecordList] = {}

    def create(self, name: str, object_type_id: str, processing: str, at_ms: int) -> RecordList:
        """A new list; 400 when the name is taken for that kind of record."""
        if self.by_name(object_type_id, name) is not None:
            raise ApiError(
                400,
                "VALIDATION_ERROR",
                f"A list named {name} already exists",
                sub_category="ListError.LIST_NAME_ALREADY_EXISTS",
                context={"name": [name]},
            )
        made = RecordList(len(self._lists) + 1, name, object_type_id, processing, at_ms, at_ms)
        self._lists[made.list_id] = made
        return made

    def by_name(self, object_type_id: str, name: str) -> RecordList | None:
        """A live list by its name, upper and lower case alike."""
        wanted = name.strip().lower()
        matches = (
            found
            for found in self.all()
            if found.object_type_id == object_type_id and found.name.lower() == wanted
        )
        return next(matches, None)

    def get(self, list_id: str, deleted: bool = False) -> RecordList:
        """A list by id; 404 when there is none."""
        found = self._lists.get(int(list_id)) if list_id.isascii() and list_id.isdigit() else None
        if found is None or (found.deleted_ms is not None) is not deleted:
            raise not_found(f"List does not exist with ID {list_id}.")
        return found

    def all(self) -> list[RecordList]:
        """All live lists."""
        return [found for found in self._lists.values() if found.deleted_ms is None]

    def forget(self, object_type_id: str, record_id: int) -> None:
        """Take a deleted record out of every list."""
        for found in self._lists.values():
            if found.object_type_id == object_type_id:
                found.members.pop(record_id, None)
