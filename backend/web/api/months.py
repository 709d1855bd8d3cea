"""A month against the one before it: for Overview, Patterns and Impact."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from backend.errors import NotFound
from backend.security.roles import Permission
from backend.services.learning.cohorts import owners_of
from backend.services.learning.months import Stretch, counted, stretches
from backend.storage import runs
from backend.storage.leads.months import Counts, Whose
from backend.storage.portals import owners, portals
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.shapes import Line, Nothing, Shape
from backend.web.api.impact import Part, part_of

routes = Routes()


class MonthQuery(Shape):
    """`month`: "2026-11"; whose leads, and where from; empty: all."""

    month: Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
    owner: Line = ""
    team: Line = ""
    source: Line = ""


class MonthFigures(Shape):
    """`first` to `last` day. `contacted` to `amount` are of the leads that became High in these
    days; `high` and `mean_score` as of the last day, of all leads, null where not counted."""

    first: date
    last: date
    new_leads: int
    won: int
    lost: int
    win_rate: Part
    became_high: int
    contacted: Part
    met: Part
    opportunities: Part
    high_won: Part
    amount: float
    high: int | None
    mean_score: float | None


class MonthComparison(Shape):
    """`now` is the month that was asked for, as far as it has come; `before` as many days of the
    one before. `counted_at`: when it was last counted what became High and what came of it; null:
    never, and `became_high` to `amount` say nothing yet."""

    counted_at: datetime | None
    now: MonthFigures
    before: MonthFigures
    currency: str


@routes.get(
    "/portals/<int:portal_id>/months",
    needs=Permission.READ_REPORTS,
    query=MonthQuery,
    answer=MonthComparison,
)
def compare_months(call: Call[MonthQuery, Nothing]) -> MonthComparison:
    """A month against the one before it."""
    asked = call.query
    month = date.fromisoformat(f"{asked.month}-01")
    now = call.product.stores.clock.now()
    with call.product.stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
        if month > now.astimezone(portals.zone(portal)).date():
            raise NotFound("that month has not begun")
        mine = owners_of(asked.owner, asked.team, owners.teams(conn, call.portal_id))
        whose = Whose(mine, asked.source)
        this, last = stretches(portal, month, now)
        counted_at, _ = runs.newest_report(conn, call.portal_id, "impact")
        return MonthComparison(
            counted_at=counted_at,
            now=_figures(this, counted(conn, portal, this, whose, now)),
            before=_figures(last, counted(conn, portal, last, whose, now)),
            currency=portals.currency(portal),
        )


def _figures(days: Stretch, found: Counts) -> MonthFigures:
    rates = {
        name: part_of(getattr(found, name), found.became_high)
        for name in ("contacted", "met", "opportunities", "high_won")
    }
    return MonthFigures(
        first=days.first,
        last=days.last,
        win_rate=part_of(found.won, found.won + found.lost),
        **{**asdict(found), **rates},
    )
