"""Whose scores name a contact as a neighbour, and taking it out of them.

A lead's score keeps its neighbours in a packed body that no query sees into, so every score that
is saved lists them here as well. Rows that older code saved are listed before anything is erased.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.model import Score
from backend.slices import SLICE
from backend.storage.database import upsert
from backend.storage.tables.leads import mentions, score_history, scores

_PREFIXES: Final = ("lead:", "ideal:won-")  # the second: profiles mined before ids were left out
_NEIGHBOURS: Final = "neighbours"


def contact_of(item_id: str) -> str:
    """The contact that an item of the vector index is about, "" for an ideal client."""
    for prefix in _PREFIXES:
        if item_id.startswith(prefix):
            return item_id.removeprefix(prefix)
    return ""


def item_ids(contact_id: str) -> list[str]:
    """Every id under which the vector index may know a contact."""
    return [prefix + contact_id for prefix in _PREFIXES]


def of_score(score: Score) -> set[str]:
    """The contacts among a score's neighbours."""
    return {contact_of(each.neighbour_id) for each in score.neighbours} - {""}


def add(conn: Connection, new_scores: Sequence[Score]) -> None:
    """Remember whom these scores name."""
    _put(conn, {(s.portal_id, named, s.contact_id) for s in new_scores for named in of_score(s)})


def _put(conn: Connection, found: Collection[tuple[int, str, str]]) -> None:
    names = ("portal_id", "mentioned", "contact_id")
    rows = [dict(zip(names, each, strict=True)) for each in sorted(found)]
    upsert(conn, mentions, rows, update=())


def list_older(conn: Connection, portal_id: int) -> bool:
    """List one slice of scores that older code saved; False when none is left."""
    more = False
    for table in (scores, score_history):
        key = _key(table)
        rows = conn.execute(
            sa.select(key.label("key"), table.c.contact_id, table.c.body)
            .where(table.c.portal_id == portal_id, ~table.c.listed)
            .limit(SLICE)
            .with_for_update()
        ).all()
        _put(conn, {(portal_id, named, r.contact_id) for r in rows for named in _in_body(r.body)})
        if rows:
            keys = [row.key for row in rows]
            mine = sa.and_(table.c.portal_id == portal_id, key.in_(keys))
            conn.execute(sa.update(table).where(mine).values(listed=True))
        more |= len(rows) == SLICE
    return more


def take_out(conn: Connection, portal_id: int, contact_ids: Collection[str]) -> bool:
    """Remove these contacts from one slice of the scores of others; False when none is left."""
    named = sa.and_(mentions.c.portal_id == portal_id, mentions.c.mentioned.in_(contact_ids))
    found = (
        conn.execute(sa.select(mentions.c.contact_id).distinct().where(named).limit(SLICE))
        .scalars()
        .all()
    )
    for table in (scores, score_history):
        key = _key(table)
        rows = conn.execute(
            sa.select(key.label("key"), table.c.body)
            .where(
                table.c.portal_id == portal_id,
                table.c.contact_id.in_(found),
                table.c.body.is_not(None),
            )
            .with_for_update()
        ).all()
        changed = [
            {"k": row.key, "b": _without(row.body, contact_ids)}
            for row in rows
            if not _in_body(row.body).isdisjoint(contact_ids)
        ]
        if changed:
            mine = sa.and_(table.c.portal_id == portal_id, key == sa.bindparam("k"))
            conn.execute(sa.update(table).where(mine).values(body=sa.bindparam("b")), changed)
    conn.execute(sa.delete(mentions).where(named, mentions.c.contact_id.in_(found)))
    return len(found) == SLICE


def counts(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> Mapping[str, int]:
    """How many other leads' scores name each of these."""
    rows = conn.execute(
        sa.select(mentions.c.mentioned, sa.func.count().label("n"))
        .where(mentions.c.portal_id == portal_id, mentions.c.mentioned.in_(contact_ids))
        .group_by(mentions.c.mentioned)
    )
    return {row.mentioned: row.n for row in rows}


def _key(table: sa.Table) -> sa.Column[Any]:
    return table.c.contact_id if table is scores else table.c.id


def _in_body(body: Mapping[str, Any] | None) -> set[str]:
    return set().union(*(_in(each) for each in (body or {}).get(_NEIGHBOURS, ())))


def _in(neighbour: Mapping[str, Any]) -> set[str]:
    facts = neighbour.get("facts") or {}
    kind = "lead" if facts.get("type") == "lead" else "ideal"
    ids = (str(neighbour.get("neighbour_id", "")), f"{kind}:{facts.get('client_id', '')}")
    return {contact_of(item_id) for item_id in ids} - {""}


def _without(body: Mapping[str, Any], contact_ids: Collection[str]) -> dict[str, Any]:
    kept = [each for each in body[_NEIGHBOURS] if _in(each).isdisjoint(contact_ids)]
    return {**body, _NEIGHBOURS: kept}
