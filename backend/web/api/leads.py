"""Leads: found, filtered, explained, scored again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from backend.config import Settings
from backend.errors import NotFound
from backend.ports import Clock
from backend.scoring.text.plain_text import visible
from backend.scoring.values.words import source_name
from backend.security.cipher import Cipher
from backend.security.roles import Permission
from backend.storage.database import RowMapping
from backend.storage.leads import lead_list, person_words
from backend.storage.leads.lead_list import LeadFilter, Order
from backend.storage.leads.people import of_contact
from backend.storage.portals import owners
from backend.web.api.framework.endpoints import Call, Routes, Table
from backend.web.api.framework.paging import cursor_of, place_of
from backend.web.api.framework.people import person_of, shown_name
from backend.web.api.framework.shapes import Line, Nothing, PageQuery, Shape, days_before

routes = Routes()
PORTAL = "/portals/<int:portal_id>"
Band = Literal["High", "Medium", "Low"]


class LeadQuery(PageQuery):
    """`q` is a contact id, or whole words of a name, or an email address, or a part of a company's
    name. `days`: leads that became known within so many days; 0: all. `next_action` finds leads to
    work, so it leaves out those that a holdout leaves without follow-up."""

    state: Literal["scored", "waiting", "parked", "not_a_lead"] = "scored"
    band: list[Band] = Field(default_factory=list)
    next_action: list[Literal["Call", "Email", "Nurture"]] = Field(default_factory=list)
    score_min: int = Field(default=0, ge=0, le=100)
    score_max: int = Field(default=100, ge=0, le=100)
    owner: Line = ""
    source: Line = ""
    segment: Line = ""
    days: int = Field(default=0, ge=0, le=3650)
    q: Line = ""
    sort: Literal["best", "worst", "changed"] = "best"


class LeadRow(Shape):
    """One line of the list. `score` is null where there is none."""

    contact_id: str
    name: str
    company: str
    score: int | None
    band: str
    next_action: str
    chance: float | None
    owner: str
    source: str
    segment: str
    changed_at: datetime | None
    waiting: bool
    parked_at: datetime | None
    problem: str
    attempts: int
    not_a_lead: str


class LeadPage(Shape):
    """`next` is the cursor of the next page, null on the last."""

    items: list[LeadRow]
    next: str | None


class Choice(Shape):
    """One value of a filter."""

    value: str
    label: str
    leads: int


class Summary(Shape):
    """`distribution[s]` is the number of leads with score s, 0-100, under the filter."""

    leads: int
    distribution: list[int]


class FilterChoices(Shape):
    """What the filters can be, most leads first."""

    owners: list[Choice]
    sources: list[Choice]
    segments: list[Choice]


@routes.get(f"{PORTAL}/leads", needs=Permission.READ_LEADS, query=LeadQuery, answer=LeadPage)
def list_leads(call: Call[LeadQuery, Nothing]) -> LeadPage:
    """A page of leads."""
    order = lead_list.order_of(call.query.state, call.query.sort)
    place = _place(call.query.cursor, order)
    limit = call.query.limit
    with call.product.stores.database.read() as conn:
        wanted = _filter(
            call.product.stores.clock, call.product.stores.settings, call.portal_id, call.query
        )
        rows = lead_list.page(conn, call.portal_id, wanted, order, place, limit + 1)
        names = owners.names(conn, call.product.stores.cipher, call.portal_id)
    found = [_row(call.product.stores.cipher, call.portal_id, row, names) for row in rows[:limit]]
    more = len(rows) > limit
    return LeadPage(items=found, next=_cursor(rows[limit - 1], order) if more else None)


@routes.get(f"{PORTAL}/leads.csv", needs=Permission.READ_LEADS, query=LeadQuery, answer=None)
def download(call: Call[LeadQuery, Nothing]) -> Table:
    """Every lead of the filter as CSV, all pages in one."""
    return Table("leads", _csv(call))


@routes.get(f"{PORTAL}/leads/summary", needs=Permission.READ_LEADS, query=LeadQuery, answer=Summary)
def summary(call: Call[LeadQuery, Nothing]) -> Summary:
    """How many leads the filter finds, and their scores."""
    with call.product.stores.database.read() as conn:
        wanted = _filter(
            call.product.stores.clock, call.product.stores.settings, call.portal_id, call.query
        )
        if wanted.state != "scored":
            count = lead_list.count(conn, call.portal_id, wanted)
            return Summary(leads=count, distribution=[0] * 101)
        counts = lead_list.counts_by_score(conn, call.portal_id, wanted)
    return Summary(leads=sum(counts), distribution=counts)


@routes.get(f"{PORTAL}/leads/choices", needs=Permission.READ_LEADS, answer=FilterChoices)
def choices(call: Call[Nothing, Nothing]) -> FilterChoices:
    """Owners, sources and segments to filter by."""
    with call.product.stores.database.read() as conn:
        by_owner = lead_list.values_of(conn, call.portal_id, "owner_id")
        by_source = lead_list.values_of(conn, call.portal_id, "lead_source")
        by_segment = lead_list.values_of(conn, call.portal_id, "segment")
        names = owners.names(conn, call.product.stores.cipher, call.portal_id)
    return FilterChoices(
        owners=[
            Choice(value=value, label=names.get(value, f"Owner {value}"), leads=n)
            for value, n in by_owner
        ],
        sources=[Choice(value=value, label=source_name(value), leads=n) for value, n in by_source],
        segments=[Choice(value=value, label=value, leads=n) for value, n in by_segment],
    )


def _filter(clock: Clock, settings: Settings, portal_id: int, query: LeadQuery) -> LeadFilter:
    text = query.q.strip()
    is_id = text.isascii() and text.isdigit()
    words = [] if is_id else person_words.words_in(text)
    secret = settings.session_secret
    return LeadFilter(
        state=query.state,
        bands=tuple(query.band),
        next_actions=tuple(query.next_action),
        score_min=query.score_min,
        score_max=query.score_max,
        owner_id=query.owner,
        lead_source=query.source,
        segment=query.segment,
        known_since=days_before(clock.now(), query.days),
        contact_id=text if is_id else "",
        word_macs=tuple(person_words.macs_of(secret, portal_id, words))
        if text and not is_id
        else None,
        company="" if is_id else text,
    )


def _place(cursor: str, order: Order) -> list[Any] | None:
    place = place_of(cursor, order.kinds)
    if place is None:
        return None
    try:
        return lead_list.parsed_place(place, order)
    except ValueError:
        raise NotFound("the cursor is not one of ours: begin with the first page") from None


def _cursor(row: RowMapping, order: Order) -> str:
    values = lead_list.place_of(row, order)
    return cursor_of([v.isoformat() if isinstance(v, datetime) else v for v in values])


def _row(cipher: Cipher, portal_id: int, row: RowMapping, names: dict[str, str]) -> LeadRow:
    person = person_of(cipher, portal_id, of_contact(row["contact_id"]), row["person_sealed"])
    owner = row["owner_id"] or ""
    return LeadRow(
        contact_id=row["contact_id"],
        name=visible(shown_name(person, f"Contact {row['contact_id']}")),
        company=visible(row["company_name"] or ""),
        score=row["score"],
        band=row["band"] or "",
        next_action=(row["next_action"] or "") if row["score"] is not None else "",
        chance=row["chance"] if row["score"] is not None else None,
        owner=names.get(owner, f"Owner {owner}") if owner else "",
        source=source_name(row["lead_source"] or ""),
        segment=row["segment"] or "",
        changed_at=row["changed_at"],
        waiting=row["due_at"] is not None,
        parked_at=row["parked_at"],
        problem=row["problem"] or "",
        attempts=row["attempts"] or 0,
        not_a_lead=row["ineligible_reason"] or "",
    )


def _csv(call: Call[LeadQuery, Nothing]) -> Iterator[list[Any]]:
    names = list(LeadRow.model_fields)
    yield names
    order = lead_list.order_of(call.query.state, call.query.sort)
    with call.product.stores.database.read() as conn:
        wanted = _filter(
            call.product.stores.clock, call.product.stores.settings, call.portal_id, call.query
        )
        named = owners.names(conn, call.product.stores.cipher, call.portal_id)
        for row in lead_list.walk(conn, call.portal_id, wanted, order):
            item = _row(call.product.stores.cipher, call.portal_id, row, named)
            yield [getattr(item, name) for name in names]
