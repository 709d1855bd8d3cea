"""From a field's value to the number of its cell: the only reading of values there is.

Training and scoring share it, so a lead is never cut differently from how it was learned. Every
field has cell 0 for "nothing there". A field of levels has cell 1 for levels never seen or too
rare, then one cell a level; a field of numbers has one cell between any two edges.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from backend.scoring.values.amounts import decimal
from backend.scoring.values.folding import folded
from backend.scoring.values.no_answer import is_no_answer

Cell = str | float | None
Codes = npt.NDArray[np.intp]

UNKNOWN_CELL = 0
OTHER_CELL = 1
NUMBER_MAX = 1e100  # beyond it (and NaN, infinity) a cell is not a measurement

DecimalMark = Literal[".", ","]
# What stands after a number: 250K, 1.2M, 3 Mio.
UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9} | {"tsd": 1e3, "mio": 1e6, "bn": 1e9, "mrd": 1e9}
_NUMBER = re.compile(
    r"\+?(-)?(\d{1,24}(?:[.,]\d{1,24}| \d{3}(?!\d)){0,12})(?: ?(k|m|b|tsd|mio|bn|mrd)\.?)?"
)
_CURRENCY = re.compile(
    r"\b[acr]\$|[$€£¥₹₩₺₽₪฿%]|\b(?:usd|eur|gbp|chf|sek|nok|dkk|pln|czk|brl|inr|jpy|cad|aud|kr|zl|kc)\b"
)
_ONLY_COMMA = re.compile(
    r"\d{1,24},(?:\d{1,2}|\d{4,24})|0,\d{1,24}|\d{4,24},\d{1,24}"
    r"|\d{1,3}(?:[. ]\d{3}){1,8},\d{1,24}|\d{1,3}(?:\.\d{3}){2,8}"
)
_ONLY_POINT = re.compile(
    r"\d{1,24}\.(?:\d{1,2}|\d{4,24})|0\.\d{1,24}|\d{4,24}\.\d{1,24}"
    r"|\d{1,3}(?:[, ]\d{3}){1,8}\.\d{1,24}|\d{1,3}(?:,\d{3}){2,8}"
)
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


def number_of(cell: Cell, mark: DecimalMark = ".") -> float | None:
    """The number a cell means ("1,200.50", "35 %", "€ 12", "250K", "(500)"), None when it means
    none. `mark` is the decimal mark of its column; a cell that only the other one fits is read so.
    """
    if cell is None:
        return None
    if isinstance(cell, (int, float)):
        return float(cell) if abs(cell) <= NUMBER_MAX else None
    try:
        if mark == "." or "." not in cell:
            return _measured(float(cell))
    except ValueError:
        pass
    found = _NUMBER.fullmatch(_bare(cell))
    if found is None:
        return None
    minus, digits, unit = found.groups()
    value = decimal(digits, mark)
    if value is None:
        value = decimal(digits, "," if mark == "." else ".")
    if value is None:
        return None
    value *= UNITS[unit or ""]
    return _measured(-value if minus else value)


def decimal_mark(cells: Iterable[Cell]) -> DecimalMark:
    """What a column's numbers are written with: "," where more cells can only be read so ("12,5",
    "1.234,56", "1.234.567") than with a point, or where all groups of three stand after a point
    and what is shorter has none ("850", "1.250")."""
    texts = {_bare(cell) for cell in cells if isinstance(cell, str)}
    numbers = [found[2] for text in texts if (found := _NUMBER.fullmatch(text))]
    comma = sum(1 for digits in numbers if _ONLY_COMMA.fullmatch(digits))
    point = sum(1 for digits in numbers if _ONLY_POINT.fullmatch(digits))
    if comma or point:
        return "," if comma > point else "."
    grouped = [digits for digits in numbers if "." in digits]
    whole = [digits for digits in numbers if digits.isdigit()]
    return "," if grouped and whole and all(len(digits) <= 3 for digits in whole) else "."


def _bare(cell: str) -> str:
    """Without currency, percent and odd spaces; brackets as a minus, as accountants write it."""
    text = folded(cell.replace("’", "'"))
    text = _CURRENCY.sub(" ", text).strip().replace("−", "-")
    text = re.sub(r"(?<=\d)([.,])-{1,2}$", r"\g<1>00", text)  # "1.200,-"
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1].strip()}"
    return re.sub(r"^([+-]) ", r"\1", " ".join(text.split()))


def _measured(value: float) -> float | None:
    return value if abs(value) <= NUMBER_MAX else None


class FieldCells(BaseModel):
    """How one field's values fall into cells.

    `edges` (numbers, ascending): a value belongs to the first cell whose upper edge is above it.
    `levels` (text): normalised by `level_of`; `labels` are the same as a person wrote them.
    `decimal_mark`: how the column that was learned from writes its numbers.
    `title` is what the portal called a property of its own when the model was trained.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Literal["number", "levels"]
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    title: str = ""
    decimal_mark: DecimalMark = "."

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
        read = [number_of(cell, self.decimal_mark) for cell in fresh]
        numbers = np.array([_nan_if_none(value) for value in read], dtype=np.float64)
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
