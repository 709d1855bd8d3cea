"""A CSV file of any origin as a `Table`: encodings, byte-order marks and delimiters are guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.errors import BadInput
from backend.learning.data.table import Table
from backend.learning.numbers import CSV_FIELD_MAX, KEPT_CELLS, SNIFF_BYTES, SWALLOWED_LINES

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = (",", ";", "\t", "|")


def read_table(path: str | Path) -> Table:
    """Read a CSV file with a header line; BadInput says what is wrong with the file."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    return parse_table(content, str(path))


def parse_table(content: bytes, place: str = "the file") -> Table:
    """The table in these bytes. Short lines are padded with unknown, empty lines are skipped."""
    encoding = _encoding(content, place)
    if not _text(content, encoding).read(SNIFF_BYTES).strip():
        raise BadInput(f"{place} is empty")
    csv.field_size_limit(CSV_FIELD_MAX)
    try:
        return _table(content, encoding, place)
    except csv.Error as error:
        raise BadInput(f"{place} is not a readable CSV file: {error}") from error


def _text(content: bytes, encoding: str) -> io.TextIOWrapper:
    """Read bit by bit: a large file is not held a second time as text."""
    return io.TextIOWrapper(io.BytesIO(content), encoding, errors="replace", newline="")


def _table(content: bytes, encoding: str, place: str) -> Table:
    delimiter = _delimiter(_text(content, encoding).read(SNIFF_BYTES))
    rows = _rows(_text(content, encoding), delimiter)
    header = next(rows, None)
    if header is None:
        raise BadInput(f"{place} holds no header line")
    names = _names(header.cells)
    columns: list[list[str | None]] = [[] for _ in names]
    known: list[dict[str, str]] = [{} for _ in names]  # a level is held once, not once a row
    for row in rows:
        _check_quotes(row, len(names), delimiter, place)
        _check_width(row, len(names), place)
        for position, column in enumerate(columns):
            if position < len(row.cells):
                cell = row.cells[position]
                kept = known[position]
                column.append(kept.setdefault(cell, cell) if len(kept) < KEPT_CELLS else cell)
            else:
                column.append(None)
    return Table(dict(zip(names, columns, strict=True)))


@dataclass(frozen=True, slots=True)
class _Row:
    """`cells` of a row that is not empty and the lines it was read from; the first is `begins`."""

    begins: int
    cells: list[str]
    lines: tuple[str, ...]


def _rows(text: Iterable[str], delimiter: str) -> Iterator[_Row]:
    read: list[str] = []

    def lines() -> Iterator[str]:
        for line in text:
            read.append(line)
            yield line

    begins = 1
    for cells in csv.reader(lines(), delimiter=delimiter):
        if any(cell.strip() for cell in cells):
            yield _Row(begins, cells, tuple(read))
        begins += len(read)
        read.clear()


def _check_quotes(row: _Row, width: int, delimiter: str, place: str) -> None:
    """A cell that holds whole rows began with a quote that does not belong there."""
    if len(row.lines) == 1:
        return
    inside = [_inside(cell) for cell in row.cells]
    more = sum(map(len, inside))
    if (
        any(lines and _whole_rows(lines, width, delimiter) for lines in inside)
        or _holds_rows(row.cells, more, width, delimiter)
        or _ends_badly(row.lines, delimiter)
    ):
        raise BadInput(
            f"{place}, line {row.begins}: a stray quote makes one cell of {more} more "
            f"line{'s' * (more > 1)}; remove it or double it",
            problems=(f"line {row.begins}: stray quote",),
        )


def _inside(cell: str) -> list[str]:
    """Its lines but the first."""
    return cell.splitlines()[1:] if "\n" in cell or "\r" in cell else []


def _whole_rows(lines: list[str], width: int, delimiter: str) -> bool:
    whole = sum(line.count(delimiter) == width - 1 for line in lines)
    return width > 1 and whole >= max(SWALLOWED_LINES, 0.8 * len(lines))


def _holds_rows(row: list[str], more: int, width: int, delimiter: str) -> bool:
    """A row that lacks cells, whose lines have as many delimiters as so many whole rows."""
    delimiters = len(row) - 1 + sum(cell.count(delimiter) for cell in row)
    return len(row) < width and delimiters == (more + 1) * (width - 1)


def _ends_badly(lines: Sequence[str], delimiter: str) -> bool:
    """The file ends within a quote of this row, or goes on behind one without a delimiter."""
    try:
        next(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False


def _encoding(content: bytes, place: str) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            if not _decodes(content, encoding):
                raise BadInput(f"{place} starts like {encoding} but is not")
            return encoding
    if b"\x00" in content[:SNIFF_BYTES]:
        raise BadInput(f"{place} is not text; save it as CSV (UTF-8)")
    return "utf-8" if _decodes(content, "utf-8") else "cp1252"


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        for _ in io.TextIOWrapper(io.BytesIO(content), encoding, newline=""):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(sample: str) -> str:
    """The delimiter that splits the first lines most evenly into the most columns."""

    def score(delimiter: str) -> tuple[float, int]:
        lines = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))[:50]
        widths = [len(line) for line in lines if line]
        if not widths or widths[0] == 1:
            return (0.0, 0)
        return (sum(w == widths[0] for w in widths) / len(widths), widths[0])

    return max(_DELIMITERS, key=score)


def _names(header: list[str]) -> list[str]:
    """Column names, trimmed; empty ones are numbered, repeated ones get a suffix."""
    names: list[str] = []
    for position, cell in enumerate(header, start=1):
        name = cell.strip() or f"column {position}"
        copies = sum(1 for other in names if other == name or other.startswith(f"{name} ("))
        names.append(f"{name} ({copies + 1})" if copies else name)
    return names


def _check_width(row: _Row, width: int, place: str) -> None:
    if len(row.cells) > width and any(cell.strip() for cell in row.cells[width:]):
        raise BadInput(
            f"{place}, line {row.begins} has {len(row.cells)} cells, the header has {width}: "
            "quote cells that hold the delimiter"
        )
