"""Property definitions and their groups, per kind of record (ref 5.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sandbox.errors import ApiError, conflict, not_found

TYPES = ("bool", "date", "datetime", "enumeration", "number", "phone_number", "string")
FIELD_TYPES = (
    "booleancheckbox",
    "calculation_equation",
    "checkbox",
    "date",
    "file",
    "html",
    "number",
    "phonenumber",
    "radio",
    "select",
    "text",
    "textarea",
)


@dataclass(frozen=True, slots=True)
class Option:
    """One value of an enumeration."""

    value: str
    label: str
    display_order: int = -1
    hidden: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """One property of a kind of record."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    description: str = ""
    options: tuple[Option, ...] = ()
    hubspot_defined: bool = False
    has_unique_value: bool = False
    read_only: bool = False
    calculated: bool = False
    hidden: bool = False
    form_field: bool = False
    display_order: int = -1
    created_ms: int = 0
    updated_ms: int = 0
    archived_ms: int | None = None
    user_id: str | None = None
    sensitivity: str = "non_sensitive"
    values: frozenset[str] = field(default=frozenset(), compare=False)

    def with_values(self) -> Definition:
        """The same with its option values ready for look-up."""
        return replace(self, values=frozenset(option.value for option in self.options))


@dataclass(frozen=True, slots=True)
class Group:
    """A heading under which properties are shown."""

    name: str
    label: str
    display_order: int = -1
    archived: bool = False


class Catalog:
    """The properties and groups of one kind of record in one portal."""

    def __init__(self, groups: Iterable[Group], definitions: Iterable[Definition]) -> None:
        self._groups = {group.name: group for group in groups}
        self._definitions = {d.name: d.with_values() for d in definitions}

    def get(self, name: str) -> Definition | None:
        """A live definition."""
        found = self._definitions.get(name)
        return None if found is None or found.archived_ms is not None else found

    def require(self, name: str, archived: bool = False) -> Definition:
        """A definition; 404 when there is none."""
        found = self._definitions.get(name)
        if found is None or (found.archived_ms is not None) is not archived:
            raise not_found(f"Property {name} does not exist")
        return found

    def all(self, archived: bool = False) -> list[Definition]:
        """All definitions, live or archived."""
        return [d for d in self._definitions.values() if (d.archived_ms is not None) is archived]

    def custom_count(self) -> int:
        """How many live properties the portal made itself."""
        return sum(not d.hubspot_defined for d in self.all())

    def add(self, definition: Definition) -> Definition:
        """Store a new definition; 409 when the name is taken, 400 when its group is unknown."""
        if self.get(definition.name) is not None:
            raise conflict(
                f"A property named '{definition.name}' already exists.", name=definition.name
            )
        self.require_group(definition.group)
        self._definitions[definition.name] = definition.with_values()
        return self._definitions[definition.name]

    def change(self, definition: Definition) -> Definition:
        """Replace an existing definition."""
        self.require_group(definition.group)
        self._definitions[definition.name] = definition.with_values()
        return self._definitions[definition.name]

    def groups(self) -> list[Group]:
        """All groups."""
        return list(self._groups.values())

    def group(self, name: str) -> Group:
        """A group; 404 when there is none."""
        if name not in self._groups:
            raise not_found(f"Property group {name} does not exist")
        return self._groups[name]

    def require_group(self, name: str) -> None:
        """400 unless the group exists."""
        if name not in self._groups:
            raise ApiError(
                400,
                "VALIDATION_ERROR",
                f'Property group "{name}" does not exist',
                sub_category="PropertyGroupError.GROUP_DOES_NOT_EXIST",
                context={"groupName": [name]},
            )

    def add_group(self, group: Group) -> Group:
        """Store a new group; 409 when the name is taken."""
        if group.name in self._groups:
            raise conflict(f"A group named '{group.name}' already exists.", name=group.name)
        self._groups[group.name] = group
        return group

    def change_group(self, group: Group) -> Group:
        """Replace an existing group."""
        self._groups[group.name] = group
        return group

    def remove_group(self, name: str) -> None:
        """Remove an empty group; 400 while live properties are in it."""
        self.group(name)
        if any(d.group == name for d in self.all()):
            raise ApiError(
                400,
                "VALIDATION_ERROR",
                f"Group {name} has active properties and cannot be archived",
                sub_category="PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES",
                context={"groupName": [name]},
            )
        del self._groups[name]
