"""Long lists in parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

SLICE: Final = 400  # ids of one IN list, rows of one read: both databases take as many
T = TypeVar("T")


def slices(items: Sequence[T], size: int = SLICE) -> Iterator[Sequence[T]]:
    """`items` in order, at most `size` at a time; nothing for no items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
