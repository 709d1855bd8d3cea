"""Reads the tables of default properties.

A row is `name | label | type/field | group | flags | options`; flags are `r` read-only, `c`
calculated and `u` unique; options are `value=label` or just `value`, separated by commas.
"""

from __future__ import annotations

from sandbox.state.properties import Definition, Option


def definitions(table: str, at_ms: int) -> list[Definition]:
    """One definition per row."""
    lines = (line.strip() for line in table.strip().splitlines())
    return [_definition(line, at_ms) for line in lines if line]


def _definition(line: str, at_ms: int) -> Definition:
    cells = [cell.strip() for cell in line.split("|")]
    cells += [""] * (6 - len(cells))
    name, label, kind, group, flags, options = cells
    data_type, _, field_type = kind.partition("/")
    return Definition(
        name,
        label,
        data_type,
        field_type or data_type,
        group,
        options=parse_options(options) if options else _implied(data_type),
        hubspot_defined=True,
        read_only="r" in flags or "c" in flags,
        calculated="c" in flags,
        has_unique_value="u" in flags,
        created_ms=at_ms,
        updated_ms=at_ms,
    )


def parse_options(text: str) -> tuple[Option, ...]:
    """Options from `value=label, value, …`."""
    pairs = (part.strip().partition("=") for part in text.split(","))
    return tuple(
        Option(value, label or value.replace("_", " ").capitalize(), order)
        for order, (value, _, label) in enumerate(pairs)
    )


def _implied(data_type: str) -> tuple[Option, ...]:
    if data_type != "bool":
        return ()
    return (Option("true", "Yes", 0), Option("false", "No", 1))
