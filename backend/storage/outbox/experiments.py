"""What both kinds of experiment have in common: rows about leads in arms, and who was in which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.learning.data.arms import Arm, Assigned
from backend.storage.database import upsert
from backend.storage.tables.outbox import (
    exploration_leads,
    explorations,
    holdout_leads,
    holdouts,
)


def counted(
    conn: Connection,
    table: sa.Table,
    portal_id: int,
    experiment_id: str,
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """What became of an experiment's leads: `cid`, `result`, `touch_minutes` and `amount` of
    each."""
    if not rows:
        return
    _, experiment, contact = table.primary_key.columns
    conn.execute(
        sa.update(table)
        .where(
            table.c.portal_id == portal_id,
            experiment == experiment_id,
            contact == sa.bindparam("cid"),
        )
        .values(
            result=sa.bindparam("result"),
            touch_minutes=sa.bindparam("touch_minutes"),
            amount=sa.bindparam("amount"),
        ),
        [dict(row) for row in rows],
    )


def follow(conn: Connection, portal_id: int, gone: Sequence[str], survivor: str) -> None:
    """Contacts were merged: a survivor without an arm gets that of the first of the others."""
    for table in (holdout_leads, exploration_leads):
        mine = (table.c.portal_id == portal_id, table.c.contact_id.in_(gone))
        rows = conn.execute(
            sa.select(table).where(*mine).order_by(table.c.assigned_at, table.c.contact_id)
        ).mappings()
        upsert(conn, table, [{**row, "contact_id": survivor} for row in rows], update=())
        conn.execute(sa.delete(table).where(*mine))


def of_portal(conn: Connection, portal_id: int) -> dict[str, Assigned]:
    """The arm of every lead that is in one, of experiments that have ended, too. A Low lead that
    was tried because it was offered stays that, whatever became of it later."""
    h, x = holdout_leads.c, exploration_leads.c
    of_holdout = sa.and_(holdouts.c.portal_id == h.portal_id, holdouts.c.holdout_id == h.holdout_id)
    held = conn.execute(
        sa.select(h.contact_id, h.held, holdouts.c.share)
        .select_from(holdout_leads.join(holdouts, of_holdout))
        .where(h.portal_id == portal_id)
        .order_by(h.assigned_at)
    )
    of_exploration = sa.and_(
        explorations.c.portal_id == x.portal_id, explorations.c.exploration_id == x.exploration_id
    )
    offered = conn.execute(
        sa.select(x.contact_id, x.offered, x.touch_minutes, explorations.c.share)
        .select_from(exploration_leads.join(explorations, of_exploration))
        .where(x.portal_id == portal_id)
        .order_by(x.assigned_at)
    )
    found = {row.contact_id: _explored(row) for row in offered}
    for row in held:
        if row.contact_id not in found or found[row.contact_id].arm is not Arm.EXPLORED:
            arm = Arm.HELD_OUT if row.held else Arm.TREATED
            found[row.contact_id] = Assigned(arm, row.share)
    return found


def _explored(row: Any) -> Assigned:
    if not row.offered:
        return Assigned(Arm.NOT_OFFERED, row.share)
    return Assigned(Arm.NOT_TRIED if row.touch_minutes is None else Arm.EXPLORED, row.share)
