"""A table of leads as read: named columns of text, nothing interpreted yet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.errors import BadInput
from backend.learning.arrays import Ints
from backend.learning.numbers import SHOWN_VALUES

Cell = str | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by name, in file order, all of the same length. Cells are text or None."""

    columns: Mapping[str, Sequence[str | None]]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def column(self, name: str) -> Sequence[str | None]:
        """The cells of one column; BadInput lists the columns there are."""
        if name not in self.columns:
            raise BadInput(
                f"there is no column {name!r}; the columns are: {', '.join(self.names)}",
                problems=(f"column {name!r} does not exist",),
            )
        return self.columns[name]

    def take(self, rows: Ints) -> Table:
        """The same columns with only these rows, in this order."""
        positions = rows.tolist()
        return Table({n: [cells[i] for i in positions] for n, cells in self.columns.items()})

    def content_order(self) -> Ints:
        """Row numbers in an order that depends on what rows hold, not on where they stand."""
        digests = [
            hashlib.sha256("\x1f".join("\0" if c is None else c for c in row).encode()).digest()
            for row in zip(*self.columns.values(), strict=True)
        ]
        return np.array(sorted(range(len(digests)), key=digests.__getitem__), dtype=np.intp)

    def row_mappings(self) -> list[dict[str, Cell]]:
        """One mapping per row, as `scoring.scorecard` takes them."""
        names = self.names
        return [
            dict(zip(names, row, strict=True)) for row in zip(*self.columns.values(), strict=True)
        ]

    def digest(self) -> str:
        """SHA-256 of names and cells: a scorecard says which data it was trained on."""
        sha = hashlib.sha256()
        for name, cells in self.columns.items():
            sha.update(f"\x1d{name}\x1e".encode())
            sha.update("\x1f".join("\0" if c is None else c for c in cells).encode())
        return sha.hexdigest()


def table_of(rows: Iterable[Mapping[str, Cell]]) -> Table:
    """A table of row mappings; a column is every key any row has, in order of appearance."""
    listed = list(rows)
    names: dict[str, None] = {}
    for row in listed:
        names.update(dict.fromkeys(row))
    return Table({name: [_text(row.get(name)) for row in listed] for name in names})


def _text(cell: Cell) -> str | None:
    if cell is None or (isinstance(cell, float) and cell != cell):
        return None
    return str(cell)


def shown(values: Iterable[str]) -> str:
    """A few distinct values, quoted and shortened, for a message to a person."""
    distinct = list(dict.fromkeys(values))
    few = ", ".join(repr(v if len(v) <= 40 else v[:39] + "…") for v in distinct[:SHOWN_VALUES])
    left = len(distinct) - SHOWN_VALUES
    return few + (f" and {left} more" if left > 0 else "")
