"""Due leads and the claim protocol: how nothing is scored twice and nothing is forgotten.

Marking a lead due increments its `due_version`. A claim stores a token, the claimed version and an
expiry. Finishing requires the token, and clears *due* only if the version is unchanged: an event
that arrives while a lead is being scored makes it due again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import (
    BATCH_LEADS,
    CLAIM_S,
    CLOCK_LEAP_S,
    FIRST_EVENT_DELAY_S,
    QUIET_MAX_S,
    QUIET_S,
)
from backend.model import Urgency
from backend.slices import slices
from backend.storage.database import upsert
from backend.storage.outbox.due_rows import ANEW
from backend.storage.tables.leads import leads
from backend.storage.tables.portals import portals
from backend.vocabulary import Cause

RANK = {Urgency.PERSON: 0, Urgency.EVENT: 1, Urgency.BACKFILL: 2}
LAPSED = "scoring this lead was cut off each time: out of time or memory, or killed"
_URGENCY = {rank: urgency for urgency, rank in RANK.items()}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A lead that this worker alone may score until the claim lapses."""

    contact_id: str
    token: str
    version: int
    urgency: Urgency
    cause: str
    refresh: bool
    attempts: int
    event_at: datetime | None


def mark_due(
    conn: Connection,
    portal_id: int,
    contact_ids: Iterable[str],
    urgency: Urgency,
    now: datetime,
    *,
    cause: str,
    refresh: bool,
    coalesce: bool = True,
) -> None:
    """Make leads due. A quiet lead is due after 0.5 s (at once for people and backfills);
    repeats wait for 2 s of quiet, at most 30 s. A failed lead is taken up again.

    Without `coalesce` an event's lead is due at once and a waiting one is not put off: the event
    has waited already.
    """
    ids = sorted(set(contact_ids))
    for part in slices(ids):
        _mark(conn, portal_id, part, urgency, now, cause, refresh, coalesce=coalesce)


def _mark(
    conn: Connection,
    portal_id: int,
    ids: Sequence[str],
    urgency: Urgency,
    now: datetime,
    cause: str,
    refresh: bool,
    *,
    coalesce: bool,
) -> None:
    upsert(conn, leads, [{"portal_id": portal_id, "contact_id": i} for i in ids], update=())
    rank = RANK[urgency]
    first = now + timedelta(seconds=FIRST_EVENT_DELAY_S if urgency is Urgency.EVENT else 0)
    quiet = now + timedelta(seconds=QUIET_S)
    these = sa.and_(leads.c.portal_id == portal_id, leads.c.contact_id.in_(ids))
    waiting = leads.c.due_at.is_not(None)
    if urgency is Urgency.EVENT and coalesce:
        # A repeat: put off while events keep coming, never beyond QUIET_MAX_S after the first.
        latest = now - timedelta(seconds=QUIET_MAX_S - QUIET_S)
        due_at = sa.case(
            (~waiting, first),
            (leads.c.urgency == RANK[Urgency.BACKFILL], first),
            (leads.c.due_since <= latest, leads.c.due_at),
            else_=sa.literal(quiet, leads.c.due_at.type),
        )
    else:
        due_at = sa.case((waiting & (leads.c.due_at < now), leads.c.due_at), else_=now)
    conn.execute(
        sa.update(leads)
        .where(these)
        .values(
            due_version=leads.c.due_version + 1,
            due_at=due_at,
            due_since=sa.case((waiting, leads.c.due_since), else_=now),
            event_at=sa.func.coalesce(leads.c.event_at, now)
            if urgency is not Urgency.BACKFILL
            else leads.c.event_at,
            urgency=sa.case((waiting & (leads.c.urgency < rank), leads.c.urgency), else_=rank),
            cause=sa.case((waiting & (leads.c.urgency < rank), leads.c.cause), else_=cause),
            refresh=sa.true() if refresh else leads.c.refresh,
            **ANEW,
        )
    )


def claim(
    conn: Connection,
    portal_id: int,
    urgency: Urgency,
    now: datetime,
    *,
    limit: int = BATCH_LEADS,
    contact_ids: Sequence[str] | None = None,
) -> list[Claimed]:
    """Up to `limit` leads due at `now` of exactly this urgency (or the named ones, whatever
    theirs), oldest first.

    A claim that was not given back counts as an attempt of its leads: whoever held it was killed or
    ran out of time. Half of them are then taken at once, later half of those, so that the lead that
    did it stands alone before long; leads of other batches are not mixed in.
    """
    free = _unclaimed(now)
    query = (
        sa.select(leads)
        .where(
            leads.c.portal_id == portal_id,
            leads.c.due_at <= now,
            leads.c.parked_at.is_(None),
            free,
        )
        .order_by(leads.c.due_at, leads.c.contact_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if contact_ids is None:
        query = query.where(leads.c.urgency == RANK[urgency])
    else:
        query = query.where(leads.c.contact_id.in_(contact_ids))
    rows = _of_one_batch(conn, portal_id, conn.execute(query).all())
    token = secrets.token_hex(16)
    if rows:
        conn.execute(
            sa.update(leads)
            .where(
                leads.c.portal_id == portal_id,
                leads.c.contact_id.in_([row.contact_id for row in rows]),
            )
            .values(
                claim_token=token,
                claim_version=leads.c.due_version,
                claim_expires_at=now + timedelta(seconds=CLAIM_S),
                attempts=leads.c.attempts + (1 if rows[0].claim_token else 0),
            )
        )
    return [
        Claimed(
            row.contact_id,
            token,
            row.due_version,
            _URGENCY[row.urgency],
            row.cause,
            row.refresh,
            row.attempts + (1 if row.claim_token else 0),
            row.event_at,
        )
        for row in rows
    ]


def _of_one_batch(
    conn: Connection, portal_id: int, rows: Sequence[sa.Row[Any]]
) -> Sequence[sa.Row[Any]]:
    """The leads nobody held; or, when the oldest was in a batch that lapsed, half of that batch."""
    if not rows or not rows[0].claim_token:
        return [row for row in rows if not row.claim_token]
    token = rows[0].claim_token
    size = _count(conn, portal_id, leads.c.claim_token == token)
    return [row for row in rows if row.claim_token == token][: max(1, size // 2)]


def park_lapsed(conn: Connection, portal_id: int, now: datetime, attempts: int) -> list[str]:
    """Park leads that were alone in their batch when it lapsed, after so many attempts."""
    alone = (
        sa.select(leads.c.claim_token)
        .where(leads.c.portal_id == portal_id, leads.c.claim_token.is_not(None))
        .group_by(leads.c.claim_token)
        .having(sa.func.count() == 1)
    )
    parked_now = conn.execute(
        sa.update(leads)
        .where(
            leads.c.portal_id == portal_id,
            leads.c.claim_token.in_(alone),
            leads.c.claim_expires_at <= now,
            leads.c.attempts >= attempts,
            leads.c.due_at.is_not(None),
        )
        .values(
            claim_token=None,
            claim_version=None,
            claim_expires_at=None,
            attempts=leads.c.attempts + 1,
            parked_at=now,
            due_at=None,
            problem=LAPSED,
        )
        .returning(leads.c.contact_id)
    )
    return [row.contact_id for row in parked_now]


def _unclaimed(now: datetime) -> sa.ColumnElement[bool]:
    """Free, lapsed, or claimed by a clock that has been set back far since."""
    impossible = now + timedelta(seconds=CLAIM_S + CLOCK_LEAP_S)
    expires_at = leads.c.claim_expires_at
    return sa.or_(expires_at.is_(None), expires_at <= now, expires_at > impossible)


def renew(conn: Connection, portal_id: int, token: str, now: datetime) -> int:
    """Push the expiry of all leads of a claim; the number still held."""
    return conn.execute(
        sa.update(leads)
        .where(leads.c.portal_id == portal_id, leads.c.claim_token == token)
        .values(claim_expires_at=now + timedelta(seconds=CLAIM_S))
    ).rowcount


def release_all(conn: Connection) -> None:
    """No claim is held: their workers died with another database."""
    conn.execute(
        sa.update(leads)
        .where(leads.c.claim_token.is_not(None))
        .values(claim_token=None, claim_version=None, claim_expires_at=None)
    )


def held(conn: Connection, portal_id: int, token: str) -> set[str]:
    """Contact ids this claim still holds, locked until the transaction ends."""
    rows = conn.execute(
        sa.select(leads.c.contact_id)
        .where(leads.c.portal_id == portal_id, leads.c.claim_token == token)
        .with_for_update()
    )
    return {row.contact_id for row in rows}


def finish(conn: Connection, portal_id: int, done: Sequence[Claimed]) -> None:
    """The scores of these versions are saved; *due* is cleared unless something newer came."""
    if not done:
        return
    statement = (
        sa.update(leads)
        .where(
            leads.c.portal_id == portal_id,
            leads.c.contact_id == sa.bindparam("cid"),
            leads.c.claim_token == sa.bindparam("token"),
        )
        .values(
            due_at=_unless_newer(None, leads.c.due_at),
            due_since=_unless_newer(None, leads.c.due_since),
            event_at=_unless_newer(None, leads.c.event_at),
            refresh=_unless_newer(False, leads.c.refresh),
            scored_version=sa.bindparam("version"),
            claim_token=None,
            claim_version=None,
            claim_expires_at=None,
            attempts=0,
            problem="",
        )
    )
    conn.execute(
        statement, [{"cid": c.contact_id, "token": c.token, "version": c.version} for c in done]
    )


def _unless_newer(value: object, current: sa.ColumnElement[Any]) -> sa.Case[Any]:
    return sa.case(
        (leads.c.due_version == leads.c.claim_version, sa.literal(value, current.type)),
        else_=current,
    )


@dataclass(frozen=True, slots=True)
class Setback:
    """A lead that could not be scored: due again at `due_at`, or failed when that is None."""

    claimed: Claimed
    problem: str
    due_at: datetime | None
    attempts: int


def set_back(conn: Connection, portal_id: int, setbacks: Sequence[Setback], now: datetime) -> None:
    """Give claims back, with the reason kept on the lead. What was claimed has failed: a lead that
    changed meanwhile is due as its newer event says, with fresh attempts."""
    for setback in setbacks:
        values: dict[str, object] = {
            "claim_token": None,
            "claim_version": None,
            "claim_expires_at": None,
            "attempts": _unless_newer(setback.attempts, sa.literal(0)),
            "due_at": _unless_newer(setback.due_at, leads.c.due_at),
            "problem": setback.problem[:500],
        }
        if setback.due_at is None:
            values["parked_at"] = _unless_newer(now, leads.c.parked_at)
        conn.execute(
            sa.update(leads)
            .where(
                leads.c.portal_id == portal_id,
                leads.c.contact_id == setback.claimed.contact_id,
                leads.c.claim_token == setback.claimed.token,
            )
            .values(**values)
        )


@dataclass(frozen=True, slots=True)
class DueCount:
    """Due, unparked, unclaimed leads of one portal and urgency."""

    portal_id: int
    urgency: Urgency
    leads: int
    next_due_at: datetime


def due_counts(conn: Connection, now: datetime, portal_id: int | None = None) -> list[DueCount]:
    """What waits, by connected portal and urgency; lapsed claims count as waiting."""
    query = (
        sa.select(
            leads.c.portal_id,
            leads.c.urgency,
            sa.func.count().label("n"),
            sa.func.min(leads.c.due_at).label("next_due_at"),
        )
        .join(portals, portals.c.portal_id == leads.c.portal_id)
        .where(
            portals.c.state == "connected",
            leads.c.due_at.is_not(None),
            leads.c.parked_at.is_(None),
            _unclaimed(now),
        )
        .group_by(leads.c.portal_id, leads.c.urgency)
    )
    if portal_id is not None:
        query = query.where(leads.c.portal_id == portal_id)
    return [
        DueCount(row.portal_id, _URGENCY[row.urgency], row.n, row.next_due_at)
        for row in conn.execute(query)
    ]


def next_due_at(
    conn: Connection, portal_id: int, urgency: Urgency, now: datetime
) -> datetime | None:
    """When the next lead of this urgency is due that nobody holds (or whose claim has lapsed);
    None when none waits. Reads one row, however many wait."""
    query = (
        sa.select(leads.c.due_at)
        .where(
            leads.c.portal_id == portal_id,
            leads.c.urgency == RANK[urgency],
            leads.c.due_at.is_not(None),
            leads.c.parked_at.is_(None),
            _unclaimed(now),
        )
        .order_by(leads.c.due_at)
        .limit(1)
    )
    found: datetime | None = conn.execute(query).scalar_one_or_none()
    return found


def any_unfinished(conn: Connection, portal_id: int, urgency: Urgency, cause: str) -> bool:
    """Whether a lead is still due for this cause, claimed or not; reads one row."""
    query = (
        sa.select(leads.c.contact_id)
        .where(
            leads.c.portal_id == portal_id,
            leads.c.urgency == RANK[urgency],
            leads.c.cause == cause,
            leads.c.due_at.is_not(None),
            leads.c.parked_at.is_(None),
        )
        .limit(1)
    )
    return conn.execute(query).first() is not None


def unfinished(
    conn: Connection,
    portal_id: int,
    urgency: Urgency | None = None,
    *,
    cause: str | None = None,
) -> int:
    """Leads still due, claimed ones included, failed ones not."""
    query = (
        sa.select(sa.func.count())
        .select_from(leads)
        .where(
            leads.c.portal_id == portal_id,
            leads.c.due_at.is_not(None),
            leads.c.parked_at.is_(None),
        )
    )
    if urgency is not None:
        query = query.where(leads.c.urgency == RANK[urgency])
    if cause is not None:
        query = query.where(leads.c.cause == cause)
    return int(conn.execute(query).scalar_one())


def quiet(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> set[str]:
    """Which of these are neither due nor being scored nor failed."""
    found: set[str] = set()
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(leads.c.contact_id).where(
                leads.c.portal_id == portal_id,
                leads.c.contact_id.in_(part),
                leads.c.due_at.is_(None),
                leads.c.claim_token.is_(None),
                leads.c.parked_at.is_(None),
            )
        )
        found |= {row.contact_id for row in rows}
    return found


def set_people(conn: Connection, portal_id: int, people: Mapping[str, str]) -> None:
    """Store sealed names; creates the rows of new contacts."""
    upsert(
        conn,
        leads,
        [
            {"portal_id": portal_id, "contact_id": contact_id, "person_sealed": sealed}
            for contact_id, sealed in people.items()
        ],
        update=("person_sealed",),
    )


def set_ineligible(conn: Connection, portal_id: int, reasons: Mapping[str, str]) -> None:
    """Why each contact is not scored; "" makes it a lead again."""
    if reasons:
        conn.execute(
            sa.update(leads)
            .where(
                leads.c.portal_id == portal_id,
                leads.c.contact_id == sa.bindparam("cid"),
            )
            .values(ineligible_reason=sa.bindparam("reason")),
            [{"cid": cid, "reason": reason} for cid, reason in reasons.items()],
        )


def contact_ids(
    conn: Connection, portal_id: int, *, after: str = "", limit: int = 500
) -> list[str]:
    """Known contacts in id order, for walking all of them in slices."""
    rows = conn.execute(
        sa.select(leads.c.contact_id)
        .where(leads.c.portal_id == portal_id, leads.c.contact_id > after)
        .order_by(leads.c.contact_id)
        .limit(limit)
    )
    return [row.contact_id for row in rows]


def replay(
    conn: Connection,
    portal_id: int,
    now: datetime,
    contact_ids: Sequence[str] | None = None,
    *,
    cause: str | None = None,
) -> int:
    """Take failed leads up again: all, the named ones, or those with this last error. Two replays
    at once are one: the second waits and finds none failed. Returns how many."""
    query = (
        sa.select(leads.c.contact_id)
        .where(leads.c.portal_id == portal_id, leads.c.parked_at.is_not(None))
        .with_for_update()
    )
    if contact_ids is not None:
        query = query.where(leads.c.contact_id.in_(contact_ids))
    if cause is not None:
        query = query.where(leads.c.problem == cause)
    ids = [row.contact_id for row in conn.execute(query)]
    mark_due(conn, portal_id, ids, Urgency.EVENT, now, cause=Cause.REPLAY, refresh=True)
    return len(ids)


def call_off(conn: Connection, portal_id: int, cause: str) -> int:
    """Leads that wait only for this cause and that nobody works on are not due any more."""
    gone = conn.execute(
        sa.update(leads)
        .where(
            leads.c.portal_id == portal_id,
            leads.c.cause == cause,
            leads.c.due_at.is_not(None),
            leads.c.claim_token.is_(None),
        )
        .values(due_at=None, due_since=None)
    )
    return gone.rowcount


def come_again(
    conn: Connection,
    portal_id: int,
    contact_ids: Sequence[str],
    due_at: datetime,
    *,
    cause: Cause = Cause.PROVIDER_BACK,
) -> None:
    """Scored for now without a provider that is away: due again later, without an event."""
    if contact_ids:
        conn.execute(
            sa.update(leads)
            .where(
                leads.c.portal_id == portal_id,
                leads.c.contact_id.in_(contact_ids),
                leads.c.due_at.is_(None),
            )
            .values(
                due_version=leads.c.due_version + 1,
                due_at=due_at,
                due_since=due_at,
                urgency=RANK[Urgency.BACKFILL],
                cause=cause,
            )
        )


def bring_forward(conn: Connection, portal_id: int, now: datetime) -> int:
    """Leads that wait for a provider or for tomorrow's budget are due now; how many."""
    brought = conn.execute(
        sa.update(leads)
        .where(
            leads.c.portal_id == portal_id,
            leads.c.cause.in_((Cause.PROVIDER_BACK, Cause.EVENT_COMPLETED)),
            leads.c.due_at > now,
            leads.c.claim_token.is_(None),
        )
        .values(due_at=now, due_since=now)
    )
    return brought.rowcount


def row(conn: Connection, portal_id: int, contact_id: str) -> sa.RowMapping | None:
    """One lead as stored, or None."""
    return (
        conn.execute(
            sa.select(leads).where(leads.c.portal_id == portal_id, leads.c.contact_id == contact_id)
        )
        .mappings()
        .first()
    )


def hold(conn: Connection, portal_id: int, contact_id: str) -> None:
    """Whoever else decides about this lead waits until the transaction ends."""
    conn.execute(
        sa.select(leads.c.contact_id)
        .where(leads.c.portal_id == portal_id, leads.c.contact_id == contact_id)
        .with_for_update()
    )


def parked(conn: Connection, portal_id: int) -> int:
    """Leads failed after their retries, waiting for a person."""
    return _count(conn, portal_id, leads.c.parked_at.is_not(None))


def still_due(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> int:
    """How many of these are due or being scored; failed ones are not."""
    left = 0
    for part in slices(contact_ids):
        query = (
            sa.select(sa.func.count())
            .select_from(leads)
            .where(
                leads.c.portal_id == portal_id,
                leads.c.contact_id.in_(part),
                leads.c.due_at.is_not(None),
                leads.c.parked_at.is_(None),
                leads.c.cause.not_in((Cause.PROVIDER_BACK, Cause.EVENT_COMPLETED)),
            )
        )
        left += int(conn.execute(query).scalar_one())
    return left


def problems(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> dict[str, str]:
    """Why each of these is not scored: not eligible, or failed with its last error."""
    found = {}
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(leads.c.contact_id, leads.c.ineligible_reason, leads.c.problem).where(
                leads.c.portal_id == portal_id,
                leads.c.contact_id.in_(part),
                sa.or_(leads.c.ineligible_reason != "", leads.c.parked_at.is_not(None)),
            )
        )
        for row in rows:
            found[row.contact_id] = row.ineligible_reason or row.problem
    return found


def people(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> dict[str, str]:
    """Sealed names by contact id."""
    found: dict[str, str] = {}
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(leads.c.contact_id, leads.c.person_sealed).where(
                leads.c.portal_id == portal_id,
                leads.c.contact_id.in_(part),
                leads.c.person_sealed.is_not(None),
            )
        )
        found |= {row.contact_id: row.person_sealed for row in rows}
    return found


def ineligible(conn: Connection, portal_id: int) -> int:
    """Contacts that are no leads."""
    return _count(conn, portal_id, leads.c.ineligible_reason != "")


def count(conn: Connection, portal_id: int) -> int:
    """All known contacts."""
    return _count(conn, portal_id, sa.true())


def _count(conn: Connection, portal_id: int, which: sa.ColumnElement[bool]) -> int:
    query = (
        sa.select(sa.func.count()).select_from(leads).where(leads.c.portal_id == portal_id, which)
    )
    return int(conn.execute(query).scalar_one())
