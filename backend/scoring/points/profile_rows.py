"""The rows of a table file: CSV of any program and country, or an Excel workbook's first sheet.

Encodings UTF-8 (with or without BOM, also with a few bytes of Windows-1252 in it), UTF-16 with BOM
and Windows-1252; separators comma, semicolon, tab and bar, or what a line `sep=;` says. A row with
a broken quote is a problem of that row alone.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from backend.errors import BadInput

FILE_MAX: Final = 5_000_000  # bytes
UNPACKED_MAX: Final = 60_000_000  # bytes of a workbook's parts together
SPAN_MAX: Final = 100  # lines of one row: a longer cell is a quote that was never closed
HEADER_WITHIN: Final = 20  # rows that may stand above the titles of the columns
_SEP: Final = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
_ENDS: Final = re.compile(r"\r\n|\n|\r")
_DELIMITERS: Final = ",;\t|"
_ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Row:
    """One row by its number in a spreadsheet, from 1; `problem` where it cannot be read."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""


def read_rows(content: bytes, titles: Callable[[Sequence[str]], int]) -> tuple[Row, ...]:
    """The row of titles and all below it; () for a file without any. `titles` counts the titles
    that it knows in a row. Raises BadInput."""
    if len(content) > FILE_MAX:
        raise BadInput(f"the file has {len(content):,} bytes; at most {FILE_MAX:,} are read")
    rows = _workbook(content) if content.startswith(_ZIP) else _csv(decode(content), titles)
    above = rows[:HEADER_WITHIN]
    found = [titles(row.cells) for row in above]
    if not found:
        return ()
    if max(found):
        return tuple(rows[found.index(max(found)) :])
    filled = (place for place, row in enumerate(rows) if any(cell.strip() for cell in row.cells))
    return tuple(rows[next(filled, len(rows)) :])


def decode(content: bytes) -> str:
    """Text of a file from any spreadsheet program. Raises BadInput when it is none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    else:
        text = _mixed(content.removeprefix(b"\xef\xbb\xbf"))
    if "\x00" in text:
        raise BadInput("the file is not text: save it as CSV (UTF-8) or .xlsx")
    return text.removeprefix("\ufeff").removeprefix("ï»¿")


def _mixed(content: bytes) -> str:
    """UTF-8, and Windows-1252 for each byte that cannot be that."""
    parts: list[str] = []
    view = memoryview(content)
    while view:
        try:
            parts.append(str(view, "utf-8"))
            break
        except UnicodeDecodeError as error:
            parts.append(str(view[: error.start], "utf-8"))
            parts.append(str(view[error.start : error.start + 1], "cp1252", "replace"))
            view = view[error.start + 1 :]
    return "".join(parts)


def _csv(text: str, titles: Callable[[Sequence[str]], int]) -> list[Row]:
    lines = _ENDS.split(text)
    said = _SEP.fullmatch(lines[0])
    if said:
        return _split(lines[1:], said[1])
    head = lines[:HEADER_WITHIN]
    by_titles = {
        delimiter: max((titles(row.cells) for row in _split(head, delimiter)), default=0)
        for delimiter in _DELIMITERS
    }
    sample = "\n".join(head)
    delimiter = max(_DELIMITERS, key=lambda one: (by_titles[one], sample.count(one)))
    return _split(lines, delimiter)


def _split(lines: Sequence[str], delimiter: str) -> list[Row]:
    rows: list[Row] = []
    place = width = 0
    while place < len(lines):
        cells, end, problem = _record(lines, place, delimiter)
        if not problem and end > place + 1 and width and len(cells) != width:
            problem = f"a quote opens in cell {_opened(lines[place], delimiter)} and never closes"
        if problem:
            cells, end = [], place + 1
        width = max(width, len(cells)) if len(rows) < HEADER_WITHIN else width
        rows.append(Row(len(rows) + 1, tuple(cells), problem))
        place = end
    return rows


def _record(lines: Sequence[str], start: int, delimiter: str) -> tuple[list[str], int, str]:
    """The cells of the row that begins at line `start`, the line after it, and what is wrong."""
    cells: list[str] = []
    place, at = start, 0
    line = lines[place]
    while True:
        if not line[at:].lstrip(" ").startswith('"') or delimiter == '"':
            end = line.find(delimiter, at)
            cells.append(line[at:] if end < 0 else line[at:end])
            if end < 0:
                return cells, place + 1, ""
            at = end + 1
            continue
        at = line.index('"', at) + 1
        cell: list[str] = []
        while True:
            end = line.find('"', at)
            if end < 0:
                cell.append(line[at:] + "\n")
                place += 1
                if place >= len(lines) or place - start >= SPAN_MAX:
                    return (
                        cells,
                        start + 1,
                        f"a quote opens in cell {len(cells) + 1} and never closes",
                    )
                line, at = lines[place], 0
            elif line.startswith('"', end + 1):
                cell.append(line[at : end + 1])
                at = end + 2
            else:
                cell.append(line[at:end])
                at = end + 1
                break
        rest = line[at:].lstrip(" ")
        at = len(line) - len(rest)
        cells.append("".join(cell))
        if not rest:
            return cells, place + 1, ""
        if not rest.startswith(delimiter):
            problem = (
                f"a quote in cell {len(cells)} is followed by more text: double it, or leave it out"
            )
            return cells, start + 1, problem
        at += len(delimiter)


def _opened(line: str, delimiter: str) -> int:
    """The number of the first cell that begins with a quote."""
    cells = line.split(delimiter)
    return next((n for n, cell in enumerate(cells, 1) if cell.lstrip().startswith('"')), 1)


def _workbook(content: bytes) -> list[Row]:
    """The first sheet that is not empty."""
    _check_size(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if any(any(cell != "" for cell in row) for row in sheet):
                return [Row(n, tuple(map(_cell, row))) for n, row in enumerate(sheet, 1)]
    except (CalamineError, OSError, ValueError) as error:
        raise BadInput(f"the file is not a workbook that can be read: {error}") from None
    return []


def _check_size(content: bytes) -> None:
    """Unpacks, counting: what a workbook says about its size may be a lie."""
    left = UNPACKED_MAX
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for part in packed.infolist():
                with packed.open(part) as file:
                    while block := file.read(1 << 20):
                        left -= len(block)
                        if left < 0:
                            raise BadInput("the workbook is too large: save its sheet as CSV")
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadInput(f"the file is not a workbook that can be read: {error}") from None


def _cell(value: float | str | bool | date | datetime | time | timedelta) -> str:
    """A number without a superfluous ".0"; a date as "2-Oct", as spreadsheets show one."""
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    if isinstance(value, date):
        return f"{value.day}-{value:%b}-{value.year}"
    return str(value)
