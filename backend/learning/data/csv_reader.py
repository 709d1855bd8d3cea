"""A CSV file of any origin as a `Table`: encodings, byte-order marks and delimiters are guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from backend.errors import BadInput
from backend.learning.data.table import Table
from backend.learning.numbers import CSV_FIELD_MAX, SNIFF_BYTES, SWALLOWED_LINES

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
    text = _decoded(content, place)
    if not text.strip():
        raise BadInput(f"{place} is empty")
    csv.field_size_limit(CSV_FIELD_MAX)
    try:
        delimiter = _delimiter(text)
        numbered = list(_numbered_lines(text, delimiter))
    except csv.Error as error:
        raise BadInput(f"{place} is not a readable CSV file: {error}") from error
    if not numbered:
        raise BadInput(f"{place} holds no header line")
    lines = [line for _, line in numbered]
    names = _names(lines[0])
    _check_quotes(text, numbered, len(names), delimiter, place)
    _check_widths(numbered, len(names), place)
    columns: dict[str, list[str | None]] = {name: [] for name in names}
    for line in lines[1:]:
        for position, name in enumerate(names):
            columns[name].append(line[position] if position < len(line) else None)
    return Table(columns)


def _numbered_lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, each with the number of the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    for row in reader:
        if any(cell.strip() for cell in row):
            yield begins, row
        begins = reader.line_num + 1


def _check_quotes(
    text: str, numbered: list[tuple[int, list[str]]], width: int, delimiter: str, place: str
) -> None:
    """A cell that holds whole rows began with a quote that does not belong there."""
    physical = list(io.StringIO(text, newline=""))
    for begins, row in numbered:
        inside = [_inside(cell) for cell in row]
        more = sum(map(len, inside))
        if not more:
            continue
        if (
            any(_whole_rows(lines, width, delimiter) for lines in inside)
            or _holds_rows(row, more, width, delimiter)
            or _ends_badly(physical[begins - 1 : begins + more + 1], delimiter)
        ):
            raise BadInput(
                f"{place}, line {begins}: a stray quote makes one cell of {more} more "
                f"line{'s' * (more > 1)}; remove it or double it",
                problems=(f"line {begins}: stray quote",),
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


def _ends_badly(lines: list[str], delimiter: str) -> bool:
    """The file ends within a quote of this row, or goes on behind one without a delimiter."""
    try:
        next(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False


def _decoded(content: bytes, place: str) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError as error:
                raise BadInput(f"{place} starts like {encoding} but is not") from error
    if b"\x00" in content[:SNIFF_BYTES]:
        raise BadInput(f"{place} is not text; save it as CSV (UTF-8)")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    """The delimiter that splits the first lines most evenly into the most columns."""
    sample = text[:SNIFF_BYTES]

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


def _check_widths(numbered: list[tuple[int, list[str]]], width: int, place: str) -> None:
    for number, line in numbered[1:]:
        if len(line) > width and any(cell.strip() for cell in line[width:]):
            raise BadInput(
                f"{place}, line {number} has {len(line)} cells, the header has {width}: "
                "quote cells that hold the delimiter"
            )
