"""Training rows as cell numbers, with what the regression needs to know about each field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.table import Cell, Table
from backend.scoring.scorecard.cells import UNKNOWN_CELL, FieldCells, number_of


@dataclass(frozen=True, slots=True)
class Encoded:
    """`codes` is (n, fields). `lines[j]` holds, for a field of numbers, its place on two straight
    lines per cell (the number itself and its signed logarithm, standardised); () for levels."""

    fields: tuple[FieldCells, ...]
    codes: Ints
    lines: tuple[tuple[Floats, ...], ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(f.size for f in self.fields)

    def take(self, rows: Ints) -> Encoded:
        """The same fields, only these rows."""
        return Encoded(self.fields, self.codes[rows], self.lines)

    def only(self, fields: Sequence[int]) -> Encoded:
        """The same rows, only these fields (numbers of columns)."""
        return Encoded(
            tuple(self.fields[j] for j in fields),
            self.codes[:, fields],
            tuple(self.lines[j] for j in fields),
        )


def encode(fields: Sequence[FieldCells], table: Table) -> Encoded:
    """Read the training table with these cells."""
    codes = encode_columns(fields, table)
    lines = tuple(_lines(f, table.column(f.name), codes[:, j]) for j, f in enumerate(fields))
    return Encoded(tuple(fields), codes, lines)


def encode_columns(fields: Sequence[FieldCells], table: Table) -> Ints:
    """Cell numbers, (n, fields). A column the table lacks is unknown in every row."""
    absent: list[Cell] = [None] * len(table)
    columns = [f.encode(table.columns.get(f.name, absent)) for f in fields]
    return np.stack(columns, axis=1) if columns else np.zeros((len(table), 0), dtype=np.intp)


def _lines(cells: FieldCells, column: Sequence[Cell], codes: Ints) -> tuple[Floats, ...]:
    if cells.kind != "number" or not (codes != UNKNOWN_CELL).any():
        return ()
    numbers = np.array([number_of(c, cells.decimal_mark) or 0.0 for c in column], dtype=np.float64)
    signed_log = np.sign(numbers) * np.log1p(np.abs(numbers))
    return tuple(_line(values, codes, cells.size) for values in (numbers, signed_log))


def _line(values: Floats, codes: Ints, size: int) -> Floats:
    """Mean standardised value per cell, cut at three standard deviations; 0 for unknown."""
    known = codes != UNKNOWN_CELL
    spread = float(values[known].std()) or 1.0
    scaled = np.clip((values[known] - values[known].mean()) / spread, -3.0, 3.0)
    rows = np.bincount(codes[known], minlength=size)
    sums = np.bincount(codes[known], scaled, minlength=size)
    filled = np.flatnonzero(rows)
    line = np.interp(np.arange(size), filled, sums[filled] / rows[filled])
    line[UNKNOWN_CELL] = 0.0
    return line
