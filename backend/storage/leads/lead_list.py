"""Pages of leads: filtered, in an order, from where the last page ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.slices import SLICE
from backend.storage.leads import person_words
from backend.storage.outbox.holdouts import held_out
from backend.storage.tables.leads import lead_summaries, leads

State = Literal["scored", "waiting", "parked", "not_a_lead"]
Sort = Literal["best", "worst", "changed"]


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """What to look for; empty values ask for nothing. Who asks for leads by what is to be done with
    them gets none that an experiment holds out."""

    state: State = "scored"
    bands: tuple[str, ...] = ()
    next_actions: tuple[str, ...] = ()
    score_min: int = 0
    score_max: int = 100
    owner_id: str = ""
    lead_source: str = ""
    segment: str = ""
    known_since: datetime | None = None
    contact_id: str = ""
    word_macs: tuple[str, ...] | None = None  # None: no name is asked for
    company: str = ""  # a part of its name; with `word_macs` one of the two has to hold


@dataclass(frozen=True, slots=True)
class Order:
    """Columns that together are unique, all in one direction."""

    columns: tuple[sa.Column[Any], ...]
    descending: bool

    @property
    def kinds(self) -> tuple[type, ...]:
        """Of a cursor's values; times travel as text."""
        return tuple(int if isinstance(c.type, sa.Integer) else str for c in self.columns)


s, k = lead_summaries.c, leads.c
_SCORED: Final = {
    "best": Order((s.score, s.unclamped, s.contact_id), descending=True),
    "worst": Order((s.score, s.unclamped, s.contact_id), descending=False),
    "changed": Order((s.changed_at, s.contact_id), descending=True),
}
_OTHERS: Final = {
    "waiting": Order((k.due_at, k.contact_id), descending=False),
    "parked": Order((k.parked_at, k.contact_id), descending=True),
    "not_a_lead": Order((k.ineligible_reason, k.contact_id), descending=False),
}
_OF_STATE: Final = {
    "waiting": sa.and_(k.due_at.is_not(None), k.parked_at.is_(None)),
    "parked": k.parked_at.is_not(None),
    "not_a_lead": k.ineligible_reason > "",
}


def order_of(state: State, sort: Sort) -> Order:
    """Scored leads can be sorted; the others come as they wait."""
    return _SCORED[sort] if state == "scored" else _OTHERS[state]


def page(
    conn: Connection,
    portal_id: int,
    wanted: LeadFilter,
    order: Order,
    place: Sequence[Any] | None,
    limit: int,
) -> list[sa.RowMapping]:
    """Rows of `columns()` after `place`, the values of the last row's order columns."""
    query = (
        sa.select(*_columns()).select_from(_joined(wanted)).where(*_conditions(portal_id, wanted))
    )
    if place is not None:
        here = sa.tuple_(*order.columns)
        there = sa.tuple_(
            *(
                sa.literal(value, column.type)
                for value, column in zip(place, order.columns, strict=True)
            )
        )
        query = query.where(here < there if order.descending else here > there)
    sorted_by = [c.desc() if order.descending else c.asc() for c in order.columns]
    return list(conn.execute(query.order_by(*sorted_by).limit(limit)).mappings())


def walk(conn: Connection, portal_id: int, wanted: LeadFilter, order: Order) -> Any:
    """All rows of a filter, page by page."""
    place: Sequence[Any] | None = None
    while True:
        rows = page(conn, portal_id, wanted, order, place, SLICE)
        yield from rows
        if len(rows) < SLICE:
            return
        place = place_of(rows[-1], order)


def place_of(row: sa.RowMapping, order: Order) -> list[Any]:
    """Where a row stands."""
    return [row[column.name] for column in order.columns]


def counts_by_score(conn: Connection, portal_id: int, wanted: LeadFilter) -> list[int]:
    """Number of scored leads by score 0-100 under a filter."""
    found = [0] * 101
    query = (
        sa.select(s.score, sa.func.count().label("n"))
        .select_from(lead_summaries)
        .where(*_conditions(portal_id, wanted))
        .group_by(s.score)
    )
    for row in conn.execute(query):
        found[row.score] = row.n
    return found


def count(conn: Connection, portal_id: int, wanted: LeadFilter) -> int:
    """How many leads a filter finds."""
    query = sa.select(sa.func.count()).select_from(_joined(wanted))
    return int(conn.execute(query.where(*_conditions(portal_id, wanted))).scalar_one())


def _columns() -> list[Any]:
    return [
        sa.func.coalesce(s.contact_id, k.contact_id).label("contact_id"),
        s.score,
        s.unclamped,
        s.band,
        s.next_action,
        s.chance,
        s.owner_id,
        s.lead_source,
        s.segment,
        s.company_name,
        s.changed_at,
        k.person_sealed,
        k.due_at,
        k.parked_at,
        k.problem,
        k.attempts,
        k.ineligible_reason,
    ]


def _joined(wanted: LeadFilter) -> sa.Join:
    same = sa.and_(s.portal_id == k.portal_id, s.contact_id == k.contact_id)
    if wanted.state == "scored":
        return lead_summaries.outerjoin(leads, same)
    return leads.outerjoin(lead_summaries, same)


def _conditions(portal_id: int, wanted: LeadFilter) -> list[sa.ColumnElement[bool]]:
    scored = wanted.state == "scored"
    table = s if scored else k
    found: list[sa.ColumnElement[bool]] = [table.portal_id == portal_id]
    if scored:
        found.append(s.score >= wanted.score_min)  # leaves out what has no score
        if wanted.score_max < 100:
            found.append(s.score <= wanted.score_max)
    else:
        found.append(_OF_STATE[wanted.state])
    if wanted.bands:
        found.append(s.band.in_(wanted.bands))
    if wanted.next_actions:
        found.append(s.next_action.in_(wanted.next_actions))
        found.append(sa.not_(held_out(portal_id, s.contact_id)))
    if wanted.owner_id:
        found.append(s.owner_id == wanted.owner_id)
    if wanted.lead_source:
        found.append(s.lead_source == wanted.lead_source)
    if wanted.segment:
        found.append(s.segment == wanted.segment)
    if wanted.known_since is not None:
        found.append(s.lead_since >= wanted.known_since)
    if wanted.contact_id:
        found.append(table.contact_id == wanted.contact_id)
    return found + _named(portal_id, wanted, table)


def _named(
    portal_id: int, wanted: LeadFilter, table: sa.ColumnCollection[str, sa.Column[Any]]
) -> list[sa.ColumnElement[bool]]:
    """By a person's name or the company's."""
    either: list[sa.ColumnElement[bool]] = []
    if wanted.word_macs is not None:
        either.append(table.contact_id.in_(person_words.matching(portal_id, wanted.word_macs)))
    if wanted.company:
        either.append(s.company_name.icontains(wanted.company, autoescape=True))
    return [sa.or_(*either)] if either else []


def values_of(conn: Connection, portal_id: int, column: str) -> list[tuple[str, int]]:
    """What a filter on `owner_id`, `lead_source` or `segment` can be, most leads first."""
    chosen = lead_summaries.c[column]
    rows = conn.execute(
        sa.select(chosen.label("value"), sa.func.count().label("n"))
        .where(s.portal_id == portal_id, s.score >= 0)
        .group_by(chosen)
        .order_by(sa.desc("n"), chosen)
    )
    return [(row.value, row.n) for row in rows if row.value]


def parsed_place(place: Sequence[Any], order: Order) -> list[Any]:
    """A cursor's values as the columns want them. Raises ValueError."""
    return [
        _aware(str(value)) if isinstance(column.type, sa.types.TypeDecorator) else value
        for value, column in zip(place, order.columns, strict=True)
    ]


def _aware(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without a zone")
    return found
