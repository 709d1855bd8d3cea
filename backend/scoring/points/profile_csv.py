"""An ideal client profile from a CSV file, whatever program wrote it.

Encodings UTF-8 (with or without BOM), UTF-16 with BOM and Windows-1252; separators comma,
semicolon, tab and bar. Every wrong row and column is named; nothing is guessed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from backend.errors import BadInput
from backend.model import PROFILE_FIELDS, IdealClient
from backend.scoring.text.manipulation import suspected, without_instructions
from backend.scoring.values.bins import strict

FILE_MAX: Final = 5_000_000  # bytes
ROWS_MAX: Final = 20_000
CELL_MAX: Final = 2_000  # characters
SHOWN_PROBLEMS: Final = 200

# Common spellings, folded to letters only.
HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "industry": ("industry", "industries", "sector", "vertical", "branche"),
    "company_size": (
        "companysize",
        "size",
        "employees",
        "numberofemployees",
        "employeecount",
        "headcount",
        "noofemployees",
    ),
    "revenue_range": ("revenuerange", "revenue", "annualrevenue", "turnover", "yearlyrevenue"),
    "location": (
        "geographiclocation",
        "location",
        "country",
        "region",
        "geography",
        "countryregion",
        "geo",
    ),
    "technologies": (
        "technologystack",
        "technologies",
        "techstack",
        "technology",
        "tech",
        "stack",
        "webtechnologies",
    ),
    "budget_range": ("budgetrange", "budget", "dealsize", "spend", "annualbudget"),
    "name": ("name", "company", "companyname", "client", "clientname"),
    "description": ("description", "about", "blurb", "notes"),
    "tags": ("tags", "tag", "segment", "segments", "label", "labels"),
    "client_id": ("clientid", "id", "externalid"),
}
ORDERS: Final = "reads like instructions to whoever scores leads, not like a value"
TITLES: Final[Mapping[str, str]] = {
    "industry": "Industry",
    "company_size": "Company size",
    "revenue_range": "Revenue range",
    "location": "Geographic location",
    "technologies": "Technology stack",
    "budget_range": "Budget range",
}


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """What a file holds: its good rows, and one line per problem in the others."""

    clients: tuple[IdealClient, ...]
    problems: tuple[str, ...]
    rows: int


def read_profile(content: bytes) -> ProfileFile:
    """Parse a whole file. Raises BadInput when it is not a table with the six columns."""
    if len(content) > FILE_MAX:
        raise BadInput(f"the file has {len(content):,} bytes; at most {FILE_MAX:,} are read")
    rows = _rows(decode(content))
    if not rows:
        raise BadInput("the file is empty")
    columns = _columns(rows[0])
    clients: list[IdealClient] = []
    problems: list[str] = []
    body = rows[1:]
    if len(body) > ROWS_MAX:
        raise BadInput(f"the file has {len(body):,} rows; at most {ROWS_MAX:,} are read")
    for number, cells in enumerate(body, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        wrong = _row_problems(cells, rows[0], number)
        client = None if wrong else _client(cells, columns, rows[0], number, wrong)
        if client is not None:
            clients.append(client)
        problems += wrong
    if not clients and not problems:
        raise BadInput("the file has a header but no row")
    return ProfileFile(tuple(clients), tuple(problems), len(clients) + _bad_rows(problems))


def refuse(problems: Sequence[str]) -> BadInput:
    """The error that names every wrong row and column."""
    shown = list(problems[:SHOWN_PROBLEMS])
    if len(problems) > SHOWN_PROBLEMS:
        shown.append(f"… and {len(problems) - SHOWN_PROBLEMS} more")
    return BadInput(
        "nothing was imported:\n  "
        + "\n  ".join(shown)
        + "\nMend these rows, or import the others with --skip-invalid.",
        problems=tuple(problems),
    )


def decode(content: bytes) -> str:
    """Text of a file from any spreadsheet program."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.removeprefix("\N{LATIN SMALL LETTER I WITH DIAERESIS}»¿")
    raise BadInput("the file is not text: save it as CSV (UTF-8)")


def _rows(text: str) -> list[list[str]]:
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise BadInput(f"the file is not valid CSV: {error}") from None


def _columns(header: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    spellings = {spelling: field for field, names in HEADERS.items() for spelling in names}
    for place, title in enumerate(header):
        field = spellings.get(re.sub(r"[^a-z]", "", title.casefold()))
        if field is None:
            continue
        if field in found:
            raise BadInput(
                f"columns {header[found[field]]!r} and {title!r} both mean {field}: keep one"
            )
        found[field] = place
    missing = [TITLES[field] for field in PROFILE_FIELDS if field not in found]
    if missing:
        raise BadInput(
            f"the file lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            f"it has {', '.join(repr(t.strip()[:40]) for t in header[:20])}",
            problems=tuple(f"column {title!r} is missing" for title in missing),
        )
    return found


def _row_problems(cells: Sequence[str], header: Sequence[str], number: int) -> list[str]:
    if len(cells) != len(header):
        return [f"row {number}: has {len(cells)} cells, the header has {len(header)}"]
    return [
        f"row {number}, column {title!r}: longer than {CELL_MAX} characters"
        for title, cell in zip(header, cells, strict=True)
        if len(cell) > CELL_MAX
    ]


def _client(
    cells: Sequence[str],
    columns: Mapping[str, int],
    header: Sequence[str],
    number: int,
    wrong: list[str],
) -> IdealClient | None:
    values: dict[str, Any] = {}
    for field in PROFILE_FIELDS:
        place = columns[field]
        if suspected(cells[place]):
            wrong.append(f"row {number}, column {header[place]!r}: {ORDERS}")
            continue
        try:
            values[field] = strict(field, cells[place], row=number, column=header[place])
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        return None
    if not any(values.values()):
        wrong.append(f"row {number}: all six fields are empty")
        return None
    for field in ("name", "description"):
        text = cells[columns[field]].strip() if field in columns else ""
        values[field] = without_instructions(text)
    given_id = cells[columns["client_id"]].strip() if "client_id" in columns else ""
    tags = cells[columns["tags"]] if "tags" in columns else ""
    split = [tag.strip() for tag in re.split(r"[;,|]", tags)] if not suspected(tags) else []
    values["tags"] = tuple(tag for tag in split if tag)
    return IdealClient(client_id=given_id[:64] or f"row-{number}", **values)


def _bad_rows(problems: Sequence[str]) -> int:
    return len({problem.split(",")[0].split(":")[0] for problem in problems})
