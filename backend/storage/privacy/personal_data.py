"""Everything that is held about a contact, by place: counted for receipts, removed, exported.

Places are found in the schema: a new table with a `contact_id` is covered without a word here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.model import OF_CONTACTS
from backend.slices import slices
from backend.storage import tables
from backend.storage.privacy import named, tombstones
from backend.storage.tables.base import metadata
from backend.storage.tables.leads import inbox_events, mirror_links, mirror_objects
from backend.storage.tables.operations import tombstones as tombstones_table

KEPT: Final = frozenset({"erasures"})  # receipts, which forget the id themselves
ERASED: Final = named.ERASED


def _places() -> list[tuple[sa.Table, sa.Column[Any], sa.ColumnElement[bool]]]:
    """Table, the column with the contact's id, and which rows are meant."""
    found: list[tuple[sa.Table, sa.Column[Any], sa.ColumnElement[bool]]] = [
        (table, table.c.contact_id, sa.true())
        for table in metadata.sorted_tables
        if {"portal_id", "contact_id"} <= set(table.c.keys()) and table.name not in KEPT
    ]
    for table in (mirror_objects, inbox_events, mirror_links):
        found.append((table, table.c.object_id, table.c.object_type == "contacts"))
    return found


def places() -> set[str]:
    """Names of all tables with rows about a contact."""
    return {table.name for table, _, _ in _places()}


def counts(
    conn: Connection, portal_id: int, contact_ids: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Rows by contact and place, rows of others that name it included; places without a row are
    left out."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for part in slices(contact_ids):
        for table, column, which in _places():
            rows = conn.execute(
                sa.select(column.label("cid"), sa.func.count().label("n"))
                .where(table.c.portal_id == portal_id, column.in_(part), which)
                .group_by(column)
            )
            for row in rows:
                found[row.cid][table.name] += row.n
        for contact_id, by_name in named.count(conn, portal_id, part).items():
            found[contact_id].update(by_name)
    return {contact_id: dict(by_place) for contact_id, by_place in found.items()}


def remove(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> None:
    """Every row in every place, activities that concern nobody else, and the id wherever a row of
    others names it."""
    for part in slices(contact_ids):
        _remove_own_activities(conn, portal_id, part)
        for table, column, which in _places():
            conn.execute(
                sa.delete(table).where(table.c.portal_id == portal_id, column.in_(part), which)
            )
        named.take_out(conn, portal_id, part)


def remove_portal(conn: Connection, portal_id: int, kept: Collection[str]) -> dict[str, int]:
    """Every row of a portal but those of the `kept` tables, and but the tombstones of who asked to
    be forgotten; how many rows by table, tables without one left out."""
    removed = {}
    for table in metadata.sorted_tables:
        if "portal_id" in table.c and table.name not in kept:
            gone = sa.delete(table).where(table.c.portal_id == portal_id)
            if table is tombstones_table:
                gone = gone.where(table.c.cause.not_in(tombstones.FOR_EVER))
            removed[table.name] = conn.execute(gone).rowcount
    return {name: rows for name, rows in removed.items() if rows}


def _remove_own_activities(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> None:
    m, others = mirror_links, mirror_links.alias()
    own = (
        sa.select(m.c.object_id)
        .where(
            m.c.portal_id == portal_id,
            m.c.contact_id.in_(contact_ids),
            m.c.object_type == mirror_objects.c.object_type,
            m.c.object_id == mirror_objects.c.object_id,
        )
        .exists()
    )
    shared = (
        sa.select(others.c.object_id)
        .where(
            others.c.portal_id == portal_id,
            others.c.contact_id.not_in(contact_ids),
            others.c.object_type == mirror_objects.c.object_type,
            others.c.object_id == mirror_objects.c.object_id,
        )
        .exists()
    )
    conn.execute(
        sa.delete(mirror_objects).where(
            mirror_objects.c.portal_id == portal_id,
            mirror_objects.c.object_type.in_(OF_CONTACTS),
            own,
            ~shared,
        )
    )


def everything(
    conn: Connection, portal_id: int, contact_id: str
) -> dict[str, list[dict[str, Any]]]:
    """Every row about one contact, for an export; what is sealed is left to the caller."""
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for table, column, which in _places():
        rows = conn.execute(
            sa.select(table).where(table.c.portal_id == portal_id, column == contact_id, which)
        )
        listed = [{k: v for k, v in row.items() if k != "portal_id"} for row in rows.mappings()]
        found[table.name] += listed
    found["activities"] = _activities(conn, portal_id, contact_id)
    log = tables.access.access_log
    accesses = conn.execute(
        sa.select(log).where(log.c.portal_id == portal_id, log.c.subject == contact_id)
    )
    found["access_log"] = [dict(row) for row in accesses.mappings()]
    return {name: rows for name, rows in found.items() if rows}


def _activities(conn: Connection, portal_id: int, contact_id: str) -> list[dict[str, Any]]:
    m, o = mirror_links, mirror_objects
    rows = conn.execute(
        sa.select(o.c.object_type, o.c.object_id, o.c.facts)
        .join(
            m,
            sa.and_(
                m.c.portal_id == o.c.portal_id,
                m.c.object_type == o.c.object_type,
                m.c.object_id == o.c.object_id,
            ),
        )
        .where(m.c.portal_id == portal_id, m.c.contact_id == contact_id)
        .order_by(o.c.object_type, o.c.object_id)
    )
    return [dict(row) for row in rows.mappings()]
