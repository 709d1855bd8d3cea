"""A dataclass of plain values as a dict: what `dataclasses.asdict` makes, without its deep copies.

`asdict` copies every value by what it turns out to be, twenty times as slow; a score has thirty
of these.
"""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def flat(value: DataclassInstance) -> dict[str, Any]:
    """Its fields by name, as they are: for dataclasses of two fields or more without others."""
    names, get = _fields(type(value))
    return dict(zip(names, get(value), strict=True))


@lru_cache(maxsize=64)
def _fields(kind: type[DataclassInstance]) -> tuple[tuple[str, ...], attrgetter[Any]]:
    names = tuple(field.name for field in fields(kind))
    return names, attrgetter(*names)
