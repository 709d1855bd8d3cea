"""The mirror: our copy of the allow-listed facts, and which contact each object belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from backend.model import MirrorRecord
from backend.slices import slices
from backend.storage.database import upsert
from backend.storage.tables.leads import mirror_links, mirror_objects


def save(conn: Connection, portal_id: int, records: Sequence[MirrorRecord]) -> None:
    """Insert or replace; an answer older than what is stored changes nothing."""
    if not records:
        return
    insert: Any = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    statement = insert(mirror_objects)
    statement = statement.on_conflict_do_update(
        index_elements=["portal_id", "object_type", "object_id"],
        set_={
            "facts": statement.excluded.facts,
            "updated_at": statement.excluded.updated_at,
            "stale": sa.false(),
        },
        where=statement.excluded.updated_at >= mirror_objects.c.updated_at,
    )
    conn.execute(
        statement,
        [
            {
                "portal_id": portal_id,
                "object_type": record.object_type,
                "object_id": record.object_id,
                "facts": dict(record.facts),
                "updated_at": record.updated_at,
                "stale": False,
            }
            for record in records
        ],
    )


def link(conn: Connection, portal_id: int, links: Iterable[tuple[str, str, str]]) -> None:
    """Add (contact_id, object_type, object_id) links; known ones stay."""
    rows = [
        {"portal_id": portal_id, "contact_id": c, "object_type": t, "object_id": o}
        for c, t, o in links
    ]
    upsert(conn, mirror_links, rows, update=())


def unlink(conn: Connection, portal_id: int, object_type: str, object_ids: Sequence[str]) -> None:
    """These objects belong to no contact."""
    for part in slices(object_ids):
        conn.execute(
            sa.delete(mirror_links).where(
                mirror_links.c.portal_id == portal_id,
                mirror_links.c.object_type == object_type,
                mirror_links.c.object_id.in_(part),
            )
        )


def follow(
    conn: Connection, portal_id: int, object_type: str, gone: Sequence[str], survivor: str
) -> None:
    """What contacts had that were merged away belongs to the one that survives."""
    found = objects_of(conn, portal_id, gone, [object_type]).get(object_type, set())
    link(conn, portal_id, [(survivor, object_type, object_id) for object_id in sorted(found)])


def relink(
    conn: Connection,
    portal_id: int,
    object_type: str,
    by_contact: Mapping[str, Sequence[str]],
) -> None:
    """Replace the links of these contacts to one object type by what HubSpot says now."""
    ids = list(by_contact)
    for part in slices(ids):
        conn.execute(
            sa.delete(mirror_links).where(
                mirror_links.c.portal_id == portal_id,
                mirror_links.c.object_type == object_type,
                mirror_links.c.contact_id.in_(part),
            )
        )
    link(conn, portal_id, ((c, object_type, o) for c, others in by_contact.items() for o in others))


def contacts_of(
    conn: Connection, portal_id: int, object_type: str, object_ids: Sequence[str]
) -> dict[str, list[str]]:
    """Contact ids by object id."""
    found: dict[str, list[str]] = defaultdict(list)
    for part in slices(object_ids):
        rows = conn.execute(
            sa.select(mirror_links.c.object_id, mirror_links.c.contact_id).where(
                mirror_links.c.portal_id == portal_id,
                mirror_links.c.object_type == object_type,
                mirror_links.c.object_id.in_(part),
            )
        )
        for row in rows:
            found[row.object_id].append(row.contact_id)
    return dict(found)


def objects_of(
    conn: Connection, portal_id: int, contact_ids: Sequence[str], object_types: Sequence[str]
) -> dict[str, set[str]]:
    """Ids of what these contacts are linked to, by type."""
    found: dict[str, set[str]] = defaultdict(set)
    k = mirror_links.c
    for part in slices(contact_ids) if object_types else ():
        rows = conn.execute(
            sa.select(k.object_type, k.object_id).where(
                k.portal_id == portal_id,
                k.contact_id.in_(part),
                k.object_type.in_(object_types),
            )
        )
        for row in rows:
            found[row.object_type].add(row.object_id)
    return dict(found)


def mark_stale(
    conn: Connection, portal_id: int, object_type: str, object_ids: Sequence[str]
) -> None:
    """HubSpot said these changed: read them again before the next score that needs them."""
    for part in slices(object_ids):
        conn.execute(
            sa.update(mirror_objects)
            .where(
                mirror_objects.c.portal_id == portal_id,
                mirror_objects.c.object_type == object_type,
                mirror_objects.c.object_id.in_(part),
            )
            .values(stale=True)
        )


def unread(
    conn: Connection, portal_id: int, contact_ids: Sequence[str], object_types: Sequence[str]
) -> dict[str, list[str]]:
    """By type, the objects of these contacts that are stale or were never read."""
    wanted: dict[str, set[str]] = defaultdict(set)
    o, k = mirror_objects, mirror_links
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(k.c.object_type, k.c.object_id)
            .select_from(
                k.outerjoin(
                    o,
                    sa.and_(
                        o.c.portal_id == k.c.portal_id,
                        o.c.object_type == k.c.object_type,
                        o.c.object_id == k.c.object_id,
                    ),
                )
            )
            .where(
                k.c.portal_id == portal_id,
                k.c.contact_id.in_(part),
                k.c.object_type.in_(object_types),
                sa.or_(o.c.object_id.is_(None), o.c.stale),
            )
        )
        for row in rows:
            wanted[row.object_type].add(row.object_id)
    return {object_type: sorted(ids) for object_type, ids in wanted.items()}


def records(
    conn: Connection, portal_id: int, object_type: str, object_ids: Sequence[str]
) -> dict[str, MirrorRecord]:
    """Stored records by id; unknown ids are left out."""
    found = {}
    for part in slices(object_ids):
        rows = conn.execute(
            sa.select(mirror_objects).where(
                mirror_objects.c.portal_id == portal_id,
                mirror_objects.c.object_type == object_type,
                mirror_objects.c.object_id.in_(part),
            )
        )
        for row in rows:
            found[row.object_id] = _record(row)
    return found


def linked_records(
    conn: Connection, portal_id: int, contact_ids: Sequence[str]
) -> dict[str, list[MirrorRecord]]:
    """Everything linked to each contact: companies, deals, activities."""
    found: dict[str, list[MirrorRecord]] = defaultdict(list)
    o, k = mirror_objects, mirror_links
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(k.c.contact_id, o)
            .select_from(
                k.join(
                    o,
                    sa.and_(
                        o.c.portal_id == k.c.portal_id,
                        o.c.object_type == k.c.object_type,
                        o.c.object_id == k.c.object_id,
                    ),
                )
            )
            .where(k.c.portal_id == portal_id, k.c.contact_id.in_(part))
            .order_by(k.c.contact_id, o.c.object_type, o.c.object_id)
        )
        for row in rows:
            found[row.contact_id].append(_record(row))
    return found


def deals_of_companies(conn: Connection, portal_id: int) -> list[MirrorRecord]:
    """Deals that name a company and no contact, by HubSpot's word and by our links."""
    o, k = mirror_objects, mirror_links
    linked = sa.exists().where(
        k.c.portal_id == o.c.portal_id,
        k.c.object_type == o.c.object_type,
        k.c.object_id == o.c.object_id,
    )
    rows = conn.execute(
        sa.select(o)
        .where(
            o.c.portal_id == portal_id,
            o.c.object_type == "deals",
            o.c.facts["companies"].as_string().is_not(None),
            ~linked,
        )
        .order_by(o.c.object_id)
    )
    return [_record(row) for row in rows]


def lead_records(
    conn: Connection, portal_id: int, contact_ids: Sequence[str] | None = None
) -> list[tuple[str, Mapping[str, str]]]:
    """(contact id, facts) of every lead record that belongs to a contact, of these or of all."""
    o, k = mirror_objects, mirror_links
    rows = conn.execute(
        sa.select(k.c.contact_id, o.c.facts)
        .select_from(
            k.join(
                o,
                sa.and_(
                    o.c.portal_id == k.c.portal_id,
                    o.c.object_type == k.c.object_type,
                    o.c.object_id == k.c.object_id,
                ),
            )
        )
        .where(
            k.c.portal_id == portal_id,
            k.c.object_type == "leads",
            sa.true() if contact_ids is None else k.c.contact_id.in_(contact_ids),
        )
    )
    return [(row.contact_id, row.facts) for row in rows]


def contact_ids(
    conn: Connection, portal_id: int, *, after: str = "", limit: int = 500
) -> list[str]:
    """Mirrored contacts in id order, for walking all of them in slices."""
    rows = conn.execute(
        sa.select(mirror_objects.c.object_id)
        .where(
            mirror_objects.c.portal_id == portal_id,
            mirror_objects.c.object_type == "contacts",
            mirror_objects.c.object_id > after,
        )
        .order_by(mirror_objects.c.object_id)
        .limit(limit)
    )
    return [row.object_id for row in rows]


def spread_ids(conn: Connection, portal_id: int, object_type: str, most: int) -> list[str]:
    """A sample: by the ids' last digits, so that old and new objects are in it, and always the
    same ones."""
    object_id = mirror_objects.c.object_id
    rows = conn.execute(
        sa.select(object_id)
        .where(
            mirror_objects.c.portal_id == portal_id,
            mirror_objects.c.object_type == object_type,
        )
        .order_by(sa.func.substr(object_id, sa.func.length(object_id) - 1), object_id)
        .limit(most)
    )
    return [row.object_id for row in rows]


def counts(conn: Connection, portal_id: int, object_types: Sequence[str] = ()) -> dict[str, int]:
    """Mirrored objects by type, of these types only where some are named."""
    query = sa.select(mirror_objects.c.object_type, sa.func.count().label("n")).where(
        mirror_objects.c.portal_id == portal_id
    )
    if object_types:
        query = query.where(mirror_objects.c.object_type.in_(object_types))
    rows = conn.execute(query.group_by(mirror_objects.c.object_type))
    return {row.object_type: row.n for row in rows}


def forget(conn: Connection, portal_id: int, object_type: str, object_ids: Sequence[str]) -> None:
    """Remove objects and their links: they were deleted in HubSpot."""
    column = mirror_links.c.contact_id if object_type == "contacts" else mirror_links.c.object_id
    for part in slices(object_ids):
        where = [mirror_links.c.portal_id == portal_id, column.in_(part)]
        if object_type != "contacts":
            where.append(mirror_links.c.object_type == object_type)
        conn.execute(sa.delete(mirror_links).where(*where))
        conn.execute(
            sa.delete(mirror_objects).where(
                mirror_objects.c.portal_id == portal_id,
                mirror_objects.c.object_type == object_type,
                mirror_objects.c.object_id.in_(part),
            )
        )


def _record(row: sa.Row[Any]) -> MirrorRecord:
    return MirrorRecord(row.object_type, row.object_id, row.facts, row.updated_at)
