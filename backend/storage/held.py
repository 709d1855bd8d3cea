"""Everything that is held about a contact, by place: counted for receipts, removed, exported.

Places are found in the schema: a new table with a `contact_id` is covered without a word here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.model import ACTIVITY_TYPES
from backend.storage import tables
from backend.storage.tables import access_log, inbox_events, metadata, mirror_links, mirror_objects

KEPT: Final = frozenset({"erasures"})  # receipts, which forget the id themselves
ERASED: Final = "erased"  # stands for the id in the access log
_SLICE: Final = 200


def _places() -> Mapping[str, tuple[sa.Table, sa.Column[Any], sa.ColumnElement[bool]]]:
    """Place → table, the column with the contact's id, and which rows are meant."""
    found: dict[str, tuple[sa.Table, sa.Column[Any], sa.ColumnElement[bool]]] = {
        table.name: (table, table.c.contact_id, sa.true())
        for table in metadata.sorted_tables
        if {"portal_id", "contact_id"} <= set(table.c.keys()) and table.name not in KEPT
    }
    of_contacts = mirror_objects.c.object_type == "contacts"
    found["mirror_objects"] = (mirror_objects, mirror_objects.c.object_id, of_contacts)
    events = inbox_events.c.object_type == "contacts"
    found["inbox_events"] = (inbox_events, inbox_events.c.object_id, events)
    return found


def places() -> set[str]:
    """Names of all places."""
    return set(_places())


def counts(
    conn: Connection, portal_id: int, contact_ids: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Rows by contact and place; places without a row are left out."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for start in range(0, len(contact_ids), _SLICE):
        part = contact_ids[start : start + _SLICE]
        for name, (table, column, which) in _places().items():
            rows = conn.execute(
                sa.select(column.label("cid"), sa.func.count().label("n"))
                .where(table.c.portal_id == portal_id, column.in_(part), which)
                .group_by(column)
            )
            for row in rows:
                found[row.cid][name] = row.n
    return dict(found)


def remove(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> None:
    """Every row in every place, activities that concern nobody else, and the id in the access
    log."""
    for start in range(0, len(contact_ids), _SLICE):
        part = contact_ids[start : start + _SLICE]
        _remove_own_activities(conn, portal_id, part)
        for table, column, which in _places().values():
            conn.execute(
                sa.delete(table).where(table.c.portal_id == portal_id, column.in_(part), which)
            )
        conn.execute(
            sa.update(access_log)
            .where(access_log.c.portal_id == portal_id, access_log.c.subject.in_(part))
            .values(subject=ERASED)
        )


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
            mirror_objects.c.object_type.in_(ACTIVITY_TYPES),
            own,
            ~shared,
        )
    )


def everything(
    conn: Connection, portal_id: int, contact_id: str
) -> dict[str, list[dict[str, Any]]]:
    """Every row about one contact, for an export; what is sealed is left to the caller."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, (table, column, which) in _places().items():
        rows = conn.execute(
            sa.select(table).where(table.c.portal_id == portal_id, column == contact_id, which)
        )
        listed = [{k: v for k, v in row.items() if k != "portal_id"} for row in rows.mappings()]
        if listed:
            found[name] = listed
    found["activities"] = _activities(conn, portal_id, contact_id)
    log = tables.access_log
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
