"""Where each lead stands: its band, the band its tasks follow, and the list it has to be in.

`list_maybe` names every list the contact may be in just now. It is widened before HubSpot is asked,
with a mark that the outcome is not known, and narrowed afterwards; so a crash between any two steps
is repaired by the next flush.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import BATCH_LEADS
from backend.model import Band
from backend.slices import slices
from backend.storage.database import upsert
from backend.storage.outbox import due_rows
from backend.storage.outbox.due_rows import ANEW, LISTS
from backend.storage.tables.outbox import routings

_ASKED = "?"  # HubSpot was asked, and it is not known whether it did what it was asked


@dataclass(frozen=True, slots=True)
class RoutedLead:
    """One lead's state as the last decision left it."""

    contact_id: str
    band: Band | None = None
    settled: Band | None = None
    owner_id: str = ""
    entered_at: datetime | None = None
    by_run: bool = False
    list_wanted: str = ""


@dataclass(frozen=True, slots=True)
class ListMove:
    """A contact whose lists have to be looked at. `wanted` is "" when it belongs in none."""

    contact_id: str
    wanted: str
    maybe: frozenset[str]
    attempts: int

    @property
    def is_certain(self) -> bool:
        """Nothing to do in HubSpot."""
        return self.maybe == ({self.wanted} - {""})

    @property
    def as_read(self) -> Mapping[str, str]:
        """Names the row while the same list is wanted."""
        return {"contact_id": self.contact_id, "list_wanted": self.wanted}


def known(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> dict[str, RoutedLead]:
    """By contact id; leads that were never routed are left out."""
    found: dict[str, RoutedLead] = {}
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(routings).where(
                routings.c.portal_id == portal_id,
                routings.c.contact_id.in_(part),
            )
        )
        found |= {row.contact_id: _standing(row) for row in rows}
    return found


def _standing(row: sa.Row[Any]) -> RoutedLead:
    return RoutedLead(
        row.contact_id,
        Band(row.band) if row.band else None,
        Band(row.settled) if row.settled else None,
        row.owner_id,
        row.entered_at,
        row.by_run,
        row.list_wanted,
    )


def save(
    conn: Connection,
    portal_id: int,
    standings: Sequence[RoutedLead],
    before: Mapping[str, RoutedLead],
    now: datetime,
) -> None:
    """Store them; a list that is wanted anew is due at once, whatever happened to it before."""
    values = [_row(portal_id, standing) for standing in standings]
    moved, still = [], []
    for standing, row in zip(standings, values, strict=True):
        old = before.get(standing.contact_id)
        if old is not None and old.list_wanted == standing.list_wanted:
            still.append(row)
        else:
            moved.append(row | {"due_at": now, **ANEW})
    keep = ("band", "settled", "owner_id", "entered_at", "by_run", "list_wanted")
    upsert(conn, routings, still, update=keep)
    work = (*keep, "due_at", *ANEW)
    upsert(conn, routings, moved, update=work)


def _row(portal_id: int, standing: RoutedLead) -> dict[str, Any]:
    return {
        "portal_id": portal_id,
        "contact_id": standing.contact_id,
        "band": standing.band.value if standing.band else None,
        "settled": standing.settled.value if standing.settled else None,
        "owner_id": standing.owner_id,
        "entered_at": standing.entered_at,
        "by_run": standing.by_run,
        "list_wanted": standing.list_wanted,
        "list_maybe": [],
    }


def due(
    conn: Connection, portal_id: int, now: datetime, *, limit: int = BATCH_LEADS
) -> list[ListMove]:
    """Oldest first."""
    return [
        ListMove(row.contact_id, row.list_wanted, frozenset(row.list_maybe), row.attempts)
        for row in due_rows.due(conn, LISTS, portal_id, now, limit=limit)
    ]


def widen(conn: Connection, portal_id: int, moves: Iterable[ListMove]) -> None:
    """Before HubSpot is asked: each contact may now also be in the list it is to be in."""
    _each(
        conn,
        portal_id,
        {"list_maybe": sa.bindparam("maybe", type_=sa.JSON)},
        [
            {"cid": move.contact_id, "maybe": sorted((move.maybe | {move.wanted, _ASKED}) - {""})}
            for move in moves
        ],
    )


def arrived(conn: Connection, portal_id: int, moves: Iterable[ListMove]) -> None:
    """HubSpot has them in this list and no other; one that is wanted elsewhere by now stays due."""
    _each(
        conn,
        portal_id,
        {
            "list_maybe": sa.bindparam("maybe", type_=sa.JSON),
            "due_at": sa.case(
                (routings.c.list_wanted == sa.bindparam("into"), None), else_=routings.c.due_at
            ),
            "attempts": 0,
            "problem": "",
        },
        [
            {"cid": m.contact_id, "into": m.wanted, "maybe": sorted({m.wanted} - {""})}
            for m in moves
        ],
    )


def lists_gone(conn: Connection, portal_id: int, names: Collection[str], now: datetime) -> int:
    """Somebody deleted these lists: whoever was in them has to be put into the new ones."""
    rows = conn.execute(
        sa.select(routings.c.contact_id, routings.c.list_maybe).where(
            routings.c.portal_id == portal_id
        )
    ).all()
    hit = [row for row in rows if set(row.list_maybe) & set(names)]
    _each(
        conn,
        portal_id,
        {"list_maybe": sa.bindparam("maybe", type_=sa.JSON), "due_at": now, "parked_at": None},
        [{"cid": row.contact_id, "maybe": sorted(set(row.list_maybe) - set(names))} for row in hit],
    )
    return len(hit)


def move(
    conn: Connection,
    portal_id: int,
    gone: Sequence[str],
    survivor: str,
    lists: Sequence[str],
    now: datetime,
) -> None:
    """Contacts were merged: the survivor stands where the best of them stood.

    Which lists HubSpot keeps it in is not said, so it may be in any of `lists`.
    """
    found = known(conn, portal_id, [*gone, survivor])
    if not found:
        return
    rank = {Band.HIGH: 2, Band.MEDIUM: 1, Band.LOW: 0, None: -1}
    best = max(found.values(), key=lambda standing: rank[standing.settled])
    kept = found.get(survivor) or best
    row = _row(portal_id, kept) | {
        "contact_id": survivor,
        "settled": best.settled.value if best.settled else None,
        "entered_at": best.entered_at,
        "by_run": best.by_run,
        "list_maybe": [*lists, _ASKED],
        "due_at": now,
    }
    upsert(conn, routings, [row])


def heard(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> None:
    """A person confirmed that these leads of a run get their tasks."""
    for part in slices(contact_ids):
        conn.execute(
            sa.update(routings)
            .where(
                routings.c.portal_id == portal_id,
                routings.c.contact_id.in_(part),
            )
            .values(by_run=False)
        )


def _each(
    conn: Connection,
    portal_id: int,
    values: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    if rows:
        conn.execute(
            sa.update(routings)
            .where(routings.c.portal_id == portal_id, routings.c.contact_id == sa.bindparam("cid"))
            .values(**values),
            [dict(row) for row in rows],
        )
