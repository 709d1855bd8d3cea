"""From a field's value to the number of its cell: the only reading of values there is.

Training and scoring share it, so a lead is never cut differently from how it was learned. Every
field has cell 0 for "nothing there". A field of levels has cell 1 for levels never seen or too
rare, then one cell a level; a field of numbers has one cell between any two edges.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from backend.scoring.values.no_answer import is_no_answer

Cell = str | float | None
Codes = npt.NDArray[np.intp]

UNKNOWN_CELL = 0
OTHER_CELL = 1
NUMBER_MAX = 1e100  # beyond it (and NaN, infinity) a cell is not a measurement

# Spellings of "nothing was entered".
MISSING_TOKENS = frozenset(
    {"", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", ".", "#n/a", "(blank)"}
)


def level_of(cell: Cell) -> str | None:
    """The level a cell's text means: spaces and capitals do not make another level."""
    if cell is None:
        return None
    if isinstance(cell, float):
        if cell != cell:
            return None
        cell = str(int(cell)) if cell.is_integer() else repr(cell)
    text = " ".join(str(cell).split()).casefold()
    return None if text in MISSING_TOKENS else text


def number_of(cell: Cell) -> float | None:
    """The number a cell means ("1,200.50", "35 %", "€ 12"), or None when it means none."""
    if cell is None:
        return None
    if isinstance(cell, (int, float)):
        return float(cell) if abs(cell) <= NUMBER_MAX else None
    try:
        value = float(cell)
    except ValueError:
        try:
            value = float(cell.strip().strip("$€£%").replace(",", "").replace(" ", ""))
        except ValueError:
            return None
    return value if abs(value) <= NUMBER_MAX else None


class FieldCells(BaseModel):
    """How one field's values fall into cells.

    `edges` (numbers, ascending): a value belongs to the first cell whose upper edge is above it.
    `levels` (text): normalised by `level_of`; `labels` are the same as a person wrote them.
    `title` is what the portal called a property of its own when the model was trained.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Literal["number", "levels"]
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    title: str = ""

    @property
    def size(self) -> int:
        """Number of cells, unknown and other included."""
        return 2 + len(self.edges) if self.kind == "number" else 2 + len(self.levels)

    @property
    def unknown(self) -> tuple[int, ...]:
        """The cells that count as unknown to people. A level for "no answer" has its cell (a form
        left at "Select" is not a form never seen), with 0 points, and is listed as missing."""
        spelled = (2 + i for i, level in enumerate(self.levels) if is_no_answer(level, other=False))
        return (UNKNOWN_CELL, *spelled)

    def encode(self, cells: Iterable[Cell]) -> Codes:
        """Cell numbers, int of shape (n,). Values repeat, so each spelling is read once."""
        read = self._number_cells if self.kind == "number" else self._level_cells
        listed = list(cells)
        fresh = list(dict.fromkeys(listed))
        seen = dict(zip(fresh, read(fresh), strict=True))
        return np.array([seen[cell] for cell in listed], dtype=np.intp)

    def describe(self, cell: int, last: int | None = None) -> str:
        """What a cell holds, for people: a level's label or a range of numbers. With `last`, the
        range from this cell to that one."""
        if cell == UNKNOWN_CELL:
            return "unknown"
        if self.kind == "levels":
            return "another value" if cell == OTHER_CELL else self.labels[cell - 2]
        return _range(self.edges, cell - 1, (cell if last is None else last) - 1)

    def _number_cells(self, fresh: Sequence[Cell]) -> list[int]:
        numbers = np.array([_nan_if_none(number_of(c)) for c in fresh], dtype=np.float64)
        codes = np.searchsorted(np.array(self.edges), numbers, side="right") + 1
        codes[np.isnan(numbers)] = UNKNOWN_CELL
        return [int(code) for code in codes]

    def _level_cells(self, fresh: Sequence[Cell]) -> list[int]:
        index: dict[str | None, int] = {level: 2 + i for i, level in enumerate(self.levels)}
        index[None] = UNKNOWN_CELL
        return [index.get(level_of(c), OTHER_CELL) for c in fresh]


def _nan_if_none(value: float | None) -> float:
    return math.nan if value is None else value


def _range(edges: Sequence[float], first: int, last: int) -> str:
    if first == 0 and last == len(edges):
        return "any number"
    if first == 0:
        return f"below {_plain(edges[last])}"
    if last == len(edges):
        return f"{_plain(edges[first - 1])} or more"
    return f"{_plain(edges[first - 1])} to {_plain(edges[last])}"


def _plain(edge: float) -> str:
    """Whole numbers whole, others with four digits."""
    return f"{edge:.0f}" if abs(edge) >= 1_000 and abs(edge) < 1e15 else f"{edge:.4g}"
