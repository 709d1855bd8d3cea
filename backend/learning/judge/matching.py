"""Do a test file and its training file belong together: columns that match, leads on both sides."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import numpy as np

from backend.errors import BadInput
from backend.learning.data.table import Table
from backend.learning.numbers import COMPANIES_MIN, COPIES_SHOWN
from backend.scoring.scorecard.cells import level_of

# Columns that name a lead's company, where nobody says so with --group.
_COMPANY = re.compile(r"\b(company|account|organi[sz]ation|firm|customer)\b", re.IGNORECASE)


def missing_columns(used: Iterable[str], train: Table, test: Table) -> tuple[str, ...]:
    """Fields of the model that the test lacks. BadInput when it has none of them."""
    used = tuple(used)
    missing = tuple(name for name in used if name not in test.columns)
    if missing and len(missing) == len(used):
        lines = tuple(_missing(name, train, test) for name in missing)
        raise BadInput(
            "the test file shares no field with the training file: " + "; ".join(lines),
            problems=lines,
        )
    return missing


def mismatches(
    train: Table, test: Table, missing: Iterable[str], outcome: str, group: str | None
) -> tuple[str, ...]:
    """What a person should know before believing a test file's figures, a sentence each."""
    found = [f"the test file has {_missing(name, train, test)}" for name in missing]
    shared = [n for n in train.names if n in test.columns and n not in (outcome, group)]
    seen, asked = Counter(_rows(train, shared)), _rows(test, shared)
    copies = [row in seen for row in asked]
    twins = sum(n for n in seen.values() if n > 1) / max(seen.total(), 1)
    if copies and np.mean(copies) > twins + COPIES_SHOWN:
        found.append(
            f"{sum(copies)} of {len(copies)} test rows are in the training file as well: "
            "the figures say how well it remembers, not how well it predicts"
        )
    company = group or next((name for name in shared if _COMPANY.search(name)), "")
    if company in train.columns and company in test.columns:
        known = {level_of(cell) for cell in train.columns[company]} - {None}
        both = sum(level_of(cell) in known for cell in test.columns[company])
        if both and (group or len(known) > COMPANIES_MIN):
            found.append(
                f"{both} of {len(test)} test rows are of a {company!r} that is in the training "
                "file as well: the figures are better than for new ones"
            )
    return tuple(found)


def _rows(table: Table, names: Sequence[str]) -> list[tuple[str | None, ...]]:
    columns = [[level_of(cell) for cell in table.columns[name]] for name in names]
    return list(zip(*columns, strict=True))


def _missing(name: str, train: Table, test: Table) -> str:
    names = [other for other in test.names if other not in train.columns]  # the rest is matched
    plain = {"".join(c for c in other.casefold() if c.isalnum()): other for other in names}
    wanted = "".join(c for c in name.casefold() if c.isalnum())
    near = get_close_matches(wanted, plain, n=1, cutoff=0.6)
    return f"no column {name!r}" + (f" (nearest: {plain[near[0]]!r})" if near else "")
