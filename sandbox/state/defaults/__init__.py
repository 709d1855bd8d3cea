"""The properties every HubSpot portal starts with (those a lead scorer can meet), as tables."""

from __future__ import annotations

from sandbox.state.defaults import activities, companies, contacts, deals
from sandbox.state.defaults.rows import definitions
from sandbox.state.properties import Catalog, Group

_TABLES: dict[str, tuple[tuple[Group, ...], str]] = {
    "contacts": (contacts.GROUPS, contacts.ROWS),
    "companies": (companies.GROUPS, companies.ROWS),
    "deals": (deals.GROUPS, deals.ROWS),
    **{name: ((activities.GROUP,), rows) for name, rows in activities.ROWS.items()},
}


def default_catalog(object_type: str, at_ms: int) -> Catalog:
    """A fresh portal's catalogue for one kind of record."""
    groups, rows = _TABLES[object_type]
    return Catalog(groups, definitions(rows, at_ms))
