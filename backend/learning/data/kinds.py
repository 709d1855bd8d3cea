"""What a column is: a number, levels, a date, an identifier, free text, or nothing to learn from.

The rules look at the values, then at the name; each refusal carries a reason a person can check.
An identifier is what hardly repeats: a campaign's GUID or an owner's email that stands behind many
leads is a field like any other, however it is spelled.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from backend.learning.numbers import (
    DATE_SHARE,
    FREE_TEXT_WORDS,
    ID_DISTINCT_SHARE,
    ID_MIN_ROWS,
    ID_TEXT_DISTINCT_SHARE,
    LEVEL_MIN_ROWS,
    LEVEL_MIN_ROWS_MAX,
    LEVEL_ROWS_PER,
    LEVELS_COVER,
    MIN_FILL_SHARE,
    MIN_STATE_ROWS,
    NUMBER_SHARE,
    SAMPLE_CELLS,
)
from backend.scoring.facts.own_facts import bare_name
from backend.scoring.scorecard.cells import decimal_mark, level_of, number_of

Kind = Literal["number", "levels", "date", "id", "text", "empty", "constant", "many_levels", "ours"]

_KEY_NAME = re.compile(
    r"(^|[\s_\-.])(id|ids|uuid|guid|key|number|no)$|^record id|(?-i:[a-z]Id$)", re.IGNORECASE
)
_PERSON_NAME = re.compile(
    r"(^|[\s_\-.])(e-?mail|phone|mobile|fax|url|website|domain)$|^(first|last|full)?[\s_]?name$",
    re.IGNORECASE,
)
_CODE_NAME = re.compile(r"(^|[\s_\-.])(id|ids|uuid|guid|key|code)$|(?-i:[a-z]Id$)", re.IGNORECASE)
_DAYS = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d-%b-%y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%b %d, %Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%y",
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_DATE_FORMATS = ("%Y%m%d", *(day + clock for clock in _CLOCKS for day in _DAYS))


@dataclass(frozen=True, slots=True)
class ColumnKind:
    """What a column is; `reason` says why it is not used ("" for numbers and levels)."""

    name: str
    kind: Kind
    reason: str = ""
    fill_share: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)  # filled cells by level

    @property
    def usable(self) -> bool:
        return self.kind in ("number", "levels")


def kind_of(name: str, cells: Sequence[str | None]) -> ColumnKind:
    """Decide what the column is. `cells` are the rows that have an outcome."""
    rows = len(cells)
    counts = Counter(level for level in map(level_of, cells) if level is not None)
    filled = sum(counts.values())
    share = filled / rows if rows else 0.0

    def answer(kind: Kind, reason: str = "") -> ColumnKind:
        return ColumnKind(name, kind, reason, share, counts)

    if name.casefold().startswith("ai_"):
        return answer("ours", "written by this product")
    if not filled:
        return answer("empty", "empty in every row")
    if share < MIN_FILL_SHARE:
        return answer("empty", f"filled in {filled} of {rows} rows")
    if _constant(counts, rows):
        return answer("constant", "(almost) the same in every row")
    kind, reason = _kind_by_values(bare_name(name), counts, filled)
    return answer(kind, reason)


def as_field(kind: ColumnKind) -> ColumnKind:
    """The same column read as a field, whatever speaks against it."""
    numeric = kind.counts and _number_share(kind.counts, kind.counts.total()) >= NUMBER_SHARE
    return replace(kind, kind="number" if numeric else "levels", reason="")


def level_min_rows(rows: int) -> int:
    """Rows a level needs for a cell of its own."""
    return min(max(LEVEL_MIN_ROWS, rows // LEVEL_ROWS_PER), LEVEL_MIN_ROWS_MAX)


def parse_date(cell: str | None) -> datetime | None:
    """A naive or aware time in one of the usual spellings (ISO 8601 first, then seconds or
    milliseconds since 1970), or None."""
    return _parsed(cell, _DATE_FORMATS)


def parse_dates(cells: Sequence[str | None]) -> list[datetime | None]:
    """The times of a column. Whether 3/4 is in March or in April is decided once, by the spelling
    that reads most of the column."""
    sample = list(dict.fromkeys(cells))[:SAMPLE_CELLS]
    read = {shape: sum(_parsed(c, (shape,)) is not None for c in sample) for shape in _DATE_FORMATS}
    shapes = sorted(_DATE_FORMATS, key=lambda shape: -read[shape])
    times = {cell: _parsed(cell, shapes) for cell in dict.fromkeys(cells)}
    return [times[cell] for cell in cells]


def _parsed(cell: str | None, shapes: Sequence[str]) -> datetime | None:
    text = (cell or "").strip()
    if len(text) < 6 or not any(c.isdigit() for c in text):
        return None
    if text.isdigit() and len(text) in (10, 13):
        return datetime.fromtimestamp(int(text) / (1 if len(text) == 10 else 1_000), UTC)
    if not text.isdigit():
        try:
            return datetime.fromisoformat(text.upper())  # levels are in small letters
        except ValueError:
            pass
    for shape in shapes:
        try:
            return datetime.strptime(text, shape)
        except ValueError:
            continue
    return None


def _constant(counts: Counter[str], rows: int) -> bool:
    commonest = max(counts.values())
    blank = rows - sum(counts.values())
    return rows - max(commonest, blank) < min(MIN_STATE_ROWS, max(rows // 100, 1))


def _kind_by_values(name: str, counts: Counter[str], filled: int) -> tuple[Kind, str]:
    sample = list(counts)[:SAMPLE_CELLS]
    distinct_share = len(counts) / filled
    numeric = _number_share(counts, filled) >= NUMBER_SHARE
    if _share(sample, _looks_like_date) >= DATE_SHARE and not (numeric and not _dated(name)):
        return "date", "a date: used to order rows, not to score them"
    if numeric:
        return _number_or_id(name, counts, filled, distinct_share)
    words = sum(len(level.split()) for level in sample) / len(sample)
    if distinct_share > 0.5 and words >= FREE_TEXT_WORDS:
        return "text", "free text: read by the text reader, not by the scorecard"
    if filled >= ID_MIN_ROWS and distinct_share > ID_TEXT_DISTINCT_SHARE:
        return "id", "(almost) different in every row"
    if distinct_share > 0.5 and (_KEY_NAME.search(name) or _PERSON_NAME.search(name)):
        return "id", "an identifier by its name"
    return _levels_or_many(counts, filled)


def _number_or_id(
    name: str, counts: Counter[str], filled: int, distinct_share: float
) -> tuple[Kind, str]:
    """All-different whole numbers of one length, or with an identifier's name, count records."""
    different = filled >= ID_MIN_ROWS and distinct_share >= ID_DISTINCT_SHARE
    mark = decimal_mark(counts)
    sample = [number_of(c, mark) for c in list(counts)[:SAMPLE_CELLS]]
    whole = all(value == round(value or 0.0) for value in sample)
    if different and whole:
        lengths = Counter(len(c.removesuffix(".0")) for c in list(counts)[:SAMPLE_CELLS])
        same_length = max(lengths.values()) >= 0.9 * sum(lengths.values())
        if _KEY_NAME.search(name) or (same_length and _dense(counts)):
            return "id", "an identifier: a different whole number in every row"
    if whole and distinct_share > 0.9 and _KEY_NAME.search(name):
        return "id", "an identifier by its name"
    if whole and distinct_share <= 0.5 and _CODE_NAME.search(name):
        return _levels_or_many(counts, filled)  # an owner's number: more of it means nothing
    return "number", ""


def _dense(counts: Counter[str]) -> bool:
    """Numbers handed out one after the other fill their range; amounts do not."""
    numbers = [number_of(c) or 0.0 for c in counts]
    return max(numbers) - min(numbers) < 20 * len(numbers)


def _levels_or_many(counts: Counter[str], filled: int) -> tuple[Kind, str]:
    least = level_min_rows(filled)
    kept = sum(n for n in counts.values() if n >= least)
    if len(counts) > ID_MIN_ROWS and kept < LEVELS_COVER * filled:
        return "many_levels", f"too many levels: {len(counts)} in {filled} filled rows"
    return "levels", ""


def _number_share(counts: Counter[str], filled: int) -> float:
    return sum(n for c, n in counts.items() if number_of(c) is not None) / filled


def _share(sample: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(1 for level in sample if test(level)) / len(sample)


def _looks_like_date(level: str) -> bool:
    return parse_date(level) is not None


def _dated(name: str) -> bool:
    return re.search(r"date|time|day|created|closed|_at$", name, re.IGNORECASE) is not None
