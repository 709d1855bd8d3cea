"""Patterns: who scores high, who buys, and where the score was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

from pydantic import Field

from backend.learning.metrics import wilson
from backend.ports import Clock
from backend.scoring.text.plain_text import visible
from backend.scoring.values.words import label, shown, source_name
from backend.security.cipher import Cipher
from backend.security.roles import Permission
from backend.storage import runs
from backend.storage.database import Connection
from backend.storage.leads import patterns
from backend.storage.leads.patterns import (
    ENGAGEMENT_EDGES,
    FIT_EDGES,
    TOUCH_HOURS,
    Chosen,
    Count,
    Miss,
)
from backend.storage.portals import owners, portals
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.people import contact_names
from backend.web.api.framework.shapes import Edges, Line, Nothing, Shape, days_before, edges_of

routes = Routes()
PORTAL = "/portals/<int:portal_id>/patterns"
MISSES_SHOWN = 50
DRIFT_REPORTS = 12  # weekly
UNKNOWN = "unknown"
Trait = Literal[
    "industry", "company_size", "revenue_range", "location", "source", "owner", "technologies"
]
_COLUMN: Mapping[str, patterns.Trait] = {
    "industry": "industry",
    "company_size": "company_size",
    "revenue_range": "revenue_range",
    "location": "location",
    "source": "lead_source",
    "owner": "owner_id",
    "technologies": "technologies",
}


class Filter(Shape):
    """Which leads count. `days`: those that became known within so many days; 0: all."""

    owner: Line = ""
    source: Line = ""
    days: int = Field(default=0, ge=0, le=3650)


class TraitQuery(Filter):
    """What to tell leads apart by."""

    by: Trait = "industry"


class Rate(Shape):
    """Won of `decided` (won or lost) leads, with Wilson's 95 % interval; null of none."""

    won: int
    decided: int
    share: float | None
    low: float | None
    high: float | None


class Group(Shape):
    """Leads of one value. `mean_score` and `high_share` are of those that have a score now."""

    value: str
    label: str
    leads: int
    scored: int
    mean_score: float | None
    high_share: float | None
    conversion: Rate


class Traits(Shape):
    """All leads together, and by value: most leads first."""

    average: Group
    groups: list[Group]


class Cell(Shape):
    """Leads with fit and engagement points in two ranges."""

    fit: str
    engagement: str
    leads: int
    conversion: Rate


class Grid(Shape):
    """Ranges in ascending order, and a cell for every pair that has leads."""

    fit: list[str]
    engagement: list[str]
    cells: list[Cell]


class Touch(Shape):
    """Scored leads of one band by the time until a colleague first called, wrote or met them."""

    band: str
    within: list[str]
    leads: list[int]


class Touches(Shape):
    """High first."""

    bands: list[Touch]


class Surprise(Shape):
    """A lead whose outcome was not what its score before it said."""

    contact_id: str
    name: str
    company: str
    score_before: int
    outcome: str
    outcome_at: datetime | None
    industry: str
    company_size: str
    owner: str


class Surprises(Shape):
    """`missed_gems`: won below Medium. `false_hopes`: lost from High on. The newest of each.

    `judged` are the leads that had a score before their outcome; `since` is when scoring began.
    """

    thresholds: Edges
    since: datetime
    judged: int
    missed_gems_total: int
    missed_gems: list[Surprise]
    false_hopes_total: int
    false_hopes: list[Surprise]


class FieldDrift(Shape):
    """How far a field's values moved since training: the population stability index."""

    field: str
    psi: float
    level: str
    most_moved: str
    share_before: float
    share_now: float


class DriftWeek(Shape):
    """One weekly report."""

    measured_at: datetime
    model_version: int
    leads: int
    level: str
    scores_psi: float | None
    fields: list[FieldDrift]


class Drift(Shape):
    """Newest first."""

    weeks: list[DriftWeek]


@routes.get(f"{PORTAL}/traits", needs=Permission.READ_REPORTS, query=TraitQuery, answer=Traits)
def by_trait(call: Call[TraitQuery, Nothing]) -> Traits:
    """Scores and conversion by industry, size, revenue, region, source, owner or technology."""
    column = _COLUMN[call.query.by]
    with call.product.stores.database.read() as conn:
        chosen = _chosen(call.product.stores.clock, call.query)
        counts = patterns.by_trait(conn, call.portal_id, column, chosen)
        everyone = patterns.overall(conn, call.portal_id, chosen)
        names = owners.names(conn, call.product.stores.cipher, call.portal_id)
    ranked = sorted(counts.items(), key=lambda item: (-item[1].leads, item[0]))
    return Traits(
        average=_group("", "All leads", everyone),
        groups=[_group(value, _label(column, value, names), n) for value, n in ranked],
    )


@routes.get(f"{PORTAL}/grid", needs=Permission.READ_REPORTS, query=Filter, answer=Grid)
def fit_by_engagement(call: Call[Filter, Nothing]) -> Grid:
    """Leads by fit points and engagement points, with the conversion since scoring began."""
    with call.product.stores.database.read() as conn:
        began = portals.get(conn, call.portal_id).created_at
        chosen = replace(_chosen(call.product.stores.clock, call.query), decided_since=began)
        counts = patterns.grid(conn, call.portal_id, chosen)
    fit, engagement = _ranges(FIT_EDGES), _ranges(ENGAGEMENT_EDGES)
    cells = [
        Cell(fit=fit[i], engagement=engagement[j], leads=n.leads, conversion=_rate(n))
        for (i, j), n in sorted(counts.items())
    ]
    return Grid(fit=fit, engagement=engagement, cells=cells)


@routes.get(f"{PORTAL}/touches", needs=Permission.READ_REPORTS, query=Filter, answer=Touches)
def first_touches(call: Call[Filter, Nothing]) -> Touches:
    """How soon leads of each band are first called, written to or met."""
    with call.product.stores.database.read() as conn:
        counts = patterns.touches(
            conn, call.portal_id, _chosen(call.product.stores.clock, call.query)
        )
    within = [*(_hours(hours) for hours in TOUCH_HOURS), "later", "never"]
    return Touches(
        bands=[
            Touch(
                band=band,
                within=within,
                leads=[counts.get((band, place), 0) for place in range(len(within))],
            )
            for band in ("High", "Medium", "Low")
        ]
    )


@routes.get(f"{PORTAL}/surprises", needs=Permission.READ_LEADS, query=Filter, answer=Surprises)
def surprises(call: Call[Filter, Nothing]) -> Surprises:
    """Where the score was wrong: won in spite of a low one, lost in spite of a high one."""
    with call.product.stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
        edges, since = edges_of(portal), portal.created_at
        chosen = replace(_chosen(call.product.stores.clock, call.query), decided_since=since)
        judged = patterns.judged_leads(
            conn, call.portal_id, chosen, medium=edges.medium, high=edges.high
        )
        gem_rows = patterns.misses(
            conn,
            call.portal_id,
            chosen,
            outcome="won",
            low=0,
            high=edges.medium - 1,
            limit=MISSES_SHOWN,
        )
        hope_rows = patterns.misses(
            conn,
            call.portal_id,
            chosen,
            outcome="lost",
            low=edges.high,
            high=100,
            limit=MISSES_SHOWN,
        )
        told = _surprises(conn, call.product.stores.cipher, call.portal_id, [*gem_rows, *hope_rows])
    return Surprises(
        thresholds=edges,
        since=since,
        judged=judged.leads,
        missed_gems_total=judged.missed_gems,
        missed_gems=told[: len(gem_rows)],
        false_hopes_total=judged.false_hopes,
        false_hopes=told[len(gem_rows) :],
    )


@routes.get(f"{PORTAL}/drift", needs=Permission.READ_REPORTS, answer=Drift)
def drift(call: Call[Nothing, Nothing]) -> Drift:
    """The weekly reports on whether today's leads look like those the model was trained on."""
    with call.product.stores.database.read() as conn:
        reports = runs.reports(conn, call.portal_id, "drift", DRIFT_REPORTS)
    return Drift(weeks=[_week(at, report) for at, report in reports])


def _week(at: datetime, report: Mapping[str, Any]) -> DriftWeek:
    scores = report["scores"]
    return DriftWeek(
        measured_at=at,
        model_version=report["model_version"],
        leads=report["leads"],
        level=report["level"],
        scores_psi=None if scores is None else scores["psi"],
        fields=[
            FieldDrift(
                **{name: one[name] for name in FieldDrift.model_fields if name != "field"},
                field=label(one["field"]),
            )
            for one in report["fields"]
        ],
    )


def _chosen(clock: Clock, query: Filter) -> Chosen:
    return Chosen(query.owner, query.source, days_before(clock.now(), query.days))


def _group(value: str, label: str, count: Count) -> Group:
    return Group(
        value=value,
        label=label,
        leads=count.leads,
        scored=count.scored,
        mean_score=count.points / count.scored if count.scored else None,
        high_share=count.high / count.scored if count.scored else None,
        conversion=_rate(count),
    )


def _rate(count: Count) -> Rate:
    if not count.decided:
        return Rate(won=0, decided=0, share=None, low=None, high=None)
    low, high = wilson(count.won, count.decided)
    share = count.won / count.decided
    return Rate(won=count.won, decided=count.decided, share=share, low=low, high=high)


def _label(column: str, value: str, names: Mapping[str, str]) -> str:
    if not value:
        return "nobody" if column == "owner_id" else UNKNOWN
    if column == "owner_id":
        return names.get(value, f"Owner {value}")
    if column == "lead_source":
        return source_name(value)
    return visible(shown(column, value))


def _ranges(edges: tuple[int, ...]) -> list[str]:
    inner = [f"{low + 1:+d} to {high:+d}" for low, high in pairwise(edges)]
    return [f"{edges[0]:+d} or less", *inner, f"more than {edges[-1]:+d}"]


def _hours(hours: int) -> str:
    if hours < 24:
        return f"{hours} h"
    return f"{hours // 24} day{'s' if hours > 24 else ''}"


def _surprises(
    conn: Connection, cipher: Cipher, portal_id: int, rows: list[Miss]
) -> list[Surprise]:
    names = owners.names(conn, cipher, portal_id)
    people = contact_names(conn, cipher, portal_id, [row.contact_id for row in rows])
    return [
        Surprise(
            contact_id=row.contact_id,
            name=people[row.contact_id],
            company=visible(row.company_name),
            score_before=row.score_before,
            outcome=row.outcome,
            outcome_at=row.outcome_at,
            industry=visible(shown("industry", row.industry)),
            company_size=row.company_size,
            owner=names.get(row.owner_id, f"Owner {row.owner_id}") if row.owner_id else "",
        )
        for row in rows
    ]
