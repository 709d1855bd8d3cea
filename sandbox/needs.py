"""Which scopes a call needs, read off its path (ref 2.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sandbox.state.object_types import object_type

Scopes = Callable[[Mapping[str, str]], Sequence[str]]
KIND_SLOTS = ("object_type", "from_type", "to_type")  # the parts of a path that name a kind


def needs(*scopes: str) -> Scopes:
    """The same scopes whatever the path says."""
    return lambda slots: scopes


def to_read(slots: Mapping[str, str]) -> list[str]:
    """Reading the kinds of record named in the path."""
    return _both(slots, "read_scopes")


def to_write(slots: Mapping[str, str]) -> list[str]:
    """Writing the kinds of record named in the path."""
    return _both(slots, "write_scopes")


def _both(slots: Mapping[str, str], right: str) -> list[str]:
    kinds = [object_type(slots[slot]) for slot in KIND_SLOTS if slot in slots]
    return [scope for kind in kinds for scope in getattr(kind, right)]


def to_read_schema(slots: Mapping[str, str]) -> list[str]:
    """Reading property definitions."""
    return _schema(slots, "read")


def to_write_schema(slots: Mapping[str, str]) -> list[str]:
    """Changing property definitions."""
    return _schema(slots, "write")


def _schema(slots: Mapping[str, str], right: str) -> list[str]:
    kind = object_type(slots["object_type"])
    if kind.name == "leads":  # the properties specification knows no scope of their definitions
        return [f"crm.objects.leads.{right}"]
    return [f"crm.schemas.{'contacts' if kind.is_activity else kind.name}.{right}"]
