"""Reads CSV files as people save them: any usual encoding, delimiter and line end."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError

DELIMITERS = ",;\t|"
_ENCODINGS = ("utf-8-sig", "cp1252", "latin-1")
_FIELD_MAX = 10 * 1024 * 1024  # characters; blurbs are long, but not that long


@dataclass(frozen=True, slots=True)
class Table:
    """Header and rows; `numbers` are the rows' numbers as a spreadsheet shows them."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]


def read_table(path: Path) -> Table:
    """The file's table; SandboxError names row and column of what is wrong."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SandboxError(f"cannot read {path}: {error.strerror}") from error
    return parse_table(decoded(raw), str(path))


def decoded(raw: bytes) -> str:
    """Text of a file in UTF-8, UTF-16 (with its mark) or Windows-1252."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 decodes everything")


def parse_table(text: str, name: str) -> Table:
    """The table in a text; SandboxError when it has none."""
    csv.field_size_limit(_FIELD_MAX)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise SandboxError(f"{name} is not a CSV file: {error}") from error
    if not lines or not any(cell.strip() for cell in lines[0]):
        raise SandboxError(f"{name} has no header row")
    headers = tuple(cell.strip() for cell in lines[0])
    _check_headers(headers, name)
    rows, numbers = [], []
    for number, line in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) > len(headers):
            raise SandboxError(
                f"{name}, row {number}: {len(line)} cells, but the header has {len(headers)} "
                "columns; is a value with the delimiter in it not quoted?"
            )
        rows.append(tuple(line) + ("",) * (len(headers) - len(line)))
        numbers.append(number)
    if not rows:
        raise SandboxError(f"{name} has a header but no rows")
    return Table(headers, tuple(rows), tuple(numbers))


def _delimiter(text: str) -> str:
    first = text.lstrip().partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _check_headers(headers: tuple[str, ...], name: str) -> None:
    for column, header in enumerate(headers, 1):
        if not header:
            raise SandboxError(f"{name}, row 1, column {column}: the header is empty")
    lowered = [header.lower() for header in headers]
    for column, header in enumerate(lowered, 1):
        if header in lowered[: column - 1]:
            raise SandboxError(f"{name}, row 1, column {column}: {header!r} stands there twice")
