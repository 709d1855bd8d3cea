"""The properties every HubSpot portal starts with (those a lead scorer can meet), as tables.

`<kind>.csv` has one row per property; the five activities share `activities.csv`. `access` is
`read` (only HubSpot sets it), `calculated` or `unique`; `options` are `value` or `value=label`,
separated by semicolons. Industries are HubSpot's own enumeration.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from sandbox.state.object_types import ACTIVITIES
from sandbox.state.properties import Catalog, Definition, Group, Option

Row = dict[str, str]


def default_catalog(object_type: str, at_ms: int) -> Catalog:
    """A fresh portal's catalogue for one kind of record."""
    shared = "activities" if object_type in ACTIVITIES else object_type
    groups = [
        Group(row["name"], row["label"], order)
        for order, row in enumerate(_rows("groups"))
        if row["object_type"] == shared
    ]
    rows = [*_rows(object_type), *(_rows("activities") if shared == "activities" else ())]
    return Catalog(groups, (_definition(row, at_ms) for row in rows))


@cache
def _rows(name: str) -> tuple[Row, ...]:
    text = (Path(__file__).parent / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _definition(row: Row, at_ms: int) -> Definition:
    return Definition(
        row["name"],
        row["label"],
        row["type"],
        row["field_type"],
        row["group"],
        options=_options(row),
        hubspot_defined=True,
        read_only=row["access"] in ("read", "calculated"),
        calculated=row["access"] == "calculated",
        has_unique_value=row["access"] == "unique",
        created_ms=at_ms,
        updated_ms=at_ms,
    )


def _options(row: Row) -> tuple[Option, ...]:
    if row["type"] == "bool":
        return (Option("true", "Yes", 0), Option("false", "No", 1))
    pairs = (part.strip().partition("=") for part in row["options"].split(";") if part)
    return tuple(
        Option(value, label or value.replace("_", " ").capitalize(), order)
        for order, (value, _, label) in enumerate(pairs)
    )
